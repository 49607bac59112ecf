"""Finds where a source gives a language model orders: prompt injections that a page's author planted.

Wider than what ingest keeps out (:mod:`include.ingest.quality.orders`): there a hit costs a page, here it only makes
the gate look at what the output says. Where such orders hide: Greshake et al., arXiv 2302.12173.
"""

import re
from collections.abc import Set
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from include.ingest.quality.orders import find_orders
from include.validate.marks import matching
from include.validate.orders.cues import ACT, CUE, CUE_OTHER, FOREIGN
from include.validate.orders.disguise import DISGUISED, visible
from include.validate.orders.english import DO, ENGLISH, OUTPUT
from include.validate.orders.languages import OTHER
from include.validate.orders.signs import ANY_ASKED, ANY_WHOM, addresses, shows_signs
from include.validate.orders.strangers import is_strange, is_topic
from include.validate.orders.units import HIDDEN, sentences, unwrap

_CONTINUES = re.compile(
    rf"\s*\W*(?:(?:also|then|instead|next|finally|in addition|additionally|moreover|and|but|second(?:ly)?|"
    rf"first(?:ly)?|third(?:ly)?|\d[.)])\W+)*"
    rf"(?:(?:you|your)\b|{DO}\b)",
    re.IGNORECASE,
)
_TO_A_WRITER = re.compile(
    rf"\b(?:you|your|{OUTPUT}|readers?|users?|words?|sentences?|phrases?|text|say|mention|tell|write|print|"
    rf"answer|reply|respond|repeat|include|insert|append|link|poem|praise|recommend|describe|claim|speech|"
    rf"language)\b",
    re.IGNORECASE,
)
_PATTERNS = [re.compile(pattern, re.IGNORECASE) for pattern in (*ENGLISH, *OTHER)]
# Without upper limits, and without the borders of words that RE2 knows in ASCII only, each finds at least what Python
# finds.
_WIDE = [
    f"(?i){re.sub(r'{0,[0-9]{2,}}', '*', pattern)}"
    for pattern in (*ENGLISH, *(pattern.replace(r"\b", "") for pattern in OTHER))
]
_FOREIGN_CUE = re.compile(FOREIGN, re.IGNORECASE)
_PATTERN_OTHER = re.compile("|".join(OTHER), re.IGNORECASE)
QUOTED = re.compile(
    r"\"[^\"\n]*\"|“[^”\n]*”|„[^“”\n]*[“”]|«[^»\n]*»|(?<!\w)'[^'\n]{8,}'(?!\w)|(?<!\w)‘[^’\n]{8,}’(?!\w)"
)
FEW = 40
"""Texts in which Python is faster with the patterns: Arrow compiles each of them anew."""
GREETING = 8
"""Words of a sentence that may do no more than say whom the next one is for."""
TELLING = 3
"""Words around a quotation that make a sentence tell of it."""


@dataclass(frozen=True)
class Orders:
    """What of a source gives orders, and what does not."""

    orders: tuple[str, ...]
    rest: str
    foreign: bool
    """An order is not in English: its words need not come back where it is obeyed."""
    reported: bool
    """All orders stand in quotation marks of a sentence that tells of them: a page on such orders, perhaps."""


def find_all(sources: pa.Array) -> list[tuple[int, Orders]]:
    """The rows of ``sources`` that give orders, ascending, with these."""
    # Two passes: one pattern for both is slower than either.
    cued = pc.or_(
        pc.match_substring_regex(sources, f"(?i){CUE}"),
        pc.match_substring_regex(sources, f"{CUE_OTHER}|{DISGUISED}"),
    )
    rows = np.flatnonzero(cued.to_numpy(zero_copy_only=False)).tolist()
    given = sources.take(pa.array(rows, pa.int64()))
    disguised = set(matching(given, f"{DISGUISED}|&\\w").tolist())
    distinct: dict[str, int] = {}  # one page is given to several recipes
    texts = [
        unwrap(visible(source) if number in disguised else source) for number, source in enumerate(given.to_pylist())
    ]
    place = [distinct.setdefault(text, len(distinct)) for text in texts]
    found = _find_each(list(distinct))
    return [(row, orders) for row, number in zip(rows, place, strict=True) if (orders := found[number]) is not None]


@dataclass(frozen=True)
class _Known:
    """What some texts hold."""

    cued: Set[str]
    """Those with a word without which there is no order."""
    acting: Set[str]
    """Of them, and of pairs that they begin, those with a word that asks for something."""
    signing: Set[str]
    """Of these, those that may show signs of an order."""
    ordering: Set[str]
    """Those with the wording of an order."""


def _find_each(texts: list[str]) -> list[Orders | None]:
    hidden = [[match[0] for match in HIDDEN.finditer(text)] for text in texts]
    known = _known({span for spans in hidden for span in spans})
    taken = [
        [span for span in spans if _is_order(span, known, hidden=True) or (span in known.acting and is_strange(span))]
        for spans in hidden
    ]
    rests = [
        HIDDEN.sub(lambda match, spans=spans: "\n" if match[0] in spans else match[0], text) if spans else text  # type: ignore[misc]
        for text, spans in zip(texts, taken, strict=True)
    ]
    parts = [sentences(rest) for rest in rests]
    # With the next one, too: some orders go on after a full stop.
    known = _known({text for part in parts for text in part}, {pair for part in parts for pair in pairwise(part)})
    return [_orders(spans, part, known) for spans, part in zip(taken, parts, strict=True)]


def _known(texts: Set[str], pairs: Set[tuple[str, str]] = frozenset()) -> _Known:
    """Look for known wordings in all ``texts``, and in the ``pairs`` of them, at once: Arrow runs each pattern."""
    begun = set(_having(list(texts), CUE))
    going_on = {first + second for first, second in pairs if first in begun and _goes_on(first, second)}
    acting = _having([*begun, *going_on], ACT)
    ordering = {text for text in acting if find_orders(text) is not None}
    if len(acting) <= FEW:
        ordering.update(text for text in acting if any(pattern.search(text) for pattern in _PATTERNS))
    else:
        column = pa.array(acting, pa.string())
        for wide, pattern in zip(_WIDE, _PATTERNS, strict=True):
            ordering.update(acting[row] for row in matching(column, wide) if pattern.search(acting[row]))
    return _Known(begun, set(acting), set(_having(_having(acting, ANY_WHOM), ANY_ASKED)), ordering)


def _goes_on(first: str, second: str) -> bool:
    greets = len(first.split()) <= GREETING
    return (greets or _CONTINUES.match(second) is not None) and (
        addresses(first) or _FOREIGN_CUE.search(first) is not None
    )


def _having(texts: list[str], pattern: str) -> list[str]:
    column = pa.array(texts, pa.string())
    found = pc.or_(pc.match_substring_regex(column, f"(?i){pattern}"), pc.match_substring_regex(column, CUE_OTHER))
    return column.filter(found).to_pylist()  # type: ignore[no-any-return]


def _is_order(text: str, known: _Known, hidden: bool = False) -> bool:
    return text in known.ordering or (text in known.signing and shows_signs(text, hidden))


def _orders(hidden: list[str], parts: list[str], known: _Known) -> Orders | None:
    """The orders among a source's hidden spans and sentences."""
    found, kept = list(hidden), list[str]()
    follows = pair = False
    telling = [_is_told(span) for span in hidden]
    strange = _strange(parts, known)
    for sentence, behind in zip(parts, [*parts[1:], ""], strict=True):
        second, pair = pair, False
        if sentence in strange or _is_order(sentence, known):
            telling.append(_is_told(sentence))
            follows = True
        elif behind not in known.ordering and _begins_one(sentence, sentence + behind, known):
            follows = pair = True
        elif follows and not second and sentence.strip():
            follows = found[-1].rstrip().endswith(":") or bool(
                _CONTINUES.match(sentence) and _TO_A_WRITER.search(sentence)
            )
        (found if follows else kept).append(sentence)
    if not found:
        return None
    foreign = any(_PATTERN_OTHER.search(order) for order in found)
    return Orders(tuple(found), "".join(kept), foreign, bool(telling) and all(telling))


def _strange(parts: list[str], known: _Known) -> Set[str]:
    """Sentences that want something of a machine, on a page that is not about machines."""
    strange = {part for part in parts if part in known.acting and is_strange(part)}
    return strange if strange and not any(part not in strange and is_topic(part) for part in parts) else set()


def _begins_one(sentence: str, both: str, known: _Known) -> bool:
    return sentence in known.cued and _is_order(both, known)


def _is_told(sentence: str) -> bool:
    """Whether only what it quotes is an order."""
    around = QUOTED.sub(" ", sentence)
    if len(around.split()) < TELLING or around == sentence:
        return False
    return not (is_strange(around) or shows_signs(around) or any(pattern.search(around) for pattern in _PATTERNS))
