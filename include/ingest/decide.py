"""Settings over stored signals: which pages are kept. Changing one decides again without reading a dump again."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from include.ingest import quality
from include.ingest.language import normalise
from include.ingest.quality.score import buckets, load_scorer
from include.params import IngestParams
from include.schemas import PAGE


class Decider:
    """The settings, with the quality model loaded once."""

    def __init__(self, params: IngestParams) -> None:
        self.params = params
        self._scorer = load_scorer(params.score)

    def decide(self, pages: pa.Table) -> pa.Table:
        """The pages (schema PAGE) with their quality score; those with a text rejected for the first rule they break.

        In this order: language, the quality rules, orders to a language model, benchmark items.
        """
        kept = pc.equal(pages["status"], "kept")
        in_rules, measured = quality.decide(pages, _whole(pages["language"]), self.params.quality)
        orders, items = _whole(pages["orders"]), _whole(pages["contaminated_by"])
        found = [
            (_wrong_language(pages, self.params), pa.scalar("language"), _describe_language(pages)),
            (pc.is_valid(in_rules), in_rules, measured),
            (pc.is_valid(orders), pa.scalar("addresses_a_model"), orders),
            (pc.is_valid(items), pa.scalar("contaminated"), items),
        ]
        reason, detail = _whole(pages["reason"]), _whole(pages["detail"])
        still = _whole(kept)
        for broken, name, what in found:
            hit = pc.and_(still, pc.fill_null(broken, False))
            reason, detail = pc.if_else(hit, name, reason), pc.if_else(hit, what, detail)
            still = pc.and_(still, pc.invert(hit))
        status = pc.if_else(pc.and_(_whole(kept), pc.invert(still)), "rejected", _whole(pages["status"]))
        return self.score(set_columns(pages, {"status": status, "reason": reason, "detail": detail}))

    def score(self, pages: pa.Table) -> pa.Table:
        """The pages with quality score and bucket, null where there is no text."""
        missing = _whole(pages["text"]).is_null()
        scores = self._scorer.score(pages["text"], pages)
        return set_columns(
            pages,
            {
                "quality_score": pa.array(scores, pa.float32(), mask=missing.to_numpy(zero_copy_only=False)),
                "quality_bucket": pc.if_else(missing, None, buckets(scores, self.params.score)),
            },
        )


def set_columns(pages: pa.Table, columns: dict[str, Any]) -> pa.Table:
    """The pages (schema PAGE) with these columns replaced."""
    for name, values in columns.items():
        pages = pages.set_column(pages.schema.get_field_index(name), PAGE.field(name), values)
    return pages


def _wrong_language(pages: pa.Table, params: IngestParams) -> Any:
    score, share = _whole(pages["language_score"]), _whole(pages["language_share"])
    wrong = pc.or_(
        pc.less(score, pa.scalar(params.min_language_score if params.languages else 0.0, pa.float32())),
        pc.less(share, pa.scalar(params.min_language_share, pa.float32())),
    )
    if not params.languages:
        return wrong
    wanted = pa.array([normalise(code) for code in params.languages], pa.string())
    return pc.or_(wrong, pc.invert(pc.is_in(_whole(pages["language"]), wanted)))


def _describe_language(pages: pa.Table) -> Any:
    """Such as ``fr (0.98)``."""
    score = pc.round(_whole(pages["language_score"]).cast(pa.float64()), 2).cast(pa.string())
    return pc.binary_join_element_wise(_whole(pages["language"]), pc.binary_join_element_wise("(", score, ")", ""), " ")


def _whole(column: Any) -> Any:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
