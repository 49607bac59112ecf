"""What README and docs tell people to type exists, and a test runs it."""

import re
import shlex
import textwrap
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from include.cli import app
from include.params import Params
from include.recipes.recipe import Recipe

PROJECT = Path(__file__).resolve().parents[2]
README = (PROJECT / "README.md").read_text()
PAGES = [README, *(page.read_text() for page in sorted((PROJECT / "docs").rglob("*.md")))]
RUN_BY = {
    "make demo": "tests/e2e/test_whole_way.py",
    "make down": "tests/e2e/test_whole_way.py",
    "make up": "tests/e2e/test_whole_way.py",
    "make run": "tests/engine/test_real_crawl_files.py",
    "make clean": "tests/unit/test_makefile.py",
    "python -m include.cli crawls": "tests/unit/test_documentation.py",
    "python -m include.cli next-sample": "tests/e2e/test_whole_way.py",
    "python -m include.cli ingest": "tests/unit/ingest/test_ingest_command.py",
    "python -m include.cli completeness": "tests/unit/ingest/test_ingest_command.py",
    "python -m include.cli discover": "tests/unit/test_discover.py",
    "python -m include.cli plan": "tests/unit/rephrase/test_plan_command.py",
    "python -m include.cli teachers": "tests/unit/teachers/test_teachers_command.py",
    "python -m include.cli autotune": "tests/unit/rephrase/test_autotune_command.py",
    "python -m include.cli generate": "tests/unit/rephrase/test_rephrase_commands.py",
    "python -m include.cli rephrase": "tests/unit/rephrase/test_rephrase_commands.py",
    "python -m include.cli lineage": "tests/unit/publish/test_publish_lineage.py",
    "python -m include.cli corpus": "tests/unit/publish/test_publish_commands.py",
    "python -m include.cli export": "tests/unit/publish/test_publish_commands.py",
    "python -m include.cli releases": "tests/unit/publish/test_versions_commands.py",
    "python -m include.cli diff": "tests/unit/publish/test_versions_commands.py",
    "python -m include.cli rollback": "tests/unit/publish/test_versions_commands.py",
    "python -m include.cli withdraw": "tests/unit/publish/test_versions_commands.py",
    "python -m include.cli gc": "tests/unit/publish/test_versions_commands.py",
    "dvc get": "tests/unit/publish/test_publish_registry.py",
    "dvc artifacts get": "tests/unit/publish/test_publish_registry.py",
    "gto show": "tests/unit/publish/test_publish_registry.py",
    "python -m include.cli take-down": "tests/unit/take_down/test_take_down_command.py",
    "python -m bench.gate_audit": "tests/unit/validate/test_validate_calibration.py",
    "make test": ".ci/run",
    "make check": "Makefile",  # 'make test' begins with it
    "make test-fast": "Makefile",  # the same tests, selected by mark
}


def blocks(language: str) -> list[str]:
    """All fenced blocks of this language."""
    fence = re.compile(rf"^ *```{language}\n(.*?)^ *```$", flags=re.M | re.S)
    return [block for page in PAGES for block in fence.findall(page)]


def commands() -> list[str]:
    lines = [line.split("  #")[0].split("    #")[0].strip() for block in blocks("") for line in block.splitlines()]
    return sorted({line for line in lines if line.startswith(("make ", ".venv/bin/"))})


def test_every_page_that_is_linked_exists() -> None:
    for file in [PROJECT / "README.md", *(PROJECT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", file.read_text()):
            assert (file.parent / target).exists(), f"{file.name} links {target}"


def test_every_parameter_in_the_docs_exists() -> None:
    for block in (
        found[1] for page in PAGES for found in re.findall(r"^( *)```yaml\n(.*?)^ *```$", page, flags=re.M | re.S)
    ):
        content = yaml.safe_load(textwrap.dedent(block))
        if isinstance(content, dict):
            (Recipe if "steps" in content else Params).model_validate(content)


def test_the_first_screen_says_what_for_whom_and_the_two_commands() -> None:
    screen = "\n".join(README.splitlines()[:30])
    for words in ("data engineers", "researchers", "make demo", "make test", "rephrased"):
        assert words in screen


@pytest.mark.parametrize("command", commands())
def test_every_command_is_run_by_a_test(command: str) -> None:
    short = " ".join(shlex.split(command.removeprefix(".venv/bin/"))[:4])
    known = [name for name in RUN_BY if short == name or short.startswith(f"{name} ")]
    assert known, f"say in RUN_BY which test runs {command!r}"
    assert (PROJECT / RUN_BY[max(known, key=len)]).exists()


def test_every_make_target_of_the_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), flags=re.M))
    assert {command.split()[1] for command in commands() if command.startswith("make ")} <= targets


def test_crawls_lists_the_dumps() -> None:
    result = CliRunner().invoke(app, ["crawls"])
    assert result.exit_code == 0
    assert "CC-MAIN-2025-47" in result.output


def test_every_setting_of_the_readme_is_read() -> None:
    source = (
        "".join(file.read_text() for file in (PROJECT / "include").rglob("*.py"))
        + (PROJECT / "scripts/setup.sh").read_text()
    )
    for name in set(re.findall(r"REWRAP_[A-Z_]+", README)):
        assert f'"{name}"' in source or f"${{{name}" in source, name
