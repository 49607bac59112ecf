"""The commands about versions, as a person types them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from registry_home import CRAWL, V1, V2, publish
from typer.testing import CliRunner

from include.cli import app
from include.settings import settings


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home with two versions; the tests below follow each other on it."""
    home = tmp_path_factory.mktemp("commands")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REWRAP_HOME", str(home))
        patch.setenv("REWRAP_REMOTE", str(home / "remote"))
        settings.cache_clear()
        assert "No version was published yet" in typed("releases")
        publish(home, 1)
        publish(home, 2)
        yield home
    settings.cache_clear()


def typed(*words: str) -> str:
    result = CliRunner().invoke(app, list(words), env={"COLUMNS": "200"})
    if result.exception:
        raise result.exception
    return result.output


def test_releases_lists_all(home: Path) -> None:
    assert [line.split()[0] for line in typed("releases").splitlines()] == [V1, V2]


def test_diff_shows_what_changed(home: Path) -> None:
    rows = [json.loads((home / "datasets" / f"{CRAWL}.json").read_text())["rows"]["mix"]]
    figures = json.loads(typed("diff", V1, V2, "--json"))["figures"]
    assert figures["rows.mix"]["after"] == rows[0]
    [line] = [line for line in typed("diff", V1, V2).splitlines() if "rows.mix " in line]
    before, after = figures["rows.mix"].values()
    assert [cell.strip() for cell in line.strip("│ ").split("│")] == [
        "rows.mix", str(before), str(after), f"{after - before:+} ({after / before - 1:+.1%})",
    ]  # fmt: skip
    assert "mix.heldout_share" not in typed("diff", V1, V2)


def test_rollback_withdraw_and_gc(home: Path) -> None:
    assert typed("rollback", V1).splitlines()[0] == f"{CRAWL}@v1.2.0 is new and holds what {V1} holds"
    listed = typed("withdraw", V2, "--reason", "A host opted out.").splitlines()
    assert [line.split()[0] for line in listed if "withdrawn: A host opted out." in line] == [V2]
    assert typed("gc", "--dry").splitlines() == [
        f"{place}: 0 objects, 0 bytes would be removed" for place in ("cache", "remote")
    ]
    assert "0 bytes removed" in typed("gc")
