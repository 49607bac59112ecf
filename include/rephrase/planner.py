"""Turns documents into the rows of the plan: their segments under every recipe that they get."""

from collections import Counter
from typing import Any

import pyarrow as pa

from include.ledger import StageReport
from include.rephrase.chain import Teaching, first_request
from include.rephrase.fit import Fitted
from include.rephrase.route import Router
from include.rephrase.segment import CountTokens, Segment, Sentence, pack, split_sentences
from include.rephrase.teacher import Teacher

COLUMNS = ["doc_id", "language", "text"]
"""Of the table ``documents``, besides the router's."""


class Planner:
    """Turns documents into rows, and counts what became of them."""

    def __init__(self, crawl: str, fitted: list[Fitted], by: Teaching, terms: str, count_tokens: CountTokens) -> None:
        self.crawl, self.fitted, self.by, self.terms = crawl, fitted, by, terms
        self.count_tokens = count_tokens
        self.documents: Counter[str] = Counter()
        """By what became of them."""
        self.by_recipe = {one.recipe.id: Counter(documents=0, requests=0, too_short=0) for one in fitted}
        self.totals = Counter(segments=0, prompt_tokens=0, predicted_prompt_tokens=0, predicted_tokens=0)

    def plan(self, documents: pa.RecordBatch, router: Router) -> list[dict[str, Any]]:
        """The rows of a batch of documents."""
        wanted = router.route(documents)
        taken = wanted.any(axis=1)
        self.documents["not_routed"] += int((~taken).sum())
        chosen = documents.filter(pa.array(taken)).select(COLUMNS).to_pylist()
        texts = [(document["text"], document["language"] or "en") for document in chosen]
        rows: list[dict[str, Any]] = []
        for document, sentences, recipes in zip(
            chosen, split_sentences(texts, self.count_tokens), wanted[taken], strict=True
        ):
            fitted = [one for one, is_wanted in zip(self.fitted, recipes, strict=True) if is_wanted]
            rows += self._rows_of(document["doc_id"], sentences, fitted)
        return rows

    def _rows_of(self, doc_id: str, sentences: list[Sentence], fitted: list[Fitted]) -> list[dict[str, Any]]:
        tokens = sum(sentence.tokens for sentence in sentences)
        segments: dict[int, list[Segment]] = {}
        found: list[tuple[int, int, int, dict[str, Any]]] = []
        for order, one in enumerate(fitted):
            if tokens < one.recipe.segment.min_tokens:
                self.by_recipe[one.recipe.id]["too_short"] += 1
                continue
            limit = one.max_tokens
            segments[limit] = segments.get(limit) or pack(sentences, limit, self.count_tokens)
            for number, segment in enumerate(segments[limit]):
                row = self._row(one, segment) | {
                    "doc_id": doc_id,
                    "segment": number,
                    "document_sentences": len(sentences),
                }
                found.append((segment.start, segment.end, order, row))
            self.by_recipe[one.recipe.id].update(documents=1, requests=len(segments[limit]))
        self.documents["planned" if found else "too_short"] += 1
        self.totals["segments"] += len({place[:2] for place in found})
        return [place[3] for place in sorted(found, key=lambda place: place[:3])]

    def _row(self, one: Fitted, segment: Segment) -> dict[str, Any]:
        recipe = one.recipe
        piece_tokens = recipe.segment.piece_tokens
        pieces = None if piece_tokens is None else pack(segment.parts, piece_tokens, self.count_tokens)
        ends = None if pieces is None else [{"end": piece.end, "tokens": piece.tokens} for piece in pieces]
        first = first_request(recipe, segment.text, ends, segment.tokens, self.by)
        counts = {
            "prompt_tokens": one.prompt_tokens(segment.tokens, pieces),
            "predicted_prompt_tokens": one.predicted_prompt_tokens(segment.tokens, pieces),
            "predicted_tokens": one.predicted_tokens(segment.tokens),
        }
        self.totals.update(counts)
        return counts | {
            "generation_key": first.generation_key,
            "crawl": self.crawl,
            "span_start": segment.start,
            "span_end": segment.end,
            "source": segment.text,
            "source_tokens": segment.tokens,
            "sentences": segment.sentences,
            "pieces": ends,
            "recipe": recipe.id,
            "recipe_version": recipe.version,
            "recipe_hash": one.recipe_hash,
            "prompt_hash": first.prompt_hash,
            "teacher": self.by.teacher,
            "teacher_revision": self.by.revision,
            "teacher_terms": self.terms,
            "temperature": first.temperature,
            "top_p": first.top_p,
            "top_k": first.top_k,
            "max_tokens": first.max_tokens,
            "seed": first.seed,
        }

    def report(self, documents: int, requests: int, made_from: str, teacher: Teacher) -> StageReport:
        rejected = {reason: count for reason, count in self.documents.items() if count and reason != "planned"}
        return StageReport(
            stage="plan",
            crawl=self.crawl,
            rows_in=documents,
            rows_out=self.documents["planned"],
            rejected=rejected,
            detail={
                "fingerprint": made_from,
                "requests": requests,
                **self.totals,
                "by_recipe": {recipe: dict(counts) for recipe, counts in self.by_recipe.items()},
                "teacher": teacher.name,
                "teacher_revision": teacher.revision,
                "teacher_license": teacher.license,
                "teacher_terms": self.terms,
            },
        )
