"""What the gates of all layers share: from figures to an outcome, and what becomes of a gate that breaks."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from include.errors import BadInput, GateFailed
from include.lake import Lake
from include.validate import data_docs
from include.validate.expected import Expected
from include.validate.figures import Figures
from include.validate.outcome import Finding, Layer, Outcome, raise_if_failed, table_digest, write_outcome

log = logging.getLogger("rewrap.gate")


def summary_path(lake: Lake, crawl: str, layer: Layer) -> Path:
    """The page of ours beside Great Expectations' own."""
    return lake.path("data_docs", crawl, layer) / "summary.html"


def decide(
    lake: Lake, crawl: str, layer: Layer, key: str, figures: Figures, expected: list[Expected], compared: str
) -> Outcome:
    """Evaluate a suite over the layer's present tables and render its Data Docs.

    The outcome is not written: that comes last, when the report and the summary are there, too.
    """
    findings = data_docs.build(lake, crawl, layer, figures, expected, f"{crawl}-{key[:8]}")
    return Outcome(
        crawl=crawl,
        passed=all(finding.passed for finding in findings if finding.severity == "critical"),
        fingerprint=key,
        judged=str(table_digest(lake, crawl, layer)),
        expectations=tuple(findings),
        warnings=tuple(str(finding) for finding in findings if finding.severity == "warning" and not finding.passed),
        data_docs=str(summary_path(lake, crawl, layer).relative_to(lake.root)),
        layer=layer,
        compared=compared,
    )


@contextmanager
def broken_counts_as_failed(lake: Lake, crawl: str, layer: Layer) -> Iterator[None]:
    """Turn whatever a gate raises by mistake into a failed gate: an earlier outcome must not speak for these rows."""
    try:
        yield
    except (BadInput, GateFailed):
        raise
    except Exception as error:
        log.exception("the gate on the %s of %s broke", layer, crawl)
        broken = Finding(
            name="gate_can_be_evaluated",
            severity="critical",
            claim="the gate can be evaluated",
            passed=False,
            observed=None,
            bound="no error",
            advice="The log has the traceback. If the disk or the memory ran out, mend that; else report it.",
            error=f"{type(error).__name__}: {error}",
        )
        outcome = Outcome(crawl, False, "", str(table_digest(lake, crawl, layer)), (broken,), (), "", layer)
        write_outcome(lake, outcome)
        raise_if_failed(lake, outcome)
