"""Runs a suite in a Great Expectations project of its own and keeps the pages that it renders."""

import logging
import os
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from include.lake import Lake
from include.validate.expected import Expected
from include.validate.figures import Figures
from include.validate.outcome import TABLES, Finding, Layer

log = logging.getLogger("rewrap.gate")


def load_gx() -> Any:
    """The library, quiet and without its usage statistics (importing it takes seconds)."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    import great_expectations

    return great_expectations


def evaluate(
    figures: Figures, expected: list[Expected], project: Path, run_name: str, run_time: datetime
) -> list[Finding]:
    """Validate the figures and render Data Docs below ``project``.

    Great Expectations returns ``success=False`` both for bad data and for an expectation that it could not evaluate;
    either counts as failed, and the finding says which it was. So does an exception out of the library.
    """
    try:
        results, broken = _results(figures, expected, project, run_name, run_time), None
    except Exception as error:  # whatever it may raise, nothing has been shown to be good
        log.exception("Great Expectations failed")
        results, broken = {}, f"Great Expectations failed with {type(error).__name__}: {error}"
    return [item.finding(results.get(item.name), figures, broken) for item in expected]


def _results(
    figures: Figures, expected: list[Expected], project: Path, run_name: str, run_time: datetime
) -> dict[str, Any]:
    """Each result of the library by our name of its expectation."""
    import pandas

    gx = load_gx()
    from great_expectations.checkpoint.actions import UpdateDataDocsAction
    from great_expectations.core.run_identifier import RunIdentifier

    context = gx.get_context(mode="file", project_root_dir=project)
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_pandas("gate")
    suite = gx.ExpectationSuite("dump", expectations=[item.build() for item in expected])
    definition = gx.ValidationDefinition(
        name="dump",
        data=source.add_dataframe_asset("dump").add_batch_definition_whole_dataframe("all"),
        suite=context.suites.add(suite),
    )
    checkpoint = gx.Checkpoint(
        name="dump",
        validation_definitions=[context.validation_definitions.add(definition)],
        actions=[UpdateDataDocsAction(name="data_docs")],
    )
    frame = pandas.DataFrame([figures.values])
    outcome = context.checkpoints.add(checkpoint).run(
        batch_parameters={"dataframe": frame}, run_id=RunIdentifier(run_name, run_time)
    )
    [validation] = outcome.run_results.values()
    return {result.expectation_config.meta["name"]: result for result in validation.results}


def build(
    lake: Lake, crawl: str, layer: Layer, figures: Figures, expected: list[Expected], run_name: str
) -> list[Finding]:
    """Evaluate, and replace ``data_docs/<crawl>/<layer>`` in the lake by the new pages (``index.html``)."""
    made = min(file.stat().st_mtime for table in TABLES[layer] for file in lake.files(table, crawl))
    folder = lake.path("data_docs", crawl, layer)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".gx-", dir=lake.root) as project:
        # The pages show when the rows were made, so that building them again gives the same run.
        findings = evaluate(figures, expected, Path(project), run_name, datetime.fromtimestamp(made, UTC))
        pages = Path(project) / "gx/uncommitted/data_docs/local_site"
        if folder.exists():
            shutil.rmtree(folder)
        if pages.exists():
            shutil.move(pages, folder)
        else:  # the library broke before it wrote any
            folder.mkdir()
    return findings
