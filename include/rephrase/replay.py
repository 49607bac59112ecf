"""The chains of a plan, one after the other, each with what the store holds of it.

What grows with the plan or the store stays in DuckDB, which spills to disk: keys are matched there, in one scan of the
store's key columns. Of the outputs, only those are read that are needed, for a slice of the plan at a time.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from include.lake import Lake
from include.recipes.recipe import Recipe
from include.rephrase.chain import Row, planned_recipe
from include.rephrase.engines.base import Result
from include.rephrase.store import Store

if TYPE_CHECKING:
    import duckdb

SLICE = 1024
"""Rows of the plan whose results are in memory at a time."""
BATCH = 256
"""Rows of the plan in memory at a time."""


@dataclass(frozen=True)
class StoredChain:
    """A row of the plan and all results with its root."""

    position: int
    row: Row
    results: dict[str, Result]
    made_by: dict[str, tuple[str, str]]
    """Engine and its version, by generation key."""

    def signed(self, generations: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The chain's texts with the engine that made each: rows of the table ``generations``."""
        signed = []
        for text in generations:
            engine, version = self.made_by[text["made_of"][-1]]
            signed.append({**text, "engine": engine, "engine_version": version})
        return signed


@dataclass(frozen=True)
class StoredChains:
    """Goes through the chains once, in the order of the plan."""

    count: int
    predicted_tokens: int
    later: int
    """Chains whose turn comes later."""
    _query: "duckdb.DuckDBPyConnection"
    _plan: Path

    def roots_in(self, chunks: list[str]) -> set[str]:
        """Roots of these chains of which the files hold results."""
        with self._query.cursor() as query:
            found = query.execute(
                "SELECT DISTINCT root FROM read_parquet(?) WHERE root IN (SELECT root FROM chain)", [chunks]
            )
            return {root for (root,) in found.fetchall()}

    def __iter__(self) -> Iterator[StoredChain]:
        rows = _Rows(self._plan)
        slices = self._query.execute(f"SELECT DISTINCT position // {SLICE} FROM chain ORDER BY 1").fetchall()
        for (number,) in slices:
            start, stop = number * SLICE, (number + 1) * SLICE
            found = self._results(start, stop)
            in_slice = "SELECT position FROM chain WHERE position >= ? AND position < ? ORDER BY 1"
            for (position,) in self._query.execute(in_slice, [start, stop]).fetchall():
                answers = found.get(position, [])
                yield StoredChain(
                    position,
                    rows.at(position),
                    {answer["generation_key"]: _result(answer) for answer in answers},
                    {answer["generation_key"]: (answer["engine"], answer["engine_version"]) for answer in answers},
                )

    def _results(self, start: int, stop: int) -> dict[int, list[dict[str, Any]]]:
        """Stored results of the chains from ``start`` up to ``stop``, by position; of two of a key the last counts."""
        wanted = "SELECT chunk, place, position FROM found WHERE position >= $start AND position < $stop"
        places = {"start": start, "stop": stop}
        files = [name for (name,) in self._query.execute(f"SELECT DISTINCT chunk FROM ({wanted})", places).fetchall()]
        if not files:
            return {}
        answers = self._query.sql(
            f"""
            SELECT wanted.position, held.* EXCLUDE (filename, file_row_number)
            FROM read_parquet($files, filename = true, file_row_number = true) AS held
            JOIN ({wanted}) AS wanted ON held.filename = wanted.chunk AND held.file_row_number = wanted.place
            """,
            params={**places, "files": sorted(files)},
        ).to_arrow_table()
        found: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for answer in answers.to_pylist():
            found[answer["position"]].append(answer)
        for same_chain in found.values():
            # A key stands there twice if it was made twice at the same time, or if a failed one was made again.
            same_chain.sort(key=lambda answer: (answer["finish_reason"] == "error", answer["output"]), reverse=True)
        return found


@contextmanager
def all_chains(lake: Lake, crawl: str) -> Iterator[StoredChains]:
    """Every row of the plan with its results."""
    plan = _plan_file(lake, crawl)
    with Store(lake).query() as query:
        query.execute(
            "CREATE TABLE chain AS SELECT file_row_number AS position, generation_key AS root, predicted_tokens "
            "FROM read_parquet(?, file_row_number = true)",
            [str(plan)],
        )
        _find(query, failed_too=True)
        yield _chains(query, plan, later=0)


@contextmanager
def open_chains(
    lake: Lake, crawl: str, positions: range, turn: int, one_step: Collection[str], retry_failed: bool
) -> Iterator[StoredChains]:
    """The chains of a range that may lack something.

    A chain stands in the plan more than once if documents share a segment: the first one counts, so that no two units
    make the same. Left out are those that are finished, as far as that shows without a replay: ``one_step`` are the
    recipes whose first result is their last.

    Args:
        turn: of the chains that share their first request (recipes that begin alike), the first, the second ...: what
            one has made serves the next.
        retry_failed: stored errors count as lacking.
    """
    plan = _plan_file(lake, crawl)
    with Store(lake).query() as query:
        query.execute(
            """
            CREATE TABLE chain AS
            SELECT min(position) AS position, root, arg_min(predicted_tokens, position) AS predicted_tokens,
                   list_contains($one_step, recipe) AS one_step,
                   row_number() OVER (PARTITION BY root ORDER BY min(position)) AS turn
            FROM (SELECT file_row_number AS position, generation_key AS root, recipe, predicted_tokens
                  FROM read_parquet($plan, file_row_number = true))
            GROUP BY root, recipe HAVING min(position) >= $start AND min(position) < $stop
            """,
            {"plan": str(plan), "start": positions.start, "stop": positions.stop, "one_step": sorted(one_step)},
        )
        _find(query, failed_too=not retry_failed)
        query.execute(
            "DELETE FROM chain WHERE one_step AND root IN (SELECT root FROM found WHERE generation_key = root)"
        )
        (later,) = _row(query.execute("SELECT count(*) FROM chain WHERE turn > ?", [turn]))
        query.execute("DELETE FROM chain WHERE turn <> ?", [turn])
        query.execute("DELETE FROM found WHERE position NOT IN (SELECT position FROM chain)")
        yield _chains(query, plan, later)


def planned_recipes(lake: Lake, crawl: str) -> dict[str, Recipe]:
    """The recipes of a dump's plan, by id.

    Raises:
        BadInput: a recipe is gone, or is no longer what it was when the plan was made.
    """
    with lake.query() as query:
        planned = query.execute(
            "SELECT DISTINCT recipe, recipe_hash FROM read_parquet(?) ORDER BY ALL",
            [str(_plan_file(lake, crawl))],
        ).fetchall()
    return {recipe: planned_recipe(recipe, recipe_hash) for recipe, recipe_hash in planned}


def _plan_file(lake: Lake, crawl: str) -> Path:
    (plan,) = lake.files("requests", crawl)
    return plan


def _find(query: "duckdb.DuckDBPyConnection", failed_too: bool) -> None:
    """Where the results of the chains stand."""
    query.execute(
        "CREATE TABLE found AS SELECT chain.position, root, generation_key, chunk, place FROM result "
        f"JOIN chain USING (root){'' if failed_too else ' WHERE finish_reason <> $$error$$'}"
    )


def _chains(query: "duckdb.DuckDBPyConnection", plan: Path, later: int) -> StoredChains:
    count, predicted = _row(query.execute("SELECT count(*), coalesce(sum(predicted_tokens), 0) FROM chain"))
    return StoredChains(count, int(predicted), later, query, plan)


def _row(found: "duckdb.DuckDBPyConnection") -> tuple[Any, ...]:
    (row,) = found.fetchall()
    return tuple(row)


def _result(answer: dict[str, Any]) -> Result:
    return Result(
        generation_key=answer["generation_key"],
        output=answer["output"],
        finish_reason=answer["finish_reason"],
        error=answer["error"],
        prompt_tokens=answer["prompt_tokens"],
        completion_tokens=answer["completion_tokens"],
    )


class _Rows:
    """Rows of the plan by position; positions must ascend."""

    def __init__(self, plan: Path) -> None:
        self._file = pq.ParquetFile(plan, pre_buffer=False, buffer_size=2**16)
        self._groups = iter(range(self._file.num_row_groups))
        self._batches: Iterator[Any] = iter(())
        self._start = self._end = 0
        """Positions in the batch."""
        self._group_end = 0

    def at(self, position: int) -> Row:
        while position >= self._group_end:
            group = next(self._groups)
            self._start = self._end = self._group_end
            self._group_end += self._file.metadata.row_group(group).num_rows
            self._batches = self._file.iter_batches(BATCH, row_groups=[group])
        while position >= self._end:
            self._batch = next(self._batches)
            self._start, self._end = self._end, self._end + self._batch.num_rows
        row: Row = self._batch.slice(position - self._start, 1).to_pylist()[0]
        return row
