"""Which way a figure goes: "rose by 57 %", "from 9 to 14", "210 metres higher"."""

import re

_UP = "rose|risen|rises?|rising|gr[eo]wn?|grows|growing|increase[sd]?|increasing|climbed|climbs|gained|jumped|up"
_DOWN = (
    "fell|fallen|falls?|falling|shr[aiu]nks?|shrinking|decrease[sd]?|decreasing|declined|declines|dropped|drops|s[aiu]nk|"
    "sank|sinks|down"
)
_MORE = "more|higher|longer|taller|larger|bigger|older|later|faster|heavier|wider|deeper"
_LESS = "less|fewer|lower|shorter|smaller|younger|earlier|slower|lighter|narrower|shallower"
_FIGURE = r"[$£€]?(\d[\d.,]*\d|\d)"
_COUNTED = r"(?:\s(?:%|[a-z]+)){0,2}"
MOVED = rf"\b(?:(?:{_UP})|(?:{_DOWN}))\sby\s|\d{_COUNTED}\s(?:{_MORE}|{_LESS})\b"
"""A fast look says where one may stand."""
_BY = re.compile(rf"\b(?:({_UP})|{_DOWN})\sby\s(?:about\s|nearly\s|almost\s|over\s|some\s)?{_FIGURE}")
_BEYOND = re.compile(rf"{_FIGURE}(?:\s?%)?{_COUNTED}\s(?:({_MORE})|{_LESS})\b")


def turned_measures(text: str, source: str) -> int:
    """How many figures go up in the text and down in the source, or the other way round."""
    said = _moves(text)
    given = _moves(source) if said else set()
    return sum((figure, not up) in given - said for figure, up in said - given)


def _moves(text: str) -> set[tuple[str, bool]]:
    """Figures, each with whether it is one of more."""
    lower = text.lower()
    return {(figure, bool(up)) for up, figure in _BY.findall(lower)} | {
        (figure, bool(more)) for figure, more in _BEYOND.findall(lower)
    }
