"""What stands in the repository beside the data: DVC's set-up, the artifact's entry, the figures of a release."""

from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

from include.lake import write_atomically
from include.publish.registry import storage
from include.publish.registry.move import move_versions
from include.publish.registry.repository import commit, git, read
from include.publish.tags import artifact_name

CORE = {"analytics": "false", "check_update": "false"}
SECTION = f'remote "{storage.REMOTE}"'


def prepare(datasets: Path, remote: str) -> None:
    """Make the repository, and see to it that the remote stands in a commit before any tag is made.

    A tag made before its remote was committed could never be fetched by ``--rev``. If the remote moves, the versions
    are copied first. Other settings of the remote and of DVC stay as they are.
    """
    from configobj import ConfigObj

    datasets.mkdir(parents=True, exist_ok=True)
    file = datasets / ".dvc" / "config"
    git(datasets, "init", "--quiet", "--initial-branch", "main")
    if not file.exists() or "[core]" not in file.read_text():
        storage.initialise(datasets)
    url = absolute(remote)
    config = ConfigObj(str(file), interpolation=False)
    if (old := config.get(SECTION, {}).get("url", url)) != url:
        with storage.opened(datasets, f"move the data to {url}") as repo:
            move_versions(repo, datasets, old, url)
    config["core"] = {**CORE, **config.get("core", {}), "remote": storage.REMOTE}
    config[SECTION] = {**config.get(SECTION, {}), "url": url}
    written = BytesIO()
    config.write(written)
    if written.getvalue() != file.read_bytes():
        write_atomically(file, written.getvalue())
    commit(datasets, "Name the place of the data", ".dvc/config", ".dvc/.gitignore", ".dvcignore")


def absolute(remote: str) -> str:
    """The remote as DVC's settings name it from anywhere."""
    return remote if "://" in remote else str(Path(remote).resolve())


def remote_url(datasets: Path, revision: str) -> str:
    """Where the data of a revision was pushed to; empty if its settings name no place, as before the first version."""
    from configobj import ConfigObj

    lines = (read(datasets, revision, ".dvc/config") or "").splitlines()
    return str(ConfigObj(lines, interpolation=False).get(SECTION, {}).get("url", ""))


def remotes_ever(datasets: Path) -> list[str]:
    """Every place that the repository's commits have named for the data."""
    commits = git(datasets, "rev-list", "--all", "--", ".dvc/config").splitlines()
    return [url for url in dict.fromkeys(remote_url(datasets, commit_id) for commit_id in commits) if url]


def describe(datasets: Path, crawl: str, figures: bytes, rolled_back: list[str]) -> None:
    """Write ``<CRAWL>.json`` and the dump's entry in ``dvc.yaml``.

    ``rolled_back`` are digests of folders that are not to be published again by a run that changes nothing.
    """
    write_atomically(datasets / f"{crawl}.json", figures)
    entry: dict[str, Any] = {"path": crawl, "type": "dataset", "desc": f"Real and rephrased web text of {crawl}"}
    if rolled_back:
        entry["meta"] = {"rolled_back": rolled_back}
    _change_entry(datasets, crawl, entry)


def forget(datasets: Path, crawl: str) -> None:
    """Remove what :func:`describe` wrote and DVC's pointer."""
    for file in (f"{crawl}.json", f"{crawl}.dvc"):
        (datasets / file).unlink(missing_ok=True)
    _change_entry(datasets, crawl, None)


def rolled_back(datasets: Path, revision: str, crawl: str) -> list[str]:
    """Digests that the version at this revision was rolled back from."""
    import yaml

    content = yaml.safe_load(read(datasets, revision, "dvc.yaml") or "") or {}
    entry = content.get("artifacts", {}).get(artifact_name(crawl), {})
    return list(entry.get("meta", {}).get("rolled_back", []))


def _change_entry(datasets: Path, crawl: str, entry: dict[str, Any] | None) -> None:
    """Set the entry in ``dvc.yaml``, or remove it; what else stands there is kept, with its comments."""
    from ruamel.yaml import YAML

    yaml, file = YAML(), datasets / "dvc.yaml"
    content = (yaml.load(file.read_text()) if file.exists() else None) or {}
    artifacts = content.setdefault("artifacts", {})
    artifacts.pop(artifact_name(crawl), None)
    if entry is not None:
        artifacts[artifact_name(crawl)] = entry
    written = StringIO()
    yaml.dump(content, written)
    write_atomically(file, written.getvalue().encode())
