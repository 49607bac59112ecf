"""The texts on which bench/quality.py compares verdicts: the main content of real pages, and articles of the sample
with one thing after the other made wrong, so that every rule is met from both sides of its bound."""

import gzip
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import yaml
from resiliparse.extract.html2text import extract_plain_text

ARTICLES = Path(__file__).resolve().parent.parent / "include" / "sample" / "articles.yaml"
STRENGTHS = (0.05, 0.15, 0.4, 0.8)
"""Share of an article's lines that a variation touches."""


def real_texts(folder: Path) -> list[str]:
    """Main texts of all ``*.html.gz`` below the folder, and the gold texts in the JSON files beside them."""
    pages = [gzip.decompress(file.read_bytes()) for file in sorted(folder.rglob("*.html.gz"))]
    htmls = [page.decode("utf-8", errors="replace") for page in pages]
    texts = [extract_plain_text(html, main_content=True, alt_texts=False) for html in htmls]
    for file in sorted(folder.rglob("*.json")):
        texts += _gold(json.loads(file.read_text()))
    return [text for text in texts if text.strip()]


def _gold(content: dict[str, dict[str, str]]) -> list[str]:
    if "ground_truth" in content:
        return [content["ground_truth"].get("main_content") or ""]
    return [entry["articleBody"] for entry in content.values() if "articleBody" in entry]


def _numbered(line: str, index: int) -> str:
    return f"{index + 1}. {index * 37 % 101} / {index * 53 % 97} = 0.{index * 7 % 89:02} ({line[:12]})"


LINE_EDITS: dict[str, Callable[[str, int], str]] = {
    "bullet": lambda line, _: f"- {line}",
    "dot_bullet": lambda line, _: f" • {line}",
    "ellipsis": lambda line, _: line.rstrip(".") + "...",
    "sign_ellipsis": lambda line, _: line.rstrip(".") + "… ",
    "no_end": lambda line, _: line.rstrip(".!?"),
    "hashes": lambda line, _: " ".join(f"#{word}" for word in line.split()),
    "javascript": lambda line, _: f"Please enable JavaScript: {line}",
    "curly": lambda line, _: f"{{{line}}} end.",
    "curly_no_end": lambda line, _: f"{{ {line.rstrip('.')} }}",
    "lorem": lambda line, _: f"Lorem Ipsum dolor. {line}",
    "lorem_no_end": lambda line, _: f"{line} lorem ipsum",
    "cookies": lambda line, _: f"This site uses cookies. {line}",
    "policy": lambda line, _: f"{line} See our Privacy Policy.",
    "citation": lambda line, index: line.replace(".", f".[{index}][citation needed]", 2),
    "same_line": lambda _, __: "Read more about the mill and its keepers in our shop.",
    "short_line": lambda line, _: line[:20],
    "words_per_line": lambda line, _: line.replace(" ", "\n"),
    "three_words": lambda line, _: "\n".join(" ".join(line.split()[at : at + 3]) for at in range(0, 30, 3)),
    "blank_lines": lambda line, _: line + "\n" * 12,
    "numbers": _numbered,
    "prices": lambda line, index: (
        f"{line[:9]} $ {index}.99 (-{index % 60} %) 40km/h, {index * 3}€; 12:30 - 14:15 | 5'11\""
    ),
    "contractions": lambda line, _: f"It's what they'd've said, isn't it? Don't! {line} We’re sure he'll can't",
    "hyphens": lambda line, _: line.replace(" ", "-"),
    "slashes": lambda line, _: line.replace(" ", "/"),
    "addresses": lambda line, index: (
        f"https://example.org/{index}?a=b-c me@mail.example.com (www.example.co.uk). {line[:40]}"
    ),
    "abbreviations": lambda line, _: f"Dr. A. B. Smith Jr., e.g. U.S.A. vs. the N.Y. Inc.: {line}",
    "quotes": lambda line, _: "“" + line.replace(" a ", " ‘a’ ").replace(" the ", ' "the" ') + "”",
    "code": lambda line, index: f"    if (x[{index}] != y->z) return foo(bar, 0x{index:02x}); // {line[:15]}",
    "upper": lambda line, _: line.upper(),
    "glued": lambda line, _: line.replace(" ", ""),
    "letters": lambda line, _: " ".join(line.replace(" ", "")),
    "endless": lambda line, index: line + " " + "x" * (900 + 10 * index),
    "greek": lambda line, _: "Ο μύλος στέκεται δίπλα στο ποτάμι· το νερό ανεβαίνει κάθε άνοιξη. " + line[:30],
    "hindi": lambda line, _: "नदी के किनारे पुरानी चक्की खड़ी है। पानी हर वसंत में बढ़ता है। " + line[:30],
    "pictures": lambda line, _: f"★ {line} ☎ → ✓ ©2024 😀😀",
    "no_stop_words": lambda line, _: " ".join(word for word in line.split() if len(word) > 4),
}


def variations() -> Iterator[tuple[str, str]]:
    """(name, text), the same for the same sample: some 4,600 texts."""
    articles = [entry["text"].strip() for entry in yaml.safe_load(ARTICLES.read_text())]
    for number, article in enumerate(articles):
        # One sentence per line, or else an article has too few lines for shares of them.
        lines = [
            line + "." * (not line.endswith(".")) for part in article.split("\n") for line in part.split(". ") if line
        ]
        yield f"plain {number}", article
        yield f"lines {number}", "\n".join(lines)
        yield f"crlf {number}", "\r\n\r\n".join(lines)
        for length in (40, 150, 280, 320, 400, 700):
            yield f"cut to {length} {number}", article[:length]
        for times in (2, 3):
            yield f"paragraphs {times} times {number}", "\n\n".join([article] * times)
        for name, edit in LINE_EDITS.items():
            for strength in STRENGTHS:
                dice = random.Random(f"{name} {number} {strength}")
                edited = [edit(line, at) if dice.random() < strength else line for at, line in enumerate(lines)]
                yield f"{name} {strength} {number}", "\n".join(edited)
