"""Figures that changed places: "a 12 mm spanner, a 17 mm washer" for the other way round."""

import re
from itertools import combinations

from include.validate.facts.polarity import content

# Begins with one digit, not with what must not stand before it: only so does Python's re skip quickly.
_FIGURE = re.compile(r"\d(?<![\w.,:/-]\d)(?:[\d.,:]*\d)?(?![\w:-])")
_CLAUSE = re.compile(r"[;!?\n|]|[.,](?=\s)|\s(?:but|and|while|whereas)\s")


def swapped_figures(text: str, source: str) -> int:
    """How many pairs of figures stand in the text each with words of the other's clause in the source, and none of its
    own; both must stand once, and alone in their clause, in text and source."""
    said, given = _FIGURE.findall(text), _FIGURE.findall(source)
    shared = [figure for figure in said if said.count(figure) == given.count(figure) == 1]
    if shared == sorted(shared, key=given.index):
        return 0
    turned = [(one, other) for one, other in combinations(shared, 2) if given.index(one) > given.index(other)]
    here, there = _alone(text), _alone(source)
    return sum(
        one in here
        and one in there
        and other in here
        and other in there
        and _belongs(content(here[one]), content(there[other]), content(there[one]))
        and _belongs(content(here[other]), content(there[one]), content(there[other]))
        for one, other in turned
    )


def _alone(text: str) -> dict[str, str]:
    """The clauses with one figure, without it."""
    clauses = [(_FIGURE.findall(clause), clause) for clause in _CLAUSE.split(text)]
    return {figures[0]: clause.replace(figures[0], "") for figures, clause in clauses if len(figures) == 1}


def _belongs(here: frozenset[str], other: frozenset[str], own: frozenset[str]) -> bool:
    return bool(here & (other - own)) and not here & (own - other)
