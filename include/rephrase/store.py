"""The store of generations: content-addressed, shared by all crawls, only ever added to.

A chunk of results is one Parquet file, named after its content and put there by one rename. So each file is complete,
two workers cannot disturb each other, and a worker that dies loses at most the chunk it had not yet committed. It has
no manifest: nothing in it depends on a second file.
"""

import pyarrow as pa

from include.lake import Lake, fingerprint, write_parquet
from include.schemas import RESULT


class Store:
    """Results by generation key."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self.folder = lake.root / "store"

    def commit(self, results: pa.Table) -> None:
        """Add a chunk of results (schema RESULT), durably."""
        name = fingerprint(results.column("generation_key").to_pylist(), results.column("output").to_pylist())
        write_parquet(self.folder / f"chunk-{name}.parquet", results.cast(RESULT))

    def missing(self, crawl: str) -> pa.Table:
        """The dump's requests that no chunk answers, each key once, in the order of the plan."""
        return self._query(
            crawl,
            f"""
            SELECT generation_key, messages, temperature, top_p, max_tokens, seed
            FROM request ANTI JOIN ({self._answered()}) AS answer USING (generation_key)
            QUALIFY row_number() OVER (PARTITION BY generation_key ORDER BY position) = 1
            ORDER BY position
            """,
        )

    def answers(self, crawl: str) -> pa.Table:
        """The dump's requests joined with their results; a result is null where there is none yet.

        Two workers that raced may both have committed a key; the answer of the file that sorts first counts.
        """
        return self._query(
            crawl,
            f"""
            SELECT request.* EXCLUDE (position), answer.* EXCLUDE (generation_key, prompt_tokens, chunk),
                   answer.prompt_tokens AS answer_prompt_tokens
            FROM request
            LEFT JOIN (SELECT DISTINCT ON (generation_key) * FROM ({self._answered()}) ORDER BY generation_key, chunk)
            AS answer USING (generation_key) ORDER BY position
            """,
        )

    def _query(self, crawl: str, sql: str) -> pa.Table:
        plan = """
            WITH request AS (
                SELECT * EXCLUDE (filename, file_row_number),
                       row_number() OVER (ORDER BY filename, file_row_number) AS position
                FROM read_parquet(?, filename = true, file_row_number = true)
            )
            """
        files = [str(file) for file in self.lake.files("requests", crawl)]
        with self.lake.query() as query:
            return query.sql(plan + sql, params=[files]).to_arrow_table()

    def _answered(self) -> str:
        """SQL for all results with the file they stand in; an empty store answers nothing."""
        if any(self.folder.glob("chunk-*.parquet")):
            pattern = str(self.folder / "chunk-*.parquet").replace("'", "''")
            return f"SELECT * EXCLUDE (filename), filename AS chunk FROM read_parquet('{pattern}', filename = true)"
        columns = ", ".join(f"CAST(NULL AS {_SQL[field.type]}) AS {field.name}" for field in RESULT)
        return f"SELECT {columns}, '' AS chunk WHERE false"


_SQL = {pa.string(): "VARCHAR", pa.int32(): "INTEGER"}
