"""The figures of a dump that a suite is about.

Great Expectations 1.24 reads neither DuckDB nor Parquet in place. So DuckDB reduces the tables of a dump to one row of
figures, which is what Great Expectations gets: its memory does not grow with the dump. A figure that counts bad rows
comes with up to three of them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

NONE = "none"
"""What a figure that names culprits says when there are none."""
EXAMPLES = 3


@dataclass
class Figures:
    """Figures by name; each has either a value or an error."""

    values: dict[str, Any] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)
    """Of the rows that a figure counts: what names them."""
    errors: dict[str, str] = field(default_factory=dict)
    """Why a figure could not be computed: what is expected of it has then failed."""

    def measure(self, names: Iterable[str], how: Callable[[], Mapping[str, Any]]) -> None:
        """Take the figures ``names`` from what ``how`` returns; further ones are passed over."""
        try:
            found = how()
        except Exception as error:  # whatever a library may raise
            self.errors |= dict.fromkeys(names, f"{type(error).__name__}: {error}")
            return
        for name in names:
            value = found.get(name)
            if value is None or value != value:  # NaN
                self.errors[name] = "it has no value"
            else:
                self.values[name] = value

    def count(
        self, db: "duckdb.DuckDBPyConnection", table: str, conditions: Mapping[str, str], shown: str = "NULL"
    ) -> None:
        """Count the rows of ``table`` that meet each SQL condition; ``shown`` (SQL) names a row for a person."""

        def rows() -> dict[str, int]:
            counts = [f'count(*) FILTER ({condition}) AS "{name}"' for name, condition in conditions.items()]
            examples = [
                f"min(coalesce(({shown})::VARCHAR, '(null)'), {EXAMPLES}) FILTER ({condition}) AS \"{name} shown\""
                for name, condition in conditions.items()
            ]
            [found] = db.sql(f"SELECT {', '.join(counts + examples)} FROM {table}").to_arrow_table().to_pylist()
            if shown != "NULL":
                self.examples |= {name: found[f"{name} shown"] or [] for name in conditions}
            return {name: found[name] for name in conditions}

        self.measure(conditions, rows)


def rows(db: "duckdb.DuckDBPyConnection", query: str, **values: object) -> list[dict[str, Any]]:
    """What a query with ``$name`` parameters gives, row by row."""
    found: list[dict[str, Any]] = db.sql(query, params=values or None).to_arrow_table().to_pylist()
    return found


def one_row(db: "duckdb.DuckDBPyConnection", query: str, **values: object) -> dict[str, Any]:
    [row] = rows(db, query, **values)
    return row
