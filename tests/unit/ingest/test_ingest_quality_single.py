"""The rules one text at a time, as ``ingest/page.py`` asks them."""

import pytest
from warc_files import PROSE

from include.ingest import quality
from include.params import IngestParams


def test_quality_signals_are_what_they_say() -> None:
    signals = quality.measure("The mill #1 has 2 wheels...\n- and 3 doors\n- and 3 doors\n\nthe end…")
    assert signals.words == 16
    assert signals.symbol_word_ratio == 3 / 16
    assert signals.alphabetic_words == 1 - 6 / 16
    assert signals.bullet_lines == 2 / 4
    assert signals.ellipsis_lines == 2 / 4
    assert signals.stop_words == 2
    assert signals.duplicate_line_share == 1 / 4
    assert signals.mean_word_length == pytest.approx(49 / 16)


def test_the_first_broken_rule_decides_and_says_by_how_much() -> None:
    signals = quality.measure("One two three.")
    assert quality.judge(signals, IngestParams(), "en") == ("too_few_words", "3 is below 50")
    assert quality.judge(quality.measure(PROSE), IngestParams(), "en") is None


def test_english_stop_words_are_not_asked_of_other_languages() -> None:
    signals = quality.measure("Die alte Mühle steht am Fluss, und im Frühling steigt das Wasser. " * 8)
    params = IngestParams(max_duplicate_line_share=1)
    assert quality.judge(signals, params, "de") is None
    assert quality.judge(signals, params, "en") == ("stop_words", "0 is below 2")
