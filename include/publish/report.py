"""The report of the corpus stage: where every row ended, and how many words of which origin the corpus has."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from include.ledger import StageReport
from include.params import MixParams

PLACES = ("mix", "heldout", "real_only")
"""Places inside the corpus; every other place is a reason for leaving a row out."""


def corpus_report(
    stage: str, crawl: str, placed: pa.Table, heldout_by: str, params: MixParams, fingerprint: str
) -> StageReport:
    """Count ``placed`` (columns place, origin, recipe, host, words): one row per document and accepted generation."""
    rows = _count(placed, "place")
    real = placed.filter(pc.equal(placed["origin"], "real"))
    mix = placed.filter(pc.equal(placed["place"], "mix"))
    synthetic = mix.filter(pc.equal(mix["origin"], "synthetic"))
    heldout = real.filter(pc.equal(real["place"], "heldout"))
    arm = real.filter(pc.not_equal(real["place"], "heldout"))
    detail: dict[str, Any] = {
        "rows": {
            "mix": mix.num_rows,
            "mix_real": mix.num_rows - synthetic.num_rows,
            "mix_synthetic": synthetic.num_rows,
            "real": arm.num_rows,
            "real_only": rows.get("real_only", 0),
            "heldout": heldout.num_rows,
        },
        "words": {
            "mix": _words(mix),
            "mix_real": _words(mix) - _words(synthetic),
            "mix_synthetic": _words(synthetic),
            "real": _words(arm),
            "heldout": _words(heldout),
        },
        "by_recipe": {
            recipe: {"rows": count, "words": _words(synthetic.filter(pc.equal(synthetic["recipe"], recipe)))}
            for recipe, count in _count(synthetic, "recipe").items()
        },
        "synthetic_share": round(_words(synthetic) / _words(mix), 4),
        "heldout_by": heldout_by,
        "heldout_hosts": pc.count_distinct(heldout["host"]).as_py(),
        "hosts": pc.count_distinct(real["host"]).as_py(),
        "params": params.model_dump(),
        "fingerprint": fingerprint,
    }
    return StageReport(
        stage=stage,
        crawl=crawl,
        rows_in=placed.num_rows,
        rows_out=sum(rows.get(place, 0) for place in PLACES),
        rejected={place: count for place, count in rows.items() if place not in PLACES},
        detail=detail,
    )


def _count(table: pa.Table, column: str) -> dict[str, int]:
    counts = table.group_by(column).aggregate([(column, "count")]).sort_by(column)
    return dict(zip(counts[column].to_pylist(), counts[f"{column}_count"].to_pylist(), strict=True))


def _words(table: pa.Table) -> int:
    return int(pc.sum(table["words"]).as_py() or 0)
