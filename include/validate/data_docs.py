"""Runs the suite in a Great Expectations project of its own and keeps the pages that it renders."""

import logging
import os
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from include.lake import Lake
from include.validate.expected import Expected
from include.validate.outcome import Finding, Layer


def load_gx() -> Any:
    """The library, quiet and without its usage statistics (importing it takes seconds)."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    import great_expectations

    return great_expectations


def evaluate(
    frames: dict[str, Any], expected: list[Expected], project: Path, run_name: str, run_time: datetime
) -> list[Finding]:
    """Validate each frame by its expectations and render Data Docs below ``project``.

    Great Expectations returns ``success=False`` both for bad data and for an expectation that it could not evaluate;
    either counts as failed, and the finding says which it was.
    """
    gx = load_gx()
    from great_expectations.checkpoint.actions import UpdateDataDocsAction
    from great_expectations.core.run_identifier import RunIdentifier

    context = gx.get_context(mode="file", project_root_dir=project)
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_pandas("gate")
    results: dict[str, Any] = {}
    for name, frame in frames.items():
        suite = gx.ExpectationSuite(name, expectations=[item.build() for item in expected if item.frame == name])
        definition = gx.ValidationDefinition(
            name=name,
            data=source.add_dataframe_asset(name).add_batch_definition_whole_dataframe("all"),
            suite=context.suites.add(suite),
        )
        checkpoint = gx.Checkpoint(
            name=name,
            validation_definitions=[context.validation_definitions.add(definition)],
            actions=[UpdateDataDocsAction(name="data_docs")],
        )
        outcome = context.checkpoints.add(checkpoint).run(
            batch_parameters={"dataframe": frame}, run_id=RunIdentifier(run_name, run_time)
        )
        for validation in outcome.run_results.values():
            results |= {result.expectation_config.meta["name"]: result for result in validation.results}
    return [item.finding(results.get(item.name)) for item in expected]


def build(
    lake: Lake, crawl: str, layer: Layer, frames: dict[str, Any], expected: list[Expected], run_name: str
) -> list[Finding]:
    """Evaluate, and replace ``data_docs/<crawl>/<layer>`` in the lake by the new pages (``index.html``)."""
    made = min(file.stat().st_mtime for file in lake.files(layer, crawl))
    folder = lake.path("data_docs", crawl, layer)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".gx-", dir=lake.root) as project:
        # The pages show when the rows were made, so that building them again gives the same run.
        findings = evaluate(frames, expected, Path(project), run_name, datetime.fromtimestamp(made, UTC))
        if folder.exists():
            shutil.rmtree(folder)
        shutil.move(Path(project) / "gx/uncommitted/data_docs/local_site", folder)
    return findings
