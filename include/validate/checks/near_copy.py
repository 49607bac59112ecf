"""The output copies the source instead of rephrasing it."""

import pyarrow as pa
import pyarrow.compute as pc

from include.validate.checks.check import Bound, Check
from include.validate.rows import Rows, Values


def measure(rows: Rows) -> Values:
    """Share of the output's word 4-grams that stand in its source."""
    ngrams = rows.text_words.ngrams
    # Arrow looks up in a hash table, five times as fast as numpy's isin, which sorts.
    copied = pc.is_in(pa.array(ngrams.keys), value_set=pa.array(rows.source_words.ngrams.keys))
    return ngrams.share(copied.to_numpy(zero_copy_only=False))


def bounds(rows: Rows) -> tuple[Bound, Bound]:
    """Answers are taken from the text by contract, so that question-answer recipes may copy."""
    most = rows.params.max_copy_share
    return 0.0, rows.per_recipe(lambda recipe: 1.0 if recipe.contract.kind == "qa" else most)


CHECK = Check("near_copy", measure, bounds)
