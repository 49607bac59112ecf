"""False alarms on real pages, and exchanged figures, months and names that must be seen."""

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from bench import gold
from include.validate.checks.new_personal_data import new_personal_data
from include.validate.facts.addresses import new_urls
from include.validate.facts.dates import MONTHS
from include.validate.facts.figures import new_numbers
from include.validate.facts.lexicon import is_common, is_english
from include.validate.facts.names import new_names
from include.validate.facts.new_dates import new_dates

Count = Callable[[str, str], int]
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_NAME = r"(?<=[a-z] )[A-Z][a-z]{3,}(?= [a-z])"
_MONTH = rf"\b(?:{'|'.join(month.capitalize() for month in MONTHS if month != 'may')})\b"
_NUMBER = r"(?<![\w.,:-])[1-9]\d{2,4}(?![\w.,:]\d|[\d-])"
DATES = {
    form.capitalize()
    for form in (*MONTHS, "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
}


@pytest.fixture(scope="module")
def texts(shared_data: Path) -> list[str]:
    pages = (page.text[:1500] for page in gold.load(shared_data / "html_gold")[::2])
    return [text for text in pages if len(text) > 400 and is_english(text)]


@pytest.mark.parametrize(
    ("check", "allowed"),
    [(new_numbers, 0.0), (new_dates, 0.02), (new_names, 0.02), (new_urls, 0.0), (new_personal_data, 0.01)],
)
def test_a_page_shortened_and_in_another_order_says_nothing_new(texts: list[str], check: Count, allowed: float) -> None:
    draw = random.Random(0)
    alarms = 0
    for text in texts:
        sentences = [sentence for sentence in _SENTENCE_END.split(text) if sentence.strip()]
        draw.shuffle(sentences)
        alarms += check("\n".join(sentences[: max(2, len(sentences) * 2 // 3)]), text) > 0
    assert len(texts) > 150
    assert alarms <= allowed * len(texts)


@pytest.mark.parametrize(
    ("pattern", "check", "share"), [(_NAME, new_names, 0.9), (_MONTH, new_dates, 0.95), (_NUMBER, new_numbers, 0.9)]
)
def test_what_is_exchanged_for_another_pages_is_seen(
    texts: list[str], pattern: str, check: Count, share: float
) -> None:
    draw = random.Random(0)
    found = [match for text in texts for match in re.findall(pattern, text) if match not in DATES or check is new_dates]
    pool = [word for word in found if check is not new_names or not is_common(word.lower())]
    swapped = seen = 0
    for text in texts:
        places = list(re.finditer(pattern, text))
        other = [word for word in draw.sample(pool, 20) if word.lower() not in text.lower()]
        if places and other:
            place = draw.choice(places)
            swapped += 1
            seen += check(f"{text[: place.start()]}{other[0]}{text[place.end() :]}", text) > 0
    assert swapped > 30
    assert seen >= share * swapped
