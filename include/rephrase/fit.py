"""How long a recipe's segments may be for a teacher, so that every prompt of a chain fits with its output."""

import logging
from bisect import bisect_right
from dataclasses import dataclass

from include.errors import BadInput
from include.recipes.recipe import Recipe, Step
from include.rephrase.chain import NOTHING_WRITTEN
from include.rephrase.chat import CountChat
from include.rephrase.segment import CountTokens, Segment

log = logging.getLogger("rewrap.plan")

MIN_SEGMENT = 64
"""Tokens. There is nothing to rephrase in shorter cuts."""
STEP = 16
"""Limits that the context sets are multiples of it: recipes with prompts of about equal length share their segments."""
SLACK = 32
"""Tokens. Joined texts may have some more tokens than their parts."""


@dataclass(frozen=True)
class Fitted:
    """A recipe with what its prompts need of a teacher."""

    recipe: Recipe
    recipe_hash: str
    max_tokens: int
    """Of a segment."""
    frames: tuple[int, ...]
    """Prompt tokens of each step without the segment and what earlier steps gave."""

    def prompt_tokens(self, tokens: int, pieces: list[Segment] | None) -> int:
        """Of the chain's first prompt, for a segment of so many."""
        return self.frames[0] + tokens + (pieces[0].tokens if pieces else 0)

    def predicted_tokens(self, tokens: int) -> int:
        """Output of the whole chain, as the recipe expects it."""
        return max(1, round(tokens * self.recipe.expected_ratio))

    def predicted_prompt_tokens(self, tokens: int, pieces: list[Segment] | None) -> int:
        """Of the whole chain. An output that is made for an item is taken to be about as long as the segment."""
        if pieces:
            context, before = 0.0, 0
            for piece in pieces:
                context += self.frames[0] + tokens + piece.tokens + before * self.recipe.expected_ratio
                before += piece.tokens
            return round(context)
        total, prompts = 0, 1
        for step, frame in zip(self.recipe.steps, self.frames, strict=True):
            prompts *= max(1, round(self.recipe.expected_ratio)) if step.repeat == "each_item" else 1
            total += prompts * (frame + tokens)
        return total


def fit(
    recipe: Recipe, teacher: str, max_model_len: int, cap: int | None, count_tokens: CountTokens, count_chat: CountChat
) -> Fitted:
    """Measure a recipe's prompts and find its longest segment: the recipe's, ``cap``, or what the context has room for.

    Raises:
        BadInput: the context is too small for the recipe.
    """
    frames = tuple(_frame(recipe, step, teacher, count_tokens, count_chat) for step in recipe.steps)
    wanted = min(recipe.segment.max_tokens, cap or recipe.segment.max_tokens)
    room = max_model_len - SLACK
    if _needed(recipe, frames, wanted) <= room:
        return Fitted(recipe, recipe.generation_fingerprint, wanted, frames)
    longest = bisect_right(range(wanted), room, key=lambda tokens: _needed(recipe, frames, tokens)) - 1
    if longest < MIN_SEGMENT:
        least = min(wanted, MIN_SEGMENT)
        raise BadInput(
            f"Recipe {recipe.id} needs a context of {_needed(recipe, frames, least) + SLACK} tokens even for segments "
            f"of {least}, but rephrase.engine.max_model_len is {max_model_len} for {teacher}. Raise it, choose other "
            "recipes (rephrase.routing or rephrase.recipes), or lower max_tokens or max_ratio in the recipe."
        )
    longest -= longest % STEP
    log.warning(
        "recipe %s: segments of at most %d instead of %d tokens, because rephrase.engine.max_model_len is %d",
        recipe.id, longest, wanted, max_model_len,
    )  # fmt: skip
    return Fitted(recipe, recipe.generation_fingerprint, longest, frames)


def _frame(recipe: Recipe, step: Step, teacher: str, count_tokens: CountTokens, count_chat: CountChat) -> int:
    """Counted around a text of one word: a template may do something else around an empty one."""
    word = "text"
    around = {"written": NOTHING_WRITTEN, "piece": word} if step.repeat == "each_piece" else {}
    (tokens,) = count_tokens([word])
    return count_chat(recipe.messages(step, word, teacher, around)) - tokens * (2 if around else 1)


def _needed(recipe: Recipe, frames: tuple[int, ...], tokens: int) -> int:
    """Tokens of the longest prompt with its output, if all outputs are as long as they may be."""
    if recipe.segment.piece_tokens is not None:
        piece = min(recipe.segment.piece_tokens, tokens)
        limit = recipe.steps[0].sampling.limit
        # One piece more than there must be, because pieces end with sentences.
        whole, rest = divmod(tokens, max(1, piece))
        return frames[0] + tokens + piece + whole * limit(piece) + limit(rest) + limit(0)
    longest, given = 0, 0
    for step, frame in zip(recipe.steps, frames, strict=True):
        output = step.sampling.limit(tokens)
        longest = max(longest, frame + tokens + given + output)
        given += output
    return longest
