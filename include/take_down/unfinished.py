"""Clears what stages that were killed had half written: texts may stand in it, and no table leads there."""

import json
import shutil
from pathlib import Path

import psutil

from include.lake import MANIFEST, Lake


def clear_unfinished(lake: Lake) -> int:
    """Delete temporary files, and parts of tables that no manifest names; returns how many.

    Only while no stage runs. What DuckDB put on the disk goes if the process is gone whose number it bears.
    """
    parts = (file for file in lake.root.rglob("part*.parquet") if file.name not in _named(file.parent))
    stale = [file for file in (*lake.root.rglob(".*.tmp"), *parts) if file.is_file()]
    for file in stale:
        file.unlink(missing_ok=True)
    shutil.rmtree(lake.root / ".scratch", ignore_errors=True)
    for spilled in (lake.root / ".duckdb").glob("*-*"):
        if not psutil.pid_exists(int(spilled.name.split("-")[0])):
            shutil.rmtree(spilled, ignore_errors=True)
    return len(stale)


def _named(folder: Path) -> set[str]:
    try:
        return {file["name"] for file in json.loads((folder / MANIFEST).read_bytes())["files"]}
    except FileNotFoundError:
        return set()
