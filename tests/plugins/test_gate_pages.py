"""The pages of the gates as Airflow's API server shows them; links and logins are seen in tests/e2e."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

pytestmark = pytest.mark.usefixtures("airflow_home")


@pytest.fixture
def client(airflow_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    from airflow.api_fastapi.core_api.security import get_user
    from fastapi.testclient import TestClient
    from gate_pages import pages_app

    from include.settings import settings

    folder = tmp_path / "home/lake/data_docs/SAMPLE-2026-01/documents"
    (folder / "static").mkdir(parents=True)
    (folder / "summary.html").write_text("<h1>Gate</h1>")
    (folder / "static/style.css").write_text("h1 {}")
    (tmp_path / "home/lake/data_docs/secret.txt").write_text("nobody's business")
    monkeypatch.setenv("REWRAP_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    app = pages_app()
    app.dependency_overrides[get_user] = lambda: None
    yield TestClient(app)
    settings.cache_clear()


def test_a_page_and_its_parts_are_shown_without_leave_to_run_scripts(client: TestClient) -> None:
    page = client.get("/SAMPLE-2026-01/documents/summary.html")
    assert (page.status_code, page.text) == (200, "<h1>Gate</h1>")
    assert "script-src 'none'" in page.headers["Content-Security-Policy"]
    assert client.get("/SAMPLE-2026-01/documents/static/style.css").headers["Content-Type"].startswith("text/css")


@pytest.mark.parametrize(
    "path",
    [
        "/SAMPLE-2026-01/documents/none.html",
        "/SAMPLE-2026-01/documents/",
        "/SAMPLE-2026-01/documents/%2e%2e/%2e%2e/secret.txt",
        "/SAMPLE-2026-01/documents//etc/passwd",
        "/%2e%2e/documents/summary.html",
        "/SAMPLE-2026-01/.hidden/summary.html",
    ],
)
def test_nothing_outside_the_gates_pages_is_shown(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_every_route_asks_who_is_there(client: TestClient) -> None:
    from airflow.api_fastapi.core_api.security import get_user

    client.app.dependency_overrides.clear()  # type: ignore[attr-defined]

    def nobody() -> None:
        from fastapi import HTTPException

        raise HTTPException(401)

    client.app.dependency_overrides[get_user] = nobody  # type: ignore[attr-defined]
    assert client.get("/SAMPLE-2026-01/documents/summary.html").status_code == 401
    assert client.get("/openapi.json").status_code == 404


def test_airflow_loads_the_plugin() -> None:
    from airflow import plugins_manager

    apps, _ = plugins_manager.get_fastapi_plugins()
    assert "/gates" in {app["url_prefix"] for app in apps}
    assert plugins_manager.get_import_errors() == {}
