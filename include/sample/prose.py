"""Real English prose that every CPython carries with it: the language reference and the docstrings of its library.

Nothing is imported or run: sources are parsed. The texts are read where they stand and never copied into the project.
"""

import ast
import inspect
import re
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

MIN_WORDS, MAX_WORDS = 80, 400
"""Words per text: above ingest's lower bound with room for what the extraction loses."""
CONTINUE_WORDS = 100
"""A text that has reached this length is closed at the next heading."""
NOT_PROSE = re.compile(r">>>|::=|^\s*[|+=]{2,}|[=<>]{3,}|={2}|-{3,}|^\.\. |\$|#|\w\(\w+, \w+, \w+")
WORD = re.compile(r"[\"'(*]*[A-Za-z][A-Za-z'’-]*[\"')*]*[.,;:!?)]*")
LEFT_OUT = {"antigravity", "ensurepip", "lib2to3", "test", "this", "turtledemo"}
"""Jokes, tests, and packages that hold hardly any prose."""


@dataclass(frozen=True)
class Text:
    """A text for one page. ``blocks`` are (``h2`` | ``p`` | ``li``, plain text with reST's ``code`` marks)."""

    topic: str
    title: str
    blocks: tuple[tuple[str, str], ...]

    @property
    def words(self) -> int:
        return sum(len(text.split()) for _, text in self.blocks)


def find_texts() -> list[Text]:
    """All usable texts of the running CPython, each one once, in an order that is the same on every machine."""
    texts = [*_topics(), *_docstrings(Path(sysconfig.get_path("stdlib")))]
    seen: set[str] = set()
    unique = []
    for text in texts:
        # Two texts that share a paragraph would be near-duplicates that no manifest names.
        marks = {block for kind, block in text.blocks if kind != "h2" and len(block) > 60}
        if text.words >= MIN_WORDS and marks.isdisjoint(seen):
            seen |= marks
            unique.append(text)
    return unique


def _topics() -> Iterator[Text]:
    from pydoc_data.topics import topics

    for topic, content in sorted(topics.items()):
        sections = re.split(r"\n(?=[^\n]+\n[*=~-]{4,}\n)", "\n" + content)
        items = []
        for section in sections:
            title, _, body = section.strip().partition("\n")
            items.append((title.replace('"', ""), body.lstrip("*=~-\n")))
        yield from _assemble(f"reference {topic}", items)


@lru_cache(maxsize=1)
def _docstrings(library: Path) -> list[Text]:
    texts: list[Text] = []
    for name in sorted(sys.stdlib_module_names - LEFT_OUT):
        folder = library / name
        for file in sorted(folder.glob("*.py")) if folder.is_dir() else [library / f"{name}.py"]:
            if not name.startswith("_") and file.is_file():
                module = name if file.stem in (name, "__init__") else f"{name}.{file.stem}"
                texts += _assemble(module, _documented(ast.parse(file.read_bytes()), module))
    return texts


def _documented(node: ast.Module | ast.ClassDef | ast.FunctionDef, name: str) -> Iterator[tuple[str, str]]:
    """(dotted name, docstring) of a module, its classes, their methods and its functions, in the file's order."""
    docstring = ast.get_docstring(node)
    if docstring:
        yield name, docstring
    for child in node.body:
        if isinstance(child, ast.ClassDef | ast.FunctionDef):
            yield from _documented(child, f"{name}.{child.name}" if isinstance(node, ast.ClassDef) else child.name)


def _assemble(topic: str, items: Iterable[tuple[str, str]]) -> Iterator[Text]:
    """Texts of readable length from a topic's (title, plain text) sections."""
    blocks: list[tuple[str, str]] = []
    for title, body in items:
        # Methods that belong together often repeat a sentence; a page says it once.
        new = [block for block in dict.fromkeys(_blocks(body)) if block not in blocks]
        if not any(kind == "p" for kind, _ in new):
            continue
        if _count(blocks) + _count(new) > MAX_WORDS or _count(blocks) >= CONTINUE_WORDS:
            yield from _close(topic, blocks)
            blocks = []
        blocks += [("h2", title), *new]
    yield from _close(topic, blocks)


def _close(topic: str, blocks: list[tuple[str, str]]) -> Iterator[Text]:
    """Cut blocks into texts of at most MAX_WORDS; each begins with a heading that becomes its title."""
    title = ""
    part: list[tuple[str, str]] = []
    for kind, block in blocks:
        title = title or block
        if part and _count(part) + len(block.split()) > MAX_WORDS:
            yield Text(topic, title, tuple(part))
            title, part = f"{title}, continued", []
        if part or kind != "h2":
            part.append((kind, block))
    if part:
        yield Text(topic, title, tuple(part))


def _count(blocks: list[tuple[str, str]]) -> int:
    return sum(len(text.split()) for _, text in blocks)


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """Paragraphs and list items of a plain or reST text; code, tables and field lists are left out."""
    for block in re.split(r"\n\s*\n", inspect.cleandoc(text)):
        joined = " ".join(block.split())
        item = re.match(r"(?:[*•-]|\d+[.)])\s+", joined)
        prose = joined[item.end() :] if item else joined
        prose = re.sub(r":(?:[a-z]+:)+`~?([^`]+)`", r"``\1``", prose).replace("::", ":")
        if _is_prose(block, prose):
            yield ("li" if item else "p"), prose


def _is_prose(block: str, text: str) -> bool:
    words = text.split()
    if len(words) < 9 or text[-1] not in ".!?)" or not (text[0].isupper() or text[0] in "\"'`("):
        return False
    if NOT_PROSE.search(block):
        return False
    return sum(bool(WORD.fullmatch(word)) for word in words) >= 0.75 * len(words)
