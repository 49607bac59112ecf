"""A discovered dump as Airflow sees it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]


def test_a_found_dump_is_schedulable_at_the_next_parse(
    airflow_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.dag_processing.dagbag import DagBag

    from include import stages
    from include.settings import settings

    listing = [{"id": "CC-MAIN-2025-48", "from": "2025-11-20T00:00:00", "to": "2025-11-21T00:00:00"}]
    (tmp_path / "collinfo.json").write_text(json.dumps(listing))
    monkeypatch.setenv("REWRAP_COLLINFO", str(tmp_path / "collinfo.json"))
    monkeypatch.setenv("REWRAP_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("REWRAP_CRAWLS", raising=False)

    def parsed() -> dict[str, str]:
        bag = DagBag(dag_folder=str(PROJECT / "dags/ingest_crawl.py"))
        released: dict[str, str] = bag.dags["ingest_crawl"].timetable.released  # type: ignore[attr-defined]
        return released

    settings.cache_clear()
    try:
        before = parsed()
        assert stages.discover(stages.open_workspace()) == ["CC-MAIN-2025-48"]
        after = parsed()
    finally:
        settings.cache_clear()
    assert list(after)[:-1] == list(before)
    assert list(after.items())[-1] == ("CC-MAIN-2025-48", "2025-11-21T00:00:00+00:00")
