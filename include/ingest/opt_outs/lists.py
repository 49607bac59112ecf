"""Lists of opt-outs in files and behind addresses; copies of what applied are kept, with date and digest.

Below ``<lake>/opt_outs/``::

    taken_down.txt             the standing list: what every take-down named, applied by every later reading
    lists/<name>-<digest>.txt  copies of each list
    lists/<name>.json          of the last good one: where it is from, when it was read, its digest

and ``batches/<crawl>/opt_outs.json`` names the copies by which a dump is read: all its batches go by the same rules.
"""

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from include.errors import BadInput
from include.ingest.fetch import is_remote, read_all
from include.ingest.opt_outs.match import Matcher, RuleList
from include.ingest.opt_outs.rules import Rule, parse
from include.ingest.policy import FetchPolicy, SourceUnavailable, explain
from include.lake import Lake, write_atomically

log = logging.getLogger("rewrap.opt_outs")

MAX_BYTES = 64 << 20
"""Two million hosts."""
STANDING = "taken_down.txt"
Unreachable = Literal["fail", "last_copy"]


@dataclass(frozen=True)
class Kept:
    """A copy of a list."""

    source: str
    read: str
    """When, in UTC (ISO 8601)."""
    sha256: str
    rules: int
    file: str
    """Name of the copy; it holds the digest, so that a copy that is in use is never replaced."""


def read_list(source: str, policy: FetchPolicy) -> bytes:
    """A list's bytes, from a file or an address.

    Raises:
        BadInput: there is no such file, or it is larger than MAX_BYTES. SourceUnavailable: the address does not answer.
    """
    try:
        return read_all(source if is_remote(source) else str(Path(source).expanduser()), policy, MAX_BYTES)
    except OSError as error:
        message = f"The list of opt-outs {source} cannot be read: {explain(error)}."
        if is_remote(source):
            raise SourceUnavailable(message) from None
        raise BadInput(f"{message} Name an existing file or an https:// address.") from None


def settle_lists(
    lake: Lake, crawl: str, sources: Sequence[str], policy: FetchPolicy, unreachable: Unreachable
) -> list[Kept]:
    """Read the lists now and write down that the dump is read by these copies.

    Raises:
        BadInput: a list is unusable. SourceUnavailable: one cannot be fetched, and ``unreachable`` does not allow the
            last copy, or there is none.
    """
    kept = [_settle(lake, source, policy, unreachable) for source in sources]
    content = json.dumps([asdict(one) for one in kept], indent=1).encode()
    write_atomically(_plan(lake, crawl), content)
    return kept


def settled(lake: Lake, crawl: str) -> list[RuleList]:
    """The rules by which the dump is read: of the lists that were settled on, and of all take-downs."""
    lists = [RuleList(STANDING, standing_rules(lake))]
    try:
        kept = [Kept(**one) for one in json.loads(_plan(lake, crawl).read_bytes())]
    except FileNotFoundError:
        kept = []
    for one in kept:
        lists.append(RuleList(one.source, parse(_copy(lake, one).read_bytes(), one.source)))
    return [one for one in lists if one.rules]


def matcher_for(lake: Lake, crawl: str) -> Matcher:
    """What keeps pages out of this dump."""
    return Matcher(settled(lake, crawl))


def standing_rules(lake: Lake) -> list[Rule]:
    """What earlier take-downs named."""
    file = _folder(lake) / STANDING
    return parse(file.read_bytes(), str(file)) if file.exists() else []


def add_standing(lake: Lake, rules: Sequence[Rule], why: str) -> None:
    """Add rules to the standing list, those that it lacks, below a comment."""
    known = {(rule.kind, rule.value) for rule in standing_rules(lake)}
    new = [rule.text for rule in rules if (rule.kind, rule.value) not in known]
    if new:
        file = _folder(lake) / STANDING
        before = file.read_text() if file.exists() else "# What take-downs named. Every reading of a dump applies it.\n"
        write_atomically(file, (before + f"# {why}\n" + "\n".join(new) + "\n").encode())


def _settle(lake: Lake, source: str, policy: FetchPolicy, unreachable: Unreachable) -> Kept:
    name = hashlib.sha256(source.encode()).hexdigest()[:16]
    note = _folder(lake) / "lists" / f"{name}.json"
    try:
        content = read_list(source, policy)
    except SourceUnavailable as error:
        if unreachable == "last_copy" and note.exists():
            last = Kept(**json.loads(note.read_bytes()))
            log.warning("%s The copy of %s applies (%d rules).", error, last.read, last.rules)
            return last
        hint = "run again when it answers"
        hint += ", or set ingest.opt_out_lists_unreachable to last_copy" if note.exists() else ""
        raise SourceUnavailable(f"{error} Without it, pages that it names would be taken: {hint}") from None
    rules = parse(content, source)
    digest = hashlib.sha256(content).hexdigest()
    now = datetime.now(UTC).isoformat(timespec="seconds")
    kept = Kept(source, now, digest, len(rules), f"{name}-{digest[:16]}.txt")
    write_atomically(_copy(lake, kept), content)
    write_atomically(note, json.dumps(asdict(kept), indent=1).encode())
    return kept


def _folder(lake: Lake) -> Path:
    return lake.root / "opt_outs"


def _copy(lake: Lake, kept: Kept) -> Path:
    return _folder(lake) / "lists" / kept.file


def _plan(lake: Lake, crawl: str) -> Path:
    return lake.path("batches", crawl) / "opt_outs.json"
