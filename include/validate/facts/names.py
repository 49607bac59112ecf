"""Proper names of a text that its source does not have."""

import re
from functools import lru_cache
from itertools import pairwise

from include.ingest.ngrams import fold_words
from include.validate.facts.capitals import Capital, capitals, folded, is_title, run_of, speakers
from include.validate.facts.dates import FORMS, WEEKDAYS
from include.validate.facts.lexicon import is_common, may_be_formed
from include.validate.facts.name_lists import ABBREVIATIONS, NO_PLACES, OPENERS, PLACES, TITLES, related
from include.validate.facts.words import SOURCES_KEPT, without_options

_PLACED = re.compile(r"\b(?:in|at|from|near|around|outside)\s\Z")
# What follows a name at the start of a sentence, but no verb or adjective that happens to be a rare word.
_ACTS = re.compile(
    r"['’]s\b|\s(?:is|was|has|had|will|would|can|could|may|might|must|should|did|does|and [A-Z]|\w{2,}ed|said|says|"
    r"tells|told|adds|writes|wrote|lives|works|runs|makes|made|goes|went|wants|needs|takes|took|gives|gave|comes|came|gets|"
    r"got|becomes|became|begins|began|plays|leads|led|owns|keeps|kept|thinks|thought|knows|knew|explains|holds|held|lies|lay|"
    r"stands|stood|saw|sees|won|wins|beat|beats|lost|grew|found|left|sold|bought|built|taught|ran)\b"
)
_CAPITAL = re.compile(r"[A-ZÀ-ÖØ-Þ][\w'’-]+")
_ROMAN_NUMBER = re.compile(r"[IVXLC]+")
_TWO = re.compile(r"[A-Z][a-z]+ [A-Z][a-z]+")
_ENDINGS = ("s", "es", "ian", "ean", "an", "n", "ish", "ese", "ic", "er", "ers", "i", "ans", "ians")
SHOUTED = 10
"""Words of a line all in capitals from which on it is no heading: there rare words look as names do."""
NEAR = 40
"""Characters of the source between two words that may belong to one name: "Ezra and Saul Pickering"."""


def new_names(text: str, source: str) -> int:
    """How many different names the text has that its source does not, and pairs of the source's names joined anew.

    A name is a word with a capital letter inside a sentence, or at its start if it is no English word.
    """
    text = without_options(text)
    known = _words_of(source)
    excused: frozenset[str] | None = None
    found: set[str] = set()
    for line in text.split("\n"):
        if all(known.issuperset(folded(word)) for word in _CAPITAL.findall(line)) and not may_join_anew(line, source):
            continue
        excused = known | speakers(text) | related(known) if excused is None else excused
        words = capitals(line)
        if len(words) > SHOUTED and line.isupper():
            continue
        title = is_title(line, words)
        for place, word in enumerate(words):
            is_new = not _is_known(word, excused, source) and _is_name(words, place, line, title)
            if is_new and not _is_spelt_out(run_of(words, place, line), source):
                found |= word.unknown(known)
        if not title:
            found |= _joined_anew(words, line, source, known)
    return len(found)


@lru_cache(maxsize=SOURCES_KEPT)
def _words_of(source: str) -> frozenset[str]:
    return frozenset(fold_words(source))


def may_join_anew(text: str, source: str) -> bool:
    """Whether two words with capitals stand together that the source does not have so."""
    return any(two not in source and two[: two.index(" ")] not in OPENERS for two in _TWO.findall(text))


def _is_known(word: Capital, known: frozenset[str], source: str) -> bool:
    if known.issuperset(word.folded) or not word.unknown(known) or _ROMAN_NUMBER.fullmatch(word.text):
        return True
    whole = "".join(word.folded)
    if whole in known or whole in ABBREVIATIONS:
        return True
    if whole in FORMS or whole.removesuffix("s") in WEEKDAYS:
        return True  # dates have a check of their own
    if (len(whole) > 4 or not word.text[1:].islower()) and (whole in source.lower() or word.text in source):
        return True  # of a hashtag, an address, a compound, "5GHz"
    return any(
        whole.removesuffix(ending) in known or whole.removesuffix(ending) + "e" in known
        for ending in _ENDINGS
        if whole.endswith(ending) and len(whole) - len(ending) > 2
    )


def _is_name(words: list[Capital], place: int, line: str, title: bool) -> bool:
    word = words[place]
    lower = word.text.lower()
    if lower in TITLES:
        return False
    run = run_of(words, place, line)
    common, alone = is_common(lower), len(run) == 1
    if common and run[-1] != word and not is_common(run[-1].text.lower()):
        return False  # "Director Frieda Holm": what somebody is
    if word.text.isupper():
        return not common and not (title and may_be_formed(lower))
    if title:
        return not common
    if word.starts_sentence:
        return not common and not may_be_formed(lower) and not (alone and not _ACTS.match(line, word.end))
    # "Bath" for "Bristol": where a common word is or belongs to a name.
    placed = lower not in NO_PLACES and _PLACED.search(line, max(0, word.start - 9), word.start) is not None
    return not common or not alone or placed


def _is_spelt_out(run: list[Capital], source: str) -> bool:
    """An abbreviation of words of the source, the words of one of its abbreviations, or its words without the space."""
    lowered = source.lower()
    initials = "".join(word.text[0] for word in run)
    if len(run) > 1 and ("".join(word.text for word in run).lower() in lowered or _has_word(initials, source)):
        return True
    if len(run) > 2 and _has_word(initials[1:], source):
        return True
    letters = [letter for word in run if word.text.isupper() for letter in word.text.lower()]
    between = r"\w*[\s-]+(?:(?:of|and|the|for|in|de)\s+)*"
    return 2 <= len(letters) <= 6 and re.search(r"\b" + between.join(letters), lowered) is not None


def _has_word(word: str, text: str) -> bool:
    return re.search(rf"\b{re.escape(word)}\b", text) is not None


def _joined_anew(words: list[Capital], line: str, source: str, known: frozenset[str]) -> set[str]:
    """Words with a capital, one behind the other, that are nowhere near each other in the source: "Coldwater Lane" of
    "the Coldwater footbridge" and "Mill Lane", or "Mill Road" of "Mill Lane"."""
    found = set()
    for first, second in pairwise(words):
        one, other = " ".join(first.folded), " ".join(second.folded)
        beside = line[first.end : second.start] == " " and not first.starts_sentence and one in known
        if not beside or first.text.lower() in TITLES - PLACES or min(len(one), len(other)) < 3:
            continue
        if other in known:
            named = other in PLACES or not (is_common(one) or is_common(other))
            is_new = named and not _are_near(first.text, second.text, source)
        else:
            behind = re.search(rf"\b{re.escape(first.text)}\s+([A-Z]\w+)", source)
            is_new = other in PLACES and behind is not None and behind[1].lower() in PLACES
        if is_new:
            found.add(f"{one} {other}")
    return found


def _are_near(first: str, second: str, source: str) -> bool:
    one, other = re.escape(first), re.escape(second)
    pattern = rf"{one}.{{0,{NEAR}}}{other}|{other}.{{0,{NEAR}}}{one}"
    return re.search(pattern, source, re.IGNORECASE | re.DOTALL) is not None
