"""How far a dump's plan has been carried out, by recipe: one query over the plan and the store.

Rows stay in DuckDB, whose memory has a limit (``REWRAP_QUERY_MEMORY``) beyond which it uses the disk.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from include.lake import Lake
from include.recipes.registry import known_recipes, load_recipe
from include.rephrase.collect import is_collected
from include.rephrase.rates import RecipeCounts
from include.rephrase.store import Store


@dataclass(frozen=True)
class Made:
    """One recipe of a plan. A chain that is in the plan several times (the same text twice) is open once at most.

    A chain of several steps counts as finished when its last step has a result or one of its results did not end well;
    so one that its first step's contract ended is taken for open until the dump's generations are collected.
    """

    recipe: str
    version: str
    chains: int
    counts: RecipeCounts
    """Of the chains that are finished, by engines that are no stand-in."""
    open: int
    """Chains that are not finished."""
    open_source_tokens: int
    open_predicted_prompt_tokens: int
    open_predicted_tokens: int
    open_with_pieces: int
    """Of the open ones, those that go along pieces."""
    open_pieces: int
    open_made: RecipeCounts
    """What of the open chains is in the store."""
    several_steps: bool


QUERY = """
WITH chain AS (
    SELECT generation_key AS root, recipe, recipe_version, source_tokens, prompt_tokens, predicted_tokens,
           predicted_prompt_tokens, len(pieces) AS pieces, count(*) AS times
    FROM request GROUP BY ALL
),
best AS (
    SELECT root, generation_key, any_value(step) AS step, bool_or(finish_reason = 'stop') AS well,
           bool_or(engine = 'scripted') AS scripted, max(prompt_tokens) AS prompt_tokens,
           max(completion_tokens) AS tokens
    FROM result SEMI JOIN chain USING (root)
    WHERE finish_reason <> 'error' OR NOT $retry_failed
    GROUP BY root, generation_key
),
made AS (
    SELECT root, count(*) AS generations, sum(best.prompt_tokens) AS made_prompt_tokens, sum(tokens) AS made_tokens,
           bool_or(NOT well) AS stuck, bool_or(scripted) AS scripted, bool_or(step = last_step) AS at_the_end
    FROM best JOIN chain USING (root) LEFT JOIN known_recipe USING (recipe, recipe_version)
    GROUP BY root
),
state AS (
    SELECT chain.*, generations, made_prompt_tokens, made_tokens, coalesce(scripted, false) AS scripted,
           $collected OR generations IS NOT NULL
           AND (stuck OR coalesce(generations >= pieces, at_the_end, true)) AS finished
    FROM chain LEFT JOIN made USING (root)
)
SELECT
    recipe, recipe_version, sum(times) AS chains,
    {measured},
    count(*) FILTER (NOT finished) AS open,
    sum(source_tokens) FILTER (NOT finished) AS open_source_tokens,
    sum(predicted_prompt_tokens) FILTER (NOT finished) AS open_predicted_prompt_tokens,
    sum(predicted_tokens) FILTER (NOT finished) AS open_predicted_tokens,
    count(pieces) FILTER (NOT finished) AS open_with_pieces,
    sum(pieces) FILTER (NOT finished) AS open_pieces,
    {begun},
    bool_or(predicted_prompt_tokens > prompt_tokens) AS several_steps
FROM state GROUP BY recipe, recipe_version ORDER BY recipe, recipe_version
"""
COUNTS = """
    count(*) FILTER ({which}) AS {name}_chains,
    sum(generations) FILTER ({which}) AS {name}_generations,
    sum(source_tokens) FILTER ({which}) AS {name}_source_tokens,
    sum(made_prompt_tokens) FILTER ({which}) AS {name}_prompt_tokens,
    sum(made_tokens) FILTER ({which}) AS {name}_tokens"""


def made_so_far(lake: Lake, crawl: str, retry_failed: bool) -> Iterator[Made]:
    """Each recipe of the dump's plan. With ``retry_failed``, what is stored as failed is not made.

    Raises:
        BadInput: the dump has no plan.
    """
    sql = QUERY.format(
        measured=COUNTS.format(name="measured", which="finished AND NOT scripted"),
        begun=COUNTS.format(name="begun", which="NOT finished AND generations IS NOT NULL"),
    )
    files = [str(file) for file in lake.files("requests", crawl)]
    given = {"retry_failed": retry_failed, "collected": is_collected(lake, crawl) and not retry_failed}
    with Store(lake).query() as query:
        query.read_parquet(files).create_view("request")
        planned = query.sql("SELECT DISTINCT recipe FROM request").fetchall()
        query.register("known_recipe", _last_steps({recipe for (recipe,) in planned}))
        for row in query.sql(sql, params=given).to_arrow_table().to_pylist():
            yield _made({name: value or 0 for name, value in row.items()})


def _made(row: dict[str, int]) -> Made:
    return Made(
        recipe=str(row["recipe"]),
        version=str(row["recipe_version"]),
        chains=int(row["chains"]),
        counts=_counts(row, "measured"),
        open=row["open"],
        open_source_tokens=int(row["open_source_tokens"]),
        open_predicted_prompt_tokens=int(row["open_predicted_prompt_tokens"]),
        open_predicted_tokens=int(row["open_predicted_tokens"]),
        open_with_pieces=row["open_with_pieces"],
        open_pieces=int(row["open_pieces"]),
        open_made=_counts(row, "begun"),
        several_steps=bool(row["several_steps"]),
    )


def _counts(row: dict[str, int], name: str) -> RecipeCounts:
    return RecipeCounts(**{field: int(row[f"{name}_{field}"]) for field in RecipeCounts.__dataclass_fields__})


def _last_steps(planned: set[str]) -> pa.Table:
    """The id of each planned recipe's last step; recipes that are gone are left out."""
    recipes = [load_recipe(recipe) for recipe in sorted(planned & set(known_recipes()))]
    columns = {
        "recipe": [recipe.id for recipe in recipes],
        "recipe_version": [recipe.version for recipe in recipes],
        "last_step": [recipe.steps[-1].id for recipe in recipes],
    }
    return pa.table(columns, schema=pa.schema([(name, pa.string()) for name in columns]))
