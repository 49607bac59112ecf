"""Replays a chain from its results: what can be asked for next, or the texts that it gave.

A pure function of the plan's row, the recipe and the results so far. So the worker, a restarted worker and ``collect``
agree on every key without any state but the store.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from include.errors import BadInput
from include.lake import fingerprint
from include.recipes.clean import clean_output
from include.recipes.contracts import Parsed
from include.recipes.recipe import Message, Recipe, Step
from include.recipes.registry import load_recipe
from include.rephrase.engines.base import Request, Result

NOTHING_WRITTEN = "(nothing yet)"

Row = Mapping[str, Any]
"""A row of the table ``requests``."""


@dataclass(frozen=True)
class Teaching:
    """Who answers, with which seed: what decides a key besides the prompt and the sampling."""

    teacher: str
    revision: str
    seed: int
    """Of the plan."""


@dataclass
class Next:
    """How a chain stands: while anything is ``ready`` it goes on; after that ``generations`` are its texts."""

    ready: list[Request] = field(default_factory=list)
    """Requests without a result whose prompt is known, in their order."""
    generations: list[dict[str, Any]] = field(default_factory=list)
    """Rows of the table ``generations`` but for the engine; whole only once nothing is ready."""


@lru_cache
def planned_recipe(recipe: str, recipe_hash: str) -> Recipe:
    """The recipe of a row of the plan.

    Raises:
        BadInput: it is gone or was changed since, so that other generations follow from it than were planned.
    """
    found = load_recipe(recipe)
    if found.generation_fingerprint != recipe_hash:
        raise BadInput(
            f"Recipe {recipe} was changed since the plan was written. Run the plan step again: only what the change "
            "concerns is generated anew."
        )
    return found


def first_request(
    recipe: Recipe, source: str, pieces: list[dict[str, int]] | None, tokens: int, by: Teaching
) -> Request:
    """The first request of a chain over ``source`` of so many ``tokens``.

    Args:
        pieces: for a recipe that goes along pieces, the ``end`` (characters) and ``tokens`` of each, else None.
    """
    step = recipe.steps[0]
    fields = {} if pieces is None else _fields(source[: pieces[0]["end"]], "")
    messages = recipe.messages(step, source, by.teacher, fields)
    prompt_hash = fingerprint(messages)
    tokens = tokens if pieces is None else pieces[0]["tokens"]
    return _request(step, messages, prompt_hash, tokens, _seed(prompt_hash, by.seed), None, by)


def advance(row: Row, recipe: Recipe, results: Mapping[str, Result]) -> Next:
    """How the chain of ``row`` stands, given the results (by generation key) that there are.

    Results of other chains and in any order do no harm. Takes time in proportion to the chain's generations so far.
    """
    chain = _Chain(row, recipe, results)
    if row["pieces"] is None:
        chain.grow(0, {}, [])
    else:
        chain.follow_pieces()
    return chain.next


def is_one_step(recipe: Recipe) -> bool:
    """Whether the first generation of its chains is their last."""
    return len(recipe.steps) == 1 and recipe.steps[0].repeat == "once"


def _request(
    step: Step, messages: list[Message], prompt_hash: str, tokens: int, seed: int, root: str | None, by: Teaching
) -> Request:
    sampling = step.sampling.model_dump(include={"temperature", "top_p", "top_k"})
    sampling["max_tokens"] = step.sampling.limit(tokens)
    # The prompt by its hash: a long one is turned into bytes once.
    key = fingerprint(prompt_hash, by.teacher, by.revision, sampling, seed)
    return Request(
        generation_key=key, root=root or key, step=step.id, prompt_hash=prompt_hash, messages=messages, seed=seed,
        **sampling,
    )  # fmt: skip


def _seed(prompt_hash: str, of: int | str) -> int:
    """32 bits."""
    return int(fingerprint(prompt_hash, of)[:8], 16)


def _fields(piece: str, written: str) -> dict[str, str]:
    return {"piece": piece.strip(), "written": written.strip() or NOTHING_WRITTEN}


def _seam(piece: str) -> str:
    """What stands between the texts of a piece and the next one: what stood between the pieces.

    Pieces end with the white space behind them (:mod:`include.rephrase.segment`); scripts without spaces have none.
    """
    space = piece[len(piece.rstrip()) :]
    return "\n\n" if space.count("\n") > 1 else "\n" if "\n" in space else " " if space else ""


class _Chain:
    def __init__(self, row: Row, recipe: Recipe, results: Mapping[str, Result]) -> None:
        self.row = row
        self.recipe = recipe
        self.results = results
        self.next = Next()
        self.by = Teaching(row["teacher"], row["teacher_revision"], row["seed"])
        self.counted: set[str] = set()
        self.asked: set[str] = set()

    def grow(self, depth: int, fields: dict[str, str], before: list[Request]) -> None:
        """Follow the steps from ``depth`` on, through every item where a step repeats."""
        step = self.recipe.steps[depth]
        path = [*before, self.request(step, fields, self.row["source_tokens"], first=not before)]
        key = path[-1].generation_key
        if key in self.asked:
            return  # an item that was proposed twice
        self.asked.add(key)
        result = self.results.get(key)
        if result is None:
            self.next.ready.append(path[-1])
        elif depth + 1 == len(self.recipe.steps):
            self.end(path, result.output, stopped_at=None)
        else:
            parsed = self.parse(step, result)
            after = self.recipe.steps[depth + 1]
            items = [] if parsed is None else parsed.items if after.repeat == "each_item" else [{"text": parsed.text}]
            if not items:
                self.end(path, result.output, stopped_at=step.id)
            for item in items:
                self.grow(depth + 1, fields | item, path)

    def follow_pieces(self) -> None:
        """Go along the pieces, each with what those before have become."""
        source, step = self.row["source"], self.recipe.steps[0]
        path: list[Request] = []
        written, start = "", 0
        for piece in self.row["pieces"]:
            raw = source[start : piece["end"]]
            path.append(self.request(step, _fields(raw, written), piece["tokens"], first=not path))
            result = self.results.get(path[-1].generation_key)
            if result is None:
                self.next.ready.append(path[-1])
                return
            parsed = self.parse(step, result)
            if parsed is None:
                self.end(path, written + result.output, stopped_at=step.id)
                return
            written += parsed.text.strip() + _seam(raw)
            start = piece["end"]
        self.end(path, written.strip(), stopped_at=None, key=fingerprint([part.generation_key for part in path]))

    def request(self, step: Step, fields: dict[str, str], tokens: int, *, first: bool) -> Request:
        messages = self.recipe.messages(step, self.row["source"], self.row["teacher"], fields)
        prompt_hash = fingerprint(messages)
        root = self.row["generation_key"]
        seed = self.row["seed"] if first else _seed(prompt_hash, root)
        return _request(step, messages, prompt_hash, tokens, seed, root, self.by)

    def parse(self, step: Step, result: Result) -> Parsed | None:
        """What a later generation may build on; None where the chain cannot go on."""
        if result.finish_reason != "stop":
            return None
        parsed = step.contract.parse(clean_output(result.output))
        return parsed if parsed.parts >= step.contract.min_parts else None

    def end(self, path: list[Request], output: str, stopped_at: str | None, key: str | None = None) -> None:
        """Add the row of a text, or of the chain that could not go on."""
        last = path[-1]
        result = self.results[last.generation_key]
        made_of = [part.generation_key for part in path]
        own = [self.results[part] for part in made_of if part not in self.counted]
        self.counted.update(made_of)
        self.next.generations.append(
            {
                **self.row,
                "generation_key": key or last.generation_key,
                "prompt_hash": last.prompt_hash,
                "temperature": last.temperature,
                "top_p": last.top_p,
                "top_k": last.top_k,
                "max_tokens": last.max_tokens,
                "seed": last.seed,
                "variant": len(self.next.generations),
                "made_of": made_of,
                "stopped_at": stopped_at,
                "output": output,
                "finish_reason": result.finish_reason,
                "error": result.error,
                "prompt_tokens": sum(part.prompt_tokens for part in own),
                "completion_tokens": sum(part.completion_tokens for part in own),
                "depth": 1,
            }
        )
