"""Finds documents that contain benchmark items, by shared word n-grams (GPT-3, arXiv 2005.14165, appendix C)."""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

from include import settings
from include.errors import BadInput

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Benchmarks:
    """The n-grams of all benchmark items, by their first word."""

    words: int
    ngrams: dict[str, frozenset[str]]
    digest: str
    """Hash of the files' bytes: part of what decides a stage's result."""

    def find(self, text: str) -> str | None:
        """The first benchmark n-gram in ``text``, or None."""
        if not self.ngrams:
            return None
        tokens = _WORD.findall(text.lower())
        for index in range(len(tokens) - self.words + 1):
            known = self.ngrams.get(tokens[index])
            if known and (ngram := " ".join(tokens[index : index + self.words])) in known:
                return ngram
        return None


def load_benchmarks(files: list[Path], words: int) -> Benchmarks:
    """Read JSONL files with a ``text`` field; relative paths start at the project's folder.

    Raises:
        BadInput: a file is missing, is not such a file, or has no item of at least ``words`` words.
    """
    digest = hashlib.sha256()
    ngrams: dict[str, set[str]] = {}
    for file in files:
        path = settings.PROJECT / file
        try:
            content = path.read_bytes()
            texts = [json.loads(line)["text"] for line in content.splitlines() if line.strip()]
            items = [_WORD.findall(text.lower()) for text in texts]
        except OSError as error:
            reason = error.strerror or error
            raise BadInput(f"Benchmark file {path} cannot be read ({reason}). Mend ingest.benchmarks.") from None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadInput(
                f"Benchmark file {path} is not JSONL with a text per line ({error!r}). "
                'A line looks like {"text": "..."}.'
            ) from None
        if all(len(item) < words for item in items):
            raise BadInput(
                f"Benchmark file {path} has no item of {words} words, so nothing could ever match it. "
                "Lower ingest.contamination_words or remove the file from ingest.benchmarks."
            )
        for item in items:
            for index in range(len(item) - words + 1):
                ngrams.setdefault(item[index], set()).add(" ".join(item[index : index + words]))
        digest.update(hashlib.sha256(content).digest())
    frozen = {first: frozenset(known) for first, known in ngrams.items()}
    return Benchmarks(words=words, ngrams=frozen, digest=digest.hexdigest())
