"""The single rules: language, privacy, rights, benchmarks, identity."""

import json
from pathlib import Path

import pytest
from warc_files import PROSE

from include.errors import BadInput
from include.ingest import contamination, language, privacy, rights
from include.ingest.page import content_hash


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PROSE, "en"),
        ("Die alte Mühle steht am Fluss, und im Frühling steigt das Wasser bis zur untersten Stufe.", "de"),
        ("Le vieux moulin se trouve au bord de la rivière, et chaque printemps\nl'eau monte jusqu'à la porte.", "fr"),
        ("水車小屋は川のそばに立っていて、春になると水が一番下の段まで上がってくる。", "ja"),
    ],
)
def test_languages(text: str, expected: str) -> None:
    found, score = language.detect(text)
    assert found == expected
    assert 0.5 < score <= 1


def test_the_middle_of_a_text_decides_too() -> None:
    menu = "Start Kontakt Impressum Warenkorb " * 3
    assert language.detect(menu + PROSE * 4)[0] == "en"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Write to jane.doe+news@mail.example.co.uk today.", "Write to <EMAIL> today."),
        ("(a@b.org), <c_d@e-f.com>!", "(<EMAIL>), <<EMAIL>>!"),
        ("Call +1 (212) 555-0123, or +49 30 901820.", "Call <PHONE>, or <PHONE>."),
        ("Since 1999 we sold 1,234,567 loaves; 2 + 2 = 4, +5 degrees.", None),
        ("Follow @themill, meet @ noon, see foo@bar", None),
        ("In C++ 1234567 is a number", None),
    ],
)
def test_addresses_and_numbers_are_masked(text: str, expected: str | None) -> None:
    masked, emails, phones = privacy.mask(text)
    assert masked == (expected or text)
    assert (emails, phones) == (masked.count("<EMAIL>"), masked.count("<PHONE>"))


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", ["a", "a@", "a.", "@a.", "+1 ", "+", "a@b."])
def test_no_text_makes_the_masking_slow(piece: str) -> None:
    privacy.mask(piece * (200_000 // len(piece)))


@pytest.mark.parametrize(
    ("html", "headers", "expected"),
    [
        ('<META content="NoIndex, noai" name=robots>', (), ["noai", "noindex"]),
        (
            "<meta name='robots' content='noai'>",
            ("nosnippet, max-snippet: 20",),
            ["max-snippet: 20", "noai", "nosnippet"],
        ),
        ("", ("otherbot: noai, nofollow",), ["noai", "nofollow"]),
        ('<meta name="description" content="noai">', (), []),
        ("noai", (), []),
    ],
)
def test_robots_directives(html: str, headers: tuple[str, ...], expected: list[str]) -> None:
    assert rights.directives(html, headers) == expected


def test_a_shared_ngram_is_found_whatever_its_case_and_punctuation(tmp_path: Path) -> None:
    file = tmp_path / "b.jsonl"
    item = "How many wheels does the old mill beside the river have in spring?"
    file.write_text(json.dumps({"text": item}) + "\n\n" + json.dumps({"text": "Too short."}) + "\n")
    benchmarks = contamination.load_benchmarks([file], 8)
    assert (
        benchmarks.find("They ask: how many WHEELS does -- the old mill, beside us?")
        == "how many wheels does the old mill beside"
    )
    assert benchmarks.find("How many wheels does the new mill beside the river have?") is None
    assert contamination.load_benchmarks([], 8).find(item) is None


def test_unusable_benchmark_files_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "b.jsonl"
    for content, message in [
        ("{}", "not JSONL"),
        ("[", "not JSONL"),
        ('{"text": 5}', "not JSONL"),
        ('{"text": "a b"}', "no item of 13"),
    ]:
        file.write_text(content)
        with pytest.raises(BadInput, match=message):
            contamination.load_benchmarks([file], 13)
    with pytest.raises(BadInput, match="cannot be read"):
        contamination.load_benchmarks([Path("no/such/benchmark.jsonl")], 13)


def test_the_content_hash_sees_letters_and_digits_only() -> None:
    assert content_hash("The Mill,  1999!") == content_hash("the\nmill 1999")
    assert content_hash("the mill") != content_hash("themill")
    assert len(content_hash("")) == 32
