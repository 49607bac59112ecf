"""Where things live and which programs run them: one frozen object, read once from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from include.errors import BadInput

PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    """Deployment settings. What changes the data lives in ``params.yaml`` (:mod:`include.params`)."""

    home: Path
    """Folder of everything Rewrap writes (``REWRAP_HOME``, default ``.rewrap`` in the project)."""
    params_files: tuple[Path, ...]
    """YAML files merged left to right (``REWRAP_PARAMS``, separated by ``:``; default ``params.yaml``)."""
    crawls_file: Path
    """Dumps of your own, added to Common Crawl's (``REWRAP_CRAWLS``, default ``<home>/crawls.yaml``)."""
    engine_python: Path
    """Interpreter of the engine's environment (``REWRAP_ENGINE_PYTHON``, default ``.venv-engine``)."""
    remote: str
    """DVC remote of the dataset repository: a folder or ``s3://...`` (``REWRAP_REMOTE``)."""
    query_memory: str
    """Memory limit of one DuckDB connection (``REWRAP_QUERY_MEMORY``, default ``2GB``)."""
    collinfo: str
    """Where ``discover`` looks for new dumps (``REWRAP_COLLINFO``, default Common Crawl's own list)."""
    contact: str
    """Contact in the user agent of downloads (``REWRAP_CONTACT``)."""
    requests_per_second: float
    """To one host, from all processes of this machine together (``REWRAP_REQUESTS_PER_SECOND``, default 4)."""
    cache: Path | None
    """Folder that keeps files which were read to their end, 50 GiB at most (``REWRAP_CACHE``; default: none)."""
    workers: int
    """Processes that read pages, per task (``REWRAP_WORKERS``, default: as many as there are cores)."""

    @property
    def lake(self) -> Path:
        return self.home / "lake"

    @property
    def models(self) -> Path:
        return self.home / "models"

    @property
    def datasets(self) -> Path:
        return self.home / "datasets"

    @classmethod
    def from_environment(cls, env: "os._Environ[str] | dict[str, str]" = os.environ) -> "Settings":
        home = Path(env.get("REWRAP_HOME") or PROJECT / ".rewrap").resolve()
        params = env.get("REWRAP_PARAMS") or str(PROJECT / "params.yaml")
        return cls(
            home=home,
            params_files=tuple(PROJECT / name for name in params.split(":")),
            crawls_file=Path(env.get("REWRAP_CRAWLS") or home / "crawls.yaml"),
            engine_python=Path(env.get("REWRAP_ENGINE_PYTHON") or PROJECT / ".venv-engine/bin/python"),
            remote=env.get("REWRAP_REMOTE") or str(home / "dvc-remote"),
            query_memory=env.get("REWRAP_QUERY_MEMORY") or "2GB",
            collinfo=env.get("REWRAP_COLLINFO") or "https://index.commoncrawl.org/collinfo.json",
            contact=env.get("REWRAP_CONTACT") or "set REWRAP_CONTACT",
            requests_per_second=_positive(env, "REWRAP_REQUESTS_PER_SECOND", 4.0),
            cache=Path(cache).resolve() if (cache := env.get("REWRAP_CACHE")) else None,
            workers=max(1, int(_positive(env, "REWRAP_WORKERS", len(os.sched_getaffinity(0))))),
        )


def _positive(env: Mapping[str, str], name: str, default: float) -> float:
    """A number above 0 from the environment. Raises BadInput."""
    text = env.get(name) or str(default)
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise BadInput(f"{name}={text!r} is not a number above 0. Set it to one, or leave it out for {default:g}.")
    return value


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process."""
    return Settings.from_environment()
