"""The rules over stored signals: the published bounds, and datatrove's verdicts."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pydantic import ValidationError
from warc_files import PROSE

from bench.quality import PARAMS, digest
from bench.quality_texts import variations
from include.ingest.quality import SIGNALS, decide, signals
from include.ingest.quality.params import C4Params, FineWebParams, GopherQualityParams, QualityParams
from include.ingest.quality.rules import bounds

RECORDED = Path(__file__).parent / "datatrove_verdicts.txt"
GOOD = dict.fromkeys(SIGNALS.names, 0) | {
    **{"characters": 900, "words": 150, "pieces": 170, "lines": 4, "mean_word_length": 4.5, "alphabetic_words": 0.9},
    **{"stop_words": 6, "line_punct_ratio": 0.9, "sentences": 9, "ended_sentences": 9},
}
STRICT = QualityParams(c4=C4Params(terminal_punctuation=True))


def decided(params: QualityParams = QualityParams(), language: str | None = "en", **changed: float) -> tuple[str, str]:  # noqa: B008
    table = pa.Table.from_pylist([GOOD | changed], schema=SIGNALS)
    reason, detail = decide(table, pa.array([language], pa.string()), params)
    return reason[0].as_py(), detail[0].as_py()


@pytest.mark.parametrize(
    ("signal", "allowed", "broken", "reason", "detail"),
    [
        ("words", 50, 49, "too_few_words", "49 is below 50"),
        ("words", 100_000, 100_001, "too_many_words", "100001 is above 100000"),
        ("mean_word_length", 3, 2.9, "word_length", "2.9 is below 3"),
        ("mean_word_length", 10, 10.5, "word_length", "10.5 is above 10"),
        ("symbol_word_ratio", 0.1, 0.11, "symbol_ratio", "0.11 is above 0.1"),
        ("alphabetic_words", 0.8, 0.79, "alphabetic_words", "0.79 is below 0.8"),
        ("bullet_lines", 0.9, 0.91, "bullet_lines", "0.91 is above 0.9"),
        ("ellipsis_lines", 0.3, 0.31, "ellipsis_lines", "0.31 is above 0.3"),
        ("stop_words", 2, 1, "stop_words", "1 is below 2"),
        ("duplicate_lines", 0.3, 0.31, "duplicate_lines", "0.31 is above 0.3"),
        ("duplicate_line_characters", 0.2, 0.21, "duplicate_line_characters", "0.21 is above 0.2"),
        ("duplicate_paragraphs", 0.3, 0.31, "duplicate_paragraphs", "0.31 is above 0.3"),
        ("duplicate_paragraph_characters", 0.2, 0.21, "duplicate_paragraph_characters", "0.21 is above 0.2"),
        ("top_2_gram", 0.2, 0.21, "top_2_gram", "0.21 is above 0.2"),
        ("top_3_gram", 0.18, 0.19, "top_3_gram", "0.19 is above 0.18"),
        ("top_4_gram", 0.16, 0.17, "top_4_gram", "0.17 is above 0.16"),
        ("duplicate_5_gram", 0.15, 0.16, "duplicate_5_gram", "0.16 is above 0.15"),
        ("duplicate_6_gram", 0.14, 0.15, "duplicate_6_gram", "0.15 is above 0.14"),
        ("duplicate_7_gram", 0.13, 0.14, "duplicate_7_gram", "0.14 is above 0.13"),
        ("duplicate_8_gram", 0.12, 0.13, "duplicate_8_gram", "0.13 is above 0.12"),
        ("duplicate_9_gram", 0.11, 0.12, "duplicate_9_gram", "0.12 is above 0.11"),
        ("duplicate_10_gram", 0.1, 0.11, "duplicate_10_gram", "0.11 is above 0.1"),
        ("ended_lorem_ipsum_lines", 0, 1, "lorem_ipsum", "1 is above 0"),
        ("ended_curly_bracket_lines", 0, 1, "curly_bracket", "1 is above 0"),
        ("ended_sentences", 5, 4, "too_few_sentences", "4 is below 5"),
        ("line_punct_ratio", 0.12, 0.11, "line_punctuation", "0.11 is below 0.12"),
        ("short_line_ratio", 0.67, 0.68, "short_lines", "0.68 is above 0.67"),
        ("char_duplicates_ratio", 0.01, 0.011, "duplicate_characters", "0.011 is above 0.01"),
        ("new_line_ratio", 0.3, 0.31, "list", "0.31 is above 0.3"),
    ],
)
def test_the_published_bounds(signal: str, allowed: float, broken: float, reason: str, detail: str) -> None:
    assert decided(STRICT, **{signal: allowed}) == (None, None)
    assert decided(STRICT, **{signal: broken}) == (reason, detail)


def test_c4_can_count_lines_without_an_end() -> None:
    assert decided(sentences=4) == ("too_few_sentences", "4 is below 5")
    assert decided(ended_sentences=4) == (None, None)
    assert decided(curly_bracket_lines=1)[0] == "curly_bracket"
    assert decided(STRICT, curly_bracket_lines=1) == (None, None)


def test_the_first_broken_rule_decides() -> None:
    assert decided(words=3, sentences=0, new_line_ratio=9, top_2_gram=1)[0] == "too_few_words"
    assert decided(sentences=0, new_line_ratio=9, top_2_gram=1)[0] == "top_2_gram"
    assert (
        decided(QualityParams(rules=("fineweb", "c4")), words=3, sentences=0, new_line_ratio=9)[0]
        == "too_few_sentences"
    )


def test_a_rule_that_is_off_decides_nothing() -> None:
    assert decided(QualityParams(rules=()), words=3, top_2_gram=1, sentences=0, new_line_ratio=9) == (None, None)


@pytest.mark.parametrize(
    ("language", "changed", "reason"),
    [
        ("de", {"stop_words": 0}, None),
        (None, {"stop_words": 0}, None),
        ("de", {"words": 3}, "too_few_words"),
        ("ja", {"words": 3, "mean_word_length": 80, "sentences": 0, "new_line_ratio": 1}, None),
        ("ja", {"duplicate_lines": 0.5}, "duplicate_lines"),
    ],
)
def test_rules_are_asked_of_the_languages_they_fit(language: str, changed: dict[str, float], reason: str) -> None:
    assert decided(language=language, **changed)[0] == reason


def test_a_threshold_changes_without_the_texts() -> None:
    stored = signals(pa.array([PROSE]))
    english = pa.array(["en"])
    words = stored["words"][0].as_py()
    for least, reason in ((words, None), (words + 1, "too_few_words")):
        params = QualityParams(rules=("gopher_quality",), gopher_quality=GopherQualityParams(min_words=least))
        assert decide(stored, english, params)[0].to_pylist() == [reason]


def test_rows_without_signals_break_nothing() -> None:
    table = signals(pa.array([None, "Too short."]))
    languages = pa.chunked_array([pa.array([None], pa.string()), pa.array(["en"])])
    assert decide(table, languages, QualityParams())[0].to_pylist() == [None, "too_few_words"]


def test_rules_of_a_batch_need_only_their_columns() -> None:
    fineweb = QualityParams(rules=("fineweb",))
    table = signals(pa.array([PROSE])).select([bound.signal for bound in bounds(fineweb)])
    assert decide(table, pa.array(["en"]), fineweb)[0].to_pylist() == [None]


@pytest.mark.parametrize(
    "wrong", [{"max_short_line_ratio": 1.5}, {"max_short_lines": 0.5}, {"min_line_punct_ratio": "x"}]
)
def test_bounds_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        FineWebParams.model_validate(wrong)


def test_verdicts_agree_with_datatroves() -> None:
    """Recorded by ``bench.quality --record`` on variations of the sample's articles, 150 each."""
    names, *lines = RECORDED.read_text().splitlines()
    recorded = dict(line.split() for line in lines)
    known = [(text, recorded[digest(text)]) for _, text in variations() if digest(text) in recorded]
    assert len(known) > 4_000, "the sample has changed: record datatrove's verdicts anew"
    table = signals(pa.array([text for text, _ in known]))
    english = pa.array(["en"] * len(known))
    for place, name in enumerate(names.split()):
        ours = pc.is_valid(decide(table, english, PARAMS[name])[0]).to_pylist()
        theirs = [verdicts[place] == "0" for _, verdicts in known]
        assert sum(theirs) > 400
        different = [text[:60] for (text, _), a, b in zip(known, ours, theirs, strict=True) if a != b]
        assert not different, name


def test_the_variations_meet_every_rule_from_both_sides() -> None:
    table = signals(pa.array([text for _, text in variations()]))
    for bound in bounds(STRICT):
        found = pc.min_max(table[bound.signal]).as_py()
        for limit in (bound.low, bound.high):
            if limit is not None and bound.reason != "too_many_words":
                assert found["min"] <= limit <= found["max"], bound
        if bound.high is not None and bound.reason != "too_many_words":
            assert found["max"] > bound.high, bound
