"""Who beat whom: two names around a word for it, in either voice."""

import re

_NAME = r"[A-Z][\w'’-]+(?: [A-Z][\w'’-]+){0,2}"
_BEATS = (
    r"beat|beats|beating|defeat(?:s|ed|ing)?|overtook|overtakes|outran|outscored|outplayed|ahead of|faster than|"
    r"better than|w[io]n(?:s|ning)? (?:against|over)|prevail(?:s|ed)? over|triumph(?:s|ed)? over|got the better of"
)
_LOSES = (
    r"los[te](?:s|ing)? (?:\d+[-–]\d+ )?(?:to|against)|succumb(?:s|ed)? to|behind|slower than|worse than|"
    r"(?:beaten|defeated|overtaken|outrun) by"
)
_CUES = (
    "beat", "defeat", "overt", "outran", "outrun", "outsc", "outpl", "ahead of", "faster than", "better than",
    "slower than", "worse than", "won against", "won over", "win against", "win over", "wins ", "winning ", "prevail",
    "triumph", "got the better", "lost ", "lose ", "loses ", "losing ", "succumb", "behind ",
)  # fmt: skip
"""One of them is in every wording of the two lists; found much faster than those."""
_SIGNS = (
    "beat beats beating beaten defeat defeats defeated defeating overtook overtakes overtaken outran outrun outscored "
    "outplayed ahead faster better slower worse won win wins winning prevail prevails prevailed triumph triumphs "
    "triumphed lost lose loses losing succumb succumbs succumbed behind"
)
SIGNS = tuple(_SIGNS.split())
"""A text without any of these words says nothing of who beat whom."""
_BEFORE, _BEHIND = 150, 80
"""Characters around a cue in which its names stand."""
# No capital between the first name and the word: the name next to it is meant.
_PAIR = re.compile(rf"({_NAME})[^.!?\nA-Z]{{0,80}}?\b(?:({_BEATS})|{_LOSES})\s(?:the\s)?({_NAME})")
# RE2 knows digits and white space of ASCII only: generous, since it only chooses what is read.
TOLD = rf"(?:{_BEATS}|{_LOSES})\W(?:the\W)?[A-Z]".replace(r"\d", r"\pN")
"""In RE2's syntax, a word of who beat whom and the name behind it: without one no pair is told."""


def turned_roles(text: str, source: str) -> int:
    """How many pairs of names are winner and loser in the text, and the other way round in the source."""
    said = _pairs(text)
    given = _pairs(source) if said else set()
    # A text that has both tells of two meetings.
    return sum((loser, winner) in given - said for winner, loser in said - given)


def _pairs(text: str) -> set[tuple[str, str]]:
    """Last names of winner and loser."""
    found = set()
    for cue in _CUES:
        place = text.find(cue)
        while place >= 0:
            for first, beats, second in _PAIR.findall(text, max(0, place - _BEFORE), place + _BEHIND):
                ends = first.split()[-1].lower(), second.split()[-1].lower()
                found.add(ends if beats else (ends[1], ends[0]))
            place = text.find(cue, place + 1)
    return found
