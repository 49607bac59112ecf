"""Cuts a dump's plan into units: what one engine generates in one go.

A unit is a contiguous range of the plan that begins and ends with a document, so that no two engines need the same
cached prefix.
"""

from dataclasses import dataclass
from typing import Self

from include.errors import BadInput
from include.lake import Lake
from include.rephrase.chain import is_one_step
from include.rephrase.replay import planned_recipes
from include.rephrase.store import Store


@dataclass(frozen=True)
class Unit:
    """The chains (rows of the plan) from position ``start`` up to, but without, ``stop``."""

    start: int
    stop: int
    predicted_tokens: int = 0
    """Output tokens that are still to be made."""

    def __str__(self) -> str:
        return f"{self.start}-{self.stop}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """A unit from its name. Raises BadInput."""
        start, dash, stop = text.partition("-")
        if not (dash and start.isdecimal() and stop.isdecimal() and int(start) <= int(stop)):
            raise BadInput(f"{text!r} is no unit: write START-STOP, positions in the plan, such as 0-4096.")
        return cls(int(start), int(stop))


def cut_units(lake: Lake, crawl: str, count: int) -> list[Unit]:
    """At most ``count`` units, at least one, that together are the plan and are alike in predicted output tokens.

    Their sums differ from the mean by no more than the largest document's. What the store already has is not counted,
    so that after a stop the rest is shared evenly; a key that stands in the plan twice is counted once.

    Raises:
        BadInput: there is no plan, or a recipe has changed since.
    """
    one_step = [name for name, recipe in planned_recipes(lake, crawl).items() if is_one_step(recipe)]
    (plan,) = lake.files("requests", crawl)
    with Store(lake).query() as query:
        found = query.execute(_CUT, {"plan": str(plan), "one_step": one_step, "count": count}).fetchall()
    return [Unit(*row) for row in found] or [Unit(0, 0)]


_CUT = """
    WITH request AS (
        SELECT file_row_number AS position, generation_key AS root, doc_id, recipe, predicted_tokens
        FROM read_parquet($plan, file_row_number = true)
    ), made AS (
        SELECT root, sum(tokens) AS tokens FROM (
            SELECT root, generation_key, max(completion_tokens) AS tokens
            FROM result SEMI JOIN request USING (root) GROUP BY ALL
        ) GROUP BY root
    ), chain AS (
        SELECT position, doc_id, CASE
            WHEN row_number() OVER (PARTITION BY root ORDER BY position) > 1 THEN 0
            WHEN made.tokens IS NOT NULL AND list_contains($one_step, recipe) THEN 0
            ELSE greatest(predicted_tokens - coalesce(made.tokens, 0), 0) END AS tokens
        FROM request LEFT JOIN made USING (root)
    ), document AS (
        SELECT min(position) AS start, max(position) + 1 AS stop, sum(tokens) AS tokens FROM chain GROUP BY doc_id
    ), placed AS (
        SELECT *, sum(tokens) OVER (ORDER BY start) - tokens / 2 AS middle, sum(tokens) OVER () AS total FROM document
    )
    SELECT min(start), max(stop), sum(tokens)::BIGINT FROM placed
    GROUP BY coalesce(least(floor(middle * $count / nullif(total, 0)), $count - 1), 0) ORDER BY 1
    """
"""Each document goes to the unit in whose even share of all tokens its middle lies."""
