"""What a recipe is: the validated form of one YAML file in this folder.

A recipe asks a teacher once, or along a chain of generations: once for each item that an earlier step gave (MGA), or
piece by piece with what was written so far (Kimi K2). Every generation of a chain is stored and resumed by itself.
"""

import re
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from include.lake import fingerprint
from include.recipes.contracts import Contract, Parsed
from include.sections import Count, Natural, Section

Placement = Literal["alone", "before", "after"]
Message = dict[str, str]
"""One message of a chat: ``role`` and ``content``."""
CheckName = Literal[
    "leftover_preamble",
    "prompt_leak",
    "refusal",
    "unfinished",
    "language",
    "length_ratio",
    "repetition",
    "near_copy",
    "unrelated",
    "new_passage",
    "similarity",
    "support",
    "near_duplicate",
    "new_personal_data",
    "new_urls",
    "new_numbers",
    "new_dates",
    "new_names",
    "contradiction",
    "benchmark_overlap",
    "benchmark_similarity",
]
"""The row checks of :mod:`include.validate.checks` whose bounds a recipe may set: not those that no text may fail. A
later stage, which this one cannot import; a test compares."""

_FIELD = re.compile(r"\{(\w+)\}")


class Sampling(Section):
    """How the teacher samples; ``max_tokens`` bounds the output, ``top_k`` 0 means no bound."""

    temperature: Annotated[float, Field(ge=0, le=2)]
    top_p: Annotated[float, Field(gt=0, le=1)] = 1.0
    top_k: Natural = 0
    max_tokens: Count
    max_ratio: Annotated[float, Field(gt=0)] | None = None
    """Output tokens per token of what is rephrased, at most: what is longer would be rejected by the gate anyhow."""

    def limit(self, tokens: int) -> int:
        """Output tokens that may be made from so many of the source."""
        return self.max_tokens if self.max_ratio is None else min(self.max_tokens, int(tokens * self.max_ratio) + 32)


class SegmentLimits(Section):
    """How much of a document one chain rephrases, in the teacher's tokens."""

    max_tokens: Count = 300
    """Longer documents are cut into several segments at sentence ends."""
    min_tokens: Count = 1
    """Shorter documents do not get this recipe."""
    piece_tokens: Count | None = None
    """Length of the pieces of a step that goes along them; None where there is no such step."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.piece_tokens is not None and self.piece_tokens > self.max_tokens:
            raise ValueError(f"piece_tokens {self.piece_tokens} must not be above max_tokens {self.max_tokens}")
        return self


class Step(Section):
    """One request of a chain, or several that are alike."""

    id: str = "rewrite"
    repeat: Literal["once", "each_item", "each_piece"] = "once"
    """``each_item``: once for each item of the step before, whose fields the instruction may name in braces.
    ``each_piece``: one after the other for each piece of the segment; the instruction may name ``{piece}`` and
    ``{written}`` (what the pieces before have become). After a step that is asked once, ``{text}`` is its text."""
    instruction: Annotated[str, Field(min_length=1)]
    sampling: Sampling
    contract: Contract


class Bounds(Section):
    """The closed interval in which a check's value must lie; None is open, and so ``{}`` lets everything pass."""

    min: float | None = None
    max: float | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min} must not be above max {self.max}")
        return self


class Recipe(Section):
    """One way to rephrase a segment."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    version: Annotated[str, Field(min_length=1)]
    """To be raised with every change that is meant to change outputs; stands in every row."""
    origin: Annotated[str, Field(min_length=1)]
    """Paper (arXiv id) and section that the contract comes from; the wording is ours."""
    system: str
    document: Placement = "before"
    """Where the segment stands in the prompt. ``before`` the instruction, all recipes of a segment share one cached
    prefix: faster. ``after``: the classic order. ``alone``: it is all that the user says, the instruction being the
    system's."""
    document_for: dict[str, Placement] = {}
    """Teachers by name that do worse with ``document``, and the placement that they get instead."""
    segment: SegmentLimits = SegmentLimits()
    steps: Annotated[list[Step], Field(min_length=1)]
    append_to_source: bool = False
    """The text that is published is the segment with the output behind it (Nemotron-CC's diverse questions)."""
    checks: dict[CheckName, Bounds] = {}
    """Bounds of row checks by name, instead of those in ``gate.checks`` of params.yaml."""
    expected_ratio: Annotated[float, Field(gt=0)]
    """Output tokens of a whole chain per token of its segment, until it has been measured."""

    @model_validator(mode="after")
    def _steps_fit(self) -> Self:
        if self.steps[0].repeat == "each_item":
            raise ValueError("the first step cannot repeat for each item: no step before it gives any")
        pieces = any(step.repeat == "each_piece" for step in self.steps)
        if pieces and len(self.steps) > 1:
            raise ValueError("a step that goes along pieces must be the only step")
        if pieces != (self.segment.piece_tokens is not None):
            raise ValueError("segment.piece_tokens belongs to a step with 'repeat: each_piece', and only to such a one")
        if len({step.id for step in self.steps}) < len(self.steps):
            raise ValueError("two steps have the same id")
        return self

    @model_validator(mode="after")
    def _every_brace_is_filled(self) -> Self:
        known: set[str] = set()
        for number, step in enumerate(self.steps):
            if step.repeat == "each_piece":
                known |= {"piece", "written"}
            elif number > 0:
                known |= self._given_to(number)
            named = set(_FIELD.findall(step.instruction))
            if unknown := sorted(named - known) or re.findall(r"[{}]", _FIELD.sub("", step.instruction)):
                allowed = ", ".join(f"{{{name}}}" for name in sorted(known)) or "no braces"
                raise ValueError(f"step {step.id!r} names {unknown[0]!r} in its instruction; allowed: {allowed}")
        return self

    def _given_to(self, number: int) -> set[str]:
        """Names that the step before gives to this one."""
        if self.steps[number].repeat == "once":
            return {"text"}
        before = self.steps[number - 1].contract
        if not before.item_fields:
            raise ValueError(
                f"a step can repeat for each item only after a contract that gives items, not {before.kind!r}"
            )
        return set(before.item_fields)

    def placement(self, teacher: str) -> Placement:
        """Where the document stands for this teacher."""
        return self.document_for.get(teacher, self.document)

    def messages(self, step: Step, segment: str, teacher: str, fields: dict[str, str]) -> list[Message]:
        """The chat of one step over ``segment``; ``fields`` fill the names in braces of the instruction."""
        # In one pass and not by str.format: values hold braces of their own.
        instruction = _FIELD.sub(lambda name: fields.get(name[1], name[0]), step.instruction)
        system, user = [self.system], [segment]
        match self.placement(teacher):
            case "alone":
                system = [self.system, instruction]
            case "before":
                user = [segment, instruction]
            case "after":
                user = [instruction, segment]
        return [
            {"role": "system", "content": " ".join(part.strip() for part in system)},
            {"role": "user", "content": "\n\n".join(part.strip() for part in user)},
        ]

    def published(self, parsed: Parsed, source: str, source_tokens: int, key: str) -> str:
        """The text to be published of an output that the last step's contract has read.

        Args:
            source: the segment, of so many tokens.
            key: the generation key: where a contract leaves something to chance, it decides.
        """
        text = self.steps[-1].contract.selected(parsed, source_tokens, key)
        return f"{source.strip()}\n\n{text}" if self.append_to_source and text else text

    @property
    def fingerprint(self) -> str:
        """Of all that decides what is accepted."""
        return fingerprint(self.model_dump())

    @property
    def generation_fingerprint(self) -> str:
        """Of all that decides what is planned and generated: other bounds of checks only make the gate judge again."""
        return fingerprint(self.model_dump(exclude={"checks", "origin"}))
