"""Words with capitals that are no names by themselves, and places with what is named after them."""

from functools import cache

from include.validate.facts.lexicon import FOLDER

_PLACES = "lake river bay cape island street road avenue lane square north south east west"
_TITLES = (
    f"{_PLACES} mr mrs ms miss dr prof professor sir dame lord lady king queen prince princess president mayor "
    "councillor captain st saint mt mount sea ocean isle islands county city town village state university college "
    "school church museum hotel northern southern eastern western central new old great upper lower mother father "
    "uncle aunt grandma grandpa mum dad brother sister the an"
)
_ABBREVIATIONS = (
    "ok tv id am pm ad bc bce ce ai it faq diy cv pdf usb gps dvd cd gdp uk us usa eu un ceo km kg cm mm mb gb etc vs "
    "ie eg mhz ghz mbit gbit kwh mwh mph rpm dpi gdpr sms dna rna url www http https html app pc hr vip nb ps tbd asap"
)
_OPENERS = (
    "The In On At From To Of By For With As And But Or If When While Where Who Whom What Which Why How Is Are Was Were "
    "Do Does Did Had Has Have Can Could May Must Should Will Would Each Every All Both This That These Those His Her "
    "Its Our Their After Before Since Until During Under Over About Between Today Then So Also Even Question Answer"
)
_NO_PLACES = "figure table section part chapter step phase act article world earth heaven hell god internet web"

PLACES = frozenset(_PLACES.split())
"""What names of places are made with."""
TITLES = frozenset(_TITLES.split())
"""What a rewriting may write with a capital beside a name of the source."""
ABBREVIATIONS = frozenset(_ABBREVIATIONS.split())
"""Ordinary words by now."""
OPENERS = frozenset(_OPENERS.split())
"""They begin sentences, not names."""
NO_PLACES = frozenset(_NO_PLACES.split())
"""Words that may have a capital behind "in" without being places."""


def related(known: frozenset[str]) -> frozenset[str]:
    """Every form of the places and peoples among the words, where endings do not tell ("Denmark", "Danish", "Dane")."""
    groups = _groups()
    return frozenset(form for word in groups.keys() & known for form in groups[word])


@cache
def _groups() -> dict[str, frozenset[str]]:
    lines = (FOLDER / "demonyms.txt").read_text(encoding="ascii").splitlines()
    groups = [frozenset(line.split()) for line in lines if line and not line.startswith("#")]
    return {word: group for group in groups for word in group}
