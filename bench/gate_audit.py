"""Precision and recall of the gate on the audit set: by label, by check and as a whole, for each of its parts.

Run: ``python -m bench.gate_audit``. Writes ``bench/results/gate_audit.json``. Bad pairs are what is to be found: recall
is the share of them that is rejected, precision the share of the rejected ones that are bad.
"""

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from include.lake import Lake
from include.settings import Settings
from include.validate.audit import FAITHFUL, FOLDER, Pair, agreement, generations_of, load_pairs
from include.validate.checks import CHECKS
from include.validate.gate_params import GateParams
from include.validate.passes import MeasureSemantics
from include.validate.rows import Rows
from include.validate.semantics.request import request_semantics

PARTS = ("calibration", "validation", "heldout")
RESULT = Path(__file__).parent / "results" / "gate_audit.json"


def measure_part(pairs: list[Pair], measure_semantics: MeasureSemantics | None) -> dict[str, Any]:
    """How verdicts agree with labels; ``missed`` and ``wrongly_rejected`` name the pairs where they do not."""
    generations = generations_of(pairs)
    semantics = _semantics(generations, measure_semantics) if measure_semantics else None
    rows = Rows(generations, GateParams(), ["en"], semantics)
    checks = [check for check in CHECKS if semantics is not None or not check.needs_semantics]
    failed = {check.name: ~check(rows)[1] for check in checks}
    rejected = np.any(list(failed.values()), axis=0)
    labels = np.array([pair.label for pair in pairs])
    names = np.array([f"{pair.recipe}/{pair.id}" for pair in pairs])
    bad = labels != FAITHFUL
    whole = agreement(pairs, rejected)
    by_check = {}
    for name, its in failed.items():
        others = np.any([other for other_name, other in failed.items() if other_name != name], axis=0)
        by_check[name] = {
            "rejected": int(its.sum()),
            "precision": round(agreement(pairs, its).precision, 3),
            "bad_ones_that_only_it_rejects": int((its & bad & ~others).sum()),
        }
    return {
        "pairs": len(pairs),
        "with_semantics": semantics is not None,
        "precision": round(whole.precision, 3),
        "recall": round(whole.recall, 3),
        "recall_by_label": {label: _recall(rejected[labels == label]) for label in sorted({*labels[bad].tolist()})},
        "by_check": by_check,
        "missed": dict(zip(names[bad & ~rejected].tolist(), labels[bad & ~rejected].tolist(), strict=True)),
        "wrongly_rejected": {
            str(names[row]): [name for name, its in failed.items() if its[row]]
            for row in np.flatnonzero(~bad & rejected)
        },
    }


def _recall(rejected: NDArray[np.bool_]) -> dict[str, float]:
    return {"pairs": len(rejected), "recall": round(float(rejected.mean()), 3)}


def _semantics(generations: pa.Table, measure_semantics: MeasureSemantics) -> pa.Table:
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(Path(folder) / "lake")
        lake.write(generations, layer="generations", crawl="AUDIT-1", fingerprint="pairs")
        measure_semantics(lake, "AUDIT-1")
        return lake.read("semantics", "AUDIT-1")


def by_the_engine(lake: Lake, crawl: str) -> None:
    """What the gate's own task does."""
    settings = Settings.from_environment({"REWRAP_HOME": str(lake.root.parent)})
    request_semantics(settings, lake, crawl, GateParams(), ["en"], ["--set", "ingest.languages=[en]"])


def main(measure_semantics: MeasureSemantics | None = by_the_engine) -> None:
    """``measure_semantics``: what the gate is given too; without it the checks that need it are left out."""
    found: dict[str, Any] = {}
    for part in PARTS:
        pairs = load_pairs(FOLDER / part)
        found[part] = measure_part(pairs, measure_semantics) if pairs else "no pairs in this folder"
        if pairs and part == "heldout":
            # Their names would tempt: what has been looked at measures nothing any more.
            del found[part]["missed"], found[part]["wrongly_rejected"]
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(found, indent=1) + "\n")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
