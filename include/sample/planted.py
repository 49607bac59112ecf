"""Planted cases: pages of which the sample's manifest says what ingest must do with them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from include.sample.dress import Site, dress, site_of, sites, url_of
from include.sample.prose import Text
from include.sample.warcs import Response

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Planted:
    """A page and its fate: the status (and reason) that its row must have after ingest."""

    case: str
    response: Response
    outcome: str = "documents"
    reason: str | None = None
    note: str = ""
    file: int | None = None
    """The WARC file it must stand in; None where that does not matter."""
    cut: bool = field(default=False, kw_only=True)
    """Its record ends the file, cut in the middle."""


def planted_pages(number: int, day: date) -> list[Planted]:
    """The planted pages of the sample's dump ``number`` (1 to 3), fetched around ``day``."""
    return [
        *_duplicates(day),
        _changing(number, day),
        *_languages(day),
        *_spam(day),
        *_private_and_refused(day),
        *_answers(day),
        *_encodings(day),
        *([_truncated(day)] if number < 3 else []),
    ]


def _duplicates(day: date) -> Iterator[Planted]:
    # Hosts with the same layout: the furniture that an extractor leaves in must not make the copy a different text.
    first, copy, near = (sites()[place] for place in (2, 8, 14))
    text = _text("near_duplicate")
    yield Planted("original", _page(text, day, first), note="has an exact copy and a near copy", file=0)
    yield Planted(
        "exact_duplicate",
        _page(text, day, copy),
        "rejected",
        "exact_duplicate",
        f"later in file order than {url_of(text, first)}, which stays",
        file=3,
    )
    yield Planted(
        "near_duplicate",
        _page(_edited("near_duplicate", 0, 4), day, near),
        "rejected",
        "near_duplicate",
        f"a few words differ from {url_of(text, first)}, which stays",
        file=3,
    )


def _changing(number: int, day: date) -> Planted:
    text = _edited("changing_page", *[(0, 0), (0, 2), (2, 4)][number - 1])
    note = "the same address in the other dumps holds a near copy: kept, and marked as seen before"
    return Planted(
        "near_duplicate_across_dumps", _page(text, day, url=url_of(_text("changing_page"), _site(text))), note=note
    )


def _languages(day: date) -> Iterator[Planted]:
    for case, lang in (("french", "fr"), ("german", "de"), ("spanish", "es")):
        yield Planted(case, _page(_text(case), day, lang=lang), "rejected", "language", f"written in {case.title()}")


def _spam(day: date) -> Iterator[Planted]:
    lines = _content("repeated_lines")
    text = Text("repeated_lines", lines["title"], tuple(("p", line) for line in lines["lines"] * lines["repeat"]))
    note = f"three lines, {lines['repeat']} times each"
    yield Planted("repeated_lines", _page(text, day), "rejected", "duplicate_lines", note)
    words = _content("keyword_stuffing")
    text = Text("keyword_stuffing", words["title"], (("p", " ".join([words["words"]] * words["repeat"])),))
    yield Planted("keyword_stuffing", _page(text, day), "rejected", "stop_words", "key words without a sentence")
    yield Planted(
        "boilerplate_only", _page(_text("boilerplate_only"), day), "rejected", "too_few_words", "navigation, no prose"
    )


def _private_and_refused(day: date) -> Iterator[Planted]:
    yield Planted("contacts", _page(_text("contacts"), day), note="masked: 2 e-mail addresses, 2 phone numbers")
    meta = '<meta name="robots" content="noai, noimageai">'
    yield Planted("opt_out_meta", _page(_text("opt_out_meta"), day, meta=meta), "rejected", "opt_out", meta)
    header = {"X-Robots-Tag": "noai"}
    yield Planted(
        "opt_out_header", _page(_text("opt_out_header"), day, headers=header), "rejected", "opt_out", str(header)
    )
    note = "its text gives orders to a language model"
    yield Planted("addresses_a_model", _page(_text("addresses_a_model"), day), "rejected", "addresses_a_model", note)
    question = json.loads((FOLDER / "benchmark.jsonl").read_text().splitlines()[0])["text"]
    text = _text("contaminated")
    asked = Text(
        text.topic, text.title, tuple((kind, block.replace("QUESTION", question)) for kind, block in text.blocks)
    )
    note = "holds the first question of include/sample/benchmark.jsonl"
    yield Planted("contaminated", _page(asked, day), "rejected", "contaminated", note)


def _answers(day: date) -> Iterator[Planted]:
    yield Planted("not_found", _page(_text("not_found"), day, status=404), "rejected", "http_status", "status 404")
    pdf = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
    response = Response(f"https://{sites()[4].host}/files/timetable.pdf", pdf, "application/pdf")
    yield Planted("pdf", response, "rejected", "not_html", "application/pdf")


def _encodings(day: date) -> Iterator[Planted]:
    text = _text("broken_html")
    whole = _page(text, day)
    # What careless programs leave behind: paragraphs never closed, a tag never ended, bytes that are in no UTF-8 text.
    damaged = whole.body.replace(b"</p>", b"").replace(b"</li>", b"").replace(b"</body>", b"<div <b>\xff\xfe\x00")
    damaged = damaged.replace(b"A garden gate that", b"<b><i>A garden</b> gate</i> that").removesuffix(b"</html>\n")
    note = "unclosed and crossed tags, bytes that are not UTF-8"
    yield Planted("broken_html", Response(whole.url, damaged, whole.content_type), note=note)
    note = "declared windows-1252: the text must hold “blue boat”, Zoë Lindström and €4"
    yield Planted("windows_1252", _page(_text("windows_1252"), day, charset="windows-1252"), note=note)


def _truncated(day: date) -> Planted:
    note = "the last record of its file, cut in the middle"
    return Planted("truncated", _page(_text("truncated"), day), "failed", "truncated_record", note, file=2, cut=True)


def _page(
    text: Text,
    day: date,
    site: Site | None = None,
    *,
    url: str = "",
    lang: str = "en",
    charset: str = "utf-8",
    meta: str = "",
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    site = site or _site(text)
    body = dress(text, site, day, lang=lang, charset=charset, meta=meta).encode(charset)
    return Response(url or url_of(text, site), body, f"text/html; charset={charset}", status, headers or {})


def _site(text: Text) -> Site:
    return site_of(text.topic)


def _text(case: str) -> Text:
    content = _content(case)
    paragraphs = content["text"].strip().split("\n\n")
    return Text(case, content["title"], tuple(("p", paragraph) for paragraph in paragraphs))


def _edited(case: str, first: int, last: int) -> Text:
    """The case's text with its edits ``first`` to ``last`` (exclusive) made."""
    text = _text(case)
    blocks = text.blocks
    for old, new in _content(case)["edits"][first:last]:
        if not any(old in block for _, block in blocks):
            raise ValueError(f"planted.yaml: {old!r} does not stand in the text of {case}")
        blocks = tuple((kind, block.replace(old, new)) for kind, block in blocks)
    return Text(text.topic, text.title, blocks)


def _content(case: str) -> dict[str, Any]:
    content: dict[str, Any] = _planted()[case]
    return content


@lru_cache(maxsize=1)
def _planted() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((FOLDER / "planted.yaml").read_text())
    return content
