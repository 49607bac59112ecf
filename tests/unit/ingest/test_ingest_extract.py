"""The main text of whole pages, by the model."""

import re
from pathlib import Path

import numpy as np
import pytest
from warc_files import PROSE, html, prose

from bench import gold
from include.ingest import blocks, extract
from include.ingest.extract import choose, main_text


def test_menus_footers_and_banners_go_and_paragraphs_stay() -> None:
    page = html(
        "Skip to main content\nFirst paragraph of the story, which is about a mill beside a river.\n"
        "Second paragraph, about cookies that the baker made for the miller's children.\n"
        "This site uses cookies to improve your experience.\n© 2026 The Mill. All rights reserved.\n"
        "Share this article\nBy the editors · 4 min read"
    )
    page = page.replace("</main>", "</main><footer><p>Imprint and contact</p></footer><script>let a = 1</script>")
    assert main_text(page) == (
        "First paragraph of the story, which is about a mill beside a river.\n\n"
        "Second paragraph, about cookies that the baker made for the miller's children."
    )


def test_long_lines_stay_whatever_words_they_hold() -> None:
    line = "The court held that all rights reserved by the treaty stay with the village. " * 5
    assert "treaty" in main_text(html(line))


def test_broken_html_still_gives_its_text() -> None:
    broken = html(PROSE).replace("</p>", "").replace("</article>", "</div></b>").replace("<main>", "<main <b>")
    assert "the miller who gave the children warm bread" in main_text(broken[:-20])


def test_a_page_without_main_text_gives_none() -> None:
    assert main_text("<html><body><nav><a href='/'>Home</a></nav></body></html>") == ""
    assert extract.extract("") == extract.extract("<html><body><script>a()</script></body></html>")
    assert extract.extract("") == extract.Extraction("", 0.0)


def test_the_text_never_holds_more_than_one_empty_line() -> None:
    assert not re.search(r"\n{3,}", main_text(html("One.\n\n\n\nTwo.\nCookie settings\nThree.")))


def test_a_text_that_a_page_shows_again_elsewhere_comes_once() -> None:
    page = html(PROSE).replace("</article>", f"<div class='content-mobile'><p>{PROSE}</p></div></article>")
    assert main_text(page).count(PROSE) == 1


def test_an_author_s_own_repetition_stays() -> None:
    assert main_text(html(f"{PROSE}\nAnd so on, said the miller.\n{PROSE}")).count(PROSE) == 2


def test_code_and_tables_of_a_manual_keep_their_form() -> None:
    parts = (
        f"<p>{PROSE}</p><h2>Turning the wheel</h2><p>To turn the wheel once, call the function with its number, as "
        "in the following example.</p><pre>def turn(wheel):\n    return wheel + 1\n</pre><p>The function returns the "
        "number of turns, which the table below explains.</p><table><tr><th>Turns</th><th>Meaning of the number</th>"
        "</tr><tr><td>1</td><td>The wheel has turned once.</td></tr></table>" + f"<p>{prose(3)}</p><p>{prose(4)}</p>"
    )
    page = html("X").replace("<p>X</p>", parts).replace("<main>", "<main class='documentation body'>")
    text = main_text(page)
    assert "## Turning the wheel\n\n" in text
    assert "\n\n```\ndef turn(wheel):\n    return wheel + 1\n```\n\n" in text
    assert "| Turns | Meaning of the number |\n| --- | --- |\n| 1 | The wheel has turned once. |" in text


def test_the_choice_maximises_the_expected_f1_but_for_the_margin_of_safety() -> None:
    chance = np.array([0.99, 0.9, 0.1, 0.95, 0.02], np.float32)
    words = np.array([100, 50, 40, 80, 3])
    chosen, expected = choose(chance, words)
    assert chosen.tolist() == [0, 1, 3]
    assert expected == pytest.approx(2 * (99 + 45 + 76) / (230 + 99 + 45 + 76 + 4 + 0.06))


def test_of_an_unsure_page_more_is_kept_and_never_nothing() -> None:
    chance = np.array([0.3, 0.28, 0.31, 0.01], np.float32)
    assert choose(chance, np.array([50, 50, 50, 50]))[0].tolist() == [0, 1, 2]
    assert choose(np.array([0.15], np.float32), np.array([0]))[0].tolist() == [0]


def test_of_a_page_of_furniture_nothing_is_kept() -> None:
    assert choose(np.array([0.05, 0.09], np.float32), np.array([3, 1]))[0].tolist() == []


def test_the_weights_are_small() -> None:
    assert extract.WEIGHTS.stat().st_size < 300_000


def test_real_pages_keep_their_f1(shared_data: Path) -> None:
    """Every third gold page, which the model has seen: a check of the whole way, not of the model."""
    pages = gold.load(shared_data / "html_gold")[::3]
    scores = gold.score(pages, {page.id: main_text(page.html) for page in pages})
    assert scores["aeb"]["f1"] > 0.95
    assert scores["wcxb"]["f1"] > 0.87
    assert blocks.available()
