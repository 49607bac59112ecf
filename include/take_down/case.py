"""One take-down: its rules, and a journal of how far it is. Killed at any moment, the same request goes on with it."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from include.errors import BadInput
from include.ingest.opt_outs.rules import Rule, parse
from include.lake import Lake, fingerprint, write_atomically

State = Literal["asked", "found", "removed", "proven"]
FOLDER = "take_down"


@dataclass
class Case:
    """A take-down as its journal knows it; :meth:`save` after each change."""

    id: str
    crawls: list[str]
    """The dumps that it is limited to; empty: all."""
    state: State = "asked"
    rules: int = 0
    pages: int = 0
    """That the rules name."""
    found: dict[str, int] = field(default_factory=dict)
    """Rows made of them, by layer."""
    affected: list[str] = field(default_factory=list)
    """Dumps with such rows."""
    published: list[str] = field(default_factory=list)
    """Dumps of which texts or documents went: their releases are made again."""
    removed: dict[str, int] = field(default_factory=dict)
    """Of the store, Data Docs and the cache: what the tables lose stands in ``found``."""
    versions: dict[str, str] = field(default_factory=dict)
    """The new version of each dump."""
    not_rebuilt: dict[str, str] = field(default_factory=dict)
    """Why a dump has no new version."""
    withdrawn: list[str] = field(default_factory=list)
    trained_on_it: list[str] = field(default_factory=list)
    """Dumps of which models were trained while the pages were in."""
    left: dict[str, int] = field(default_factory=dict)
    """What the proof has found, by layer; all 0 where it holds."""
    tombstones: int = 0
    """Rows that say of a page that it is gone."""
    seconds: dict[str, float] = field(default_factory=dict)
    """Of the last run of each step."""

    def save(self, lake: Lake) -> None:
        write_atomically(_journal(lake, self.id), json.dumps(asdict(self), indent=1).encode())


def case_id(rules: Sequence[Rule], crawls: Sequence[str]) -> str:
    """The same request is the same case."""
    return fingerprint(sorted((rule.kind, rule.value) for rule in rules), sorted(set(crawls)))[:12]


def open_case(lake: Lake, rules: Sequence[Rule], crawls: Sequence[str]) -> Case:
    """The case of a request: the one that was begun, or a new one, which is written down."""
    case = Case(case_id(rules, crawls), sorted(set(crawls)), rules=len(rules))
    if _journal(lake, case.id).exists():
        return read_case(lake, case.id)
    write_atomically(folder(lake, case.id) / "rules.txt", "".join(f"{rule.text}\n" for rule in rules).encode())
    case.save(lake)
    return case


def read_case(lake: Lake, id: str) -> Case:
    """Raises BadInput if there is no such take-down."""
    try:
        content: dict[str, Any] = json.loads(_journal(lake, id).read_bytes())
    except FileNotFoundError:
        raise BadInput(f"There is no take-down {id!r}; {lake.root / FOLDER} has those that were begun.") from None
    return Case(**content)


def rules_of(lake: Lake, case: Case) -> list[Rule]:
    """The rules, as they were when the case was opened."""
    file = folder(lake, case.id) / "rules.txt"
    return parse(file.read_bytes(), str(file))


def folder(lake: Lake, id: str) -> Path:
    """Where a case keeps its rules and what it has found."""
    return lake.path(FOLDER, id)


def refuse_while_unfinished(lake: Lake) -> None:
    """Raise BadInput if a take-down has begun to remove and has not ended: what it names may still be in the tables."""
    for journal in sorted((lake.root / FOLDER).glob("*.json")):
        case = read_case(lake, journal.stem)
        if case.state == "found":
            raise BadInput(
                f"Take-down {case.id} was interrupted while it removed pages: nothing is mixed or published until it "
                f"has ended. Run it again: python -m include.cli take-down --resume {case.id}"
            )


def _journal(lake: Lake, id: str) -> Path:
    return lake.root / FOLDER / f"{id}.json"
