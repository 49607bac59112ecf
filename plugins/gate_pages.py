"""Shows the pages of the gates (summary and Data Docs) in Airflow, and links them from the tasks.

They are files of the lake; this serves them to whoever is logged in to Airflow, under ``/gates/<dump>/<layer>/``.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import attrs
from airflow.plugins_manager import AirflowPlugin
from airflow.sdk import BaseOperatorLink
from airflow.sdk.configuration import conf
from stage_tasks import crawl_of

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator
    from airflow.sdk.types import TaskInstanceKey
    from fastapi import FastAPI
    from starlette.types import Receive, Scope, Send

PREFIX = "/gates"
HEADERS = {
    # What was crawled is quoted there. It is escaped; should that fail one day, it still cannot act for its reader.
    "Content-Security-Policy": "default-src 'self' 'unsafe-inline' data:; script-src 'none'; connect-src 'none'; "
    "form-action 'none'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
}


def address(crawl: str, layer: str) -> str:
    """Of the summary page of a gate."""
    base: str = conf.get("api", "base_url", fallback="") or ""
    return f"{base.rstrip('/')}{PREFIX}/{crawl}/{layer}/summary.html"


@attrs.define()
class GatePage(BaseOperatorLink):
    """The button "Data Docs" of a task that judges, or asks about, a layer of its run's dump."""

    layer: str = "documents"

    @property
    def name(self) -> str:
        return "Data Docs"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        # What runs a task asks with the task instance itself.
        context = ti_key.get_template_context()  # type: ignore[attr-defined]
        return address(crawl_of(context), self.layer)


def pages_app() -> FastAPI:
    """The pages of all gates of this lake, for those who are logged in."""
    from airflow.api_fastapi.core_api.security import requires_authenticated
    from fastapi import Depends, FastAPI, HTTPException
    from fastapi.responses import FileResponse

    from include.errors import BadInput
    from include.lake import Lake
    from include.settings import settings

    app = FastAPI(dependencies=[Depends(requires_authenticated())], openapi_url=None)

    @app.get("/{crawl}/{layer}/{page:path}")
    def page(crawl: str, layer: str, page: str) -> FileResponse:
        try:
            folder = Lake(settings().lake).path("data_docs", crawl, layer).resolve()
        except BadInput as error:
            raise HTTPException(404, str(error)) from None
        file = (folder / page).resolve()
        if not file.is_relative_to(folder) or not file.is_file():
            raise HTTPException(404, f"The gate on the {layer} of {crawl} has left no such page.")
        return FileResponse(file, headers=HEADERS)

    return app


_app = lru_cache(maxsize=1)(pages_app)


async def serve(scope: Scope, receive: Receive, send: Send) -> None:
    """The app, made when the API server first asks it: every process of Airflow loads this file, few need a server."""
    await _app()(scope, receive, send)


class GatePagesPlugin(AirflowPlugin):
    name = "gate_pages"
    fastapi_apps: list[Any] = [{"app": serve, "url_prefix": PREFIX, "name": "Pages of the gates"}]  # noqa: RUF012
    operator_extra_links = [GatePage()]  # noqa: RUF012
