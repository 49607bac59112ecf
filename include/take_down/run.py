"""The steps of a take-down, one after the other or each by itself; each can be killed and run again."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from include.errors import BadInput, RewrapError
from include.ingest.opt_outs.lists import add_standing, read_list
from include.ingest.opt_outs.match import Matcher, RuleList
from include.ingest.opt_outs.rules import Rule, parse
from include.ingest.policy import FetchPolicy
from include.lake import Lake
from include.locks import nobody_at_work
from include.take_down.case import Case, case_id, open_case, read_case, rules_of
from include.take_down.find import Found, find, keep_found, pages_of, read_found
from include.take_down.prove import look_for_rest
from include.take_down.quotes import forget_copies, remove_quotes
from include.take_down.rebuild import rebuild_release
from include.take_down.recount import recount
from include.take_down.remove import remove_rows
from include.take_down.store import remove_results
from include.take_down.unfinished import clear_unfinished

log = logging.getLogger("rewrap.take_down")


def read_request(lists: Sequence[str], lines: Sequence[str], policy: FetchPolicy) -> list[Rule]:
    """The rules of lists (files or addresses) and of ``lines`` that were typed in.

    Raises:
        BadInput: a list is unusable, or there is no rule at all.
    """
    rules = [rule for source in lists for rule in parse(read_list(source, policy), source)]
    rules += parse("\n".join(lines).encode(), "what was typed in")
    if not rules:
        raise BadInput(
            "There is no rule to take down by: name a list that has some, or give hosts, URLs or record ids."
        )
    return list({(rule.kind, rule.value): rule for rule in rules}.values())


def preview(lake: Lake, rules: Sequence[Rule], crawls: Sequence[str]) -> tuple[Case, Found]:
    """What a take-down would remove; nothing is changed or written."""
    with _undisturbed(lake):
        found = find(lake, _matcher(rules), crawls, {})
    case = Case(case_id(rules, crawls), sorted(set(crawls)), rules=len(rules))
    _note(case, found)
    log.info("%d rules name %d pages; rows of them: %s", case.rules, case.pages, case.found or "none")
    return case, found


def begin(lake: Lake, rules: Sequence[Rule], crawls: Sequence[str], everything: bool) -> Case:
    """Open the case, or go on with one that was begun.

    Raises:
        BadInput: a dump is not there, or the rules name every document and ``everything`` does not allow that.
    """
    known = {path.name for layer in ("pages", "documents") for path in (lake.root / layer).glob("*")}
    if unknown := sorted(set(crawls) - known):
        raise BadInput(f"The lake has no dump {unknown[0]}. It has: {', '.join(sorted(known)) or 'none'}.")
    _, found = preview(lake, rules, crawls)
    if found.documents and found.named == found.documents and not everything:
        raise BadInput(
            f"These rules name all {found.documents} documents of {', '.join(crawls) or 'all dumps'}. If that is "
            "meant, say so with --everything (in Airflow: 'Everything'); nothing was removed."
        )
    return open_case(lake, rules, crawls)


def remove(lake: Lake, id: str, cache: Path | None, min_rows: int) -> Case:
    """Remove all that stands of the pages outside of releases. Waits until no stage works on the lake.

    Args:
        cache: of source files, if there is one.
        min_rows: ``gate.drift.min_rows``, for the reports that are counted again.
    """
    case = read_case(lake, id)
    rules = rules_of(lake, case)
    with nobody_at_work(lake), _timed(lake, case, "remove"):
        # First of all: whatever happens from here on, no later reading takes these pages in again.
        add_standing(lake, rules, f"take-down {case.id}")
        clear_unfinished(lake)
        pages = pages_of(read_found(lake, case))
        found = find(lake, _matcher(rules), case.crawls, pages)
        if found.rows or case.state == "found":
            case.state = "found"
            _note(case, found)
            keep_found(lake, case, found.pages)
            case.save(lake)
            remove_rows(lake, found.pages)
            for crawl in case.affected:
                recount(lake, crawl, min_rows)
            removed = {
                "store": remove_results(lake),
                "Data Docs": remove_quotes(lake, found.pages.keys()),
                "cached source files": forget_copies(lake, cache, found.pages.keys()),
            }
            case.removed = {name: case.removed.get(name, 0) + count for name, count in removed.items()}
        case.state = "removed"
    return case


def rebuild(lake: Lake, id: str, crawl: str, remake: Callable[[], object], datasets: Path, remote: str) -> Case:
    """Give one dump its new version and withdraw the earlier ones; ``remake`` mixes and judges its corpus again."""
    start = time.monotonic()
    tag, why, withdrawn = rebuild_release(lake, crawl, remake, datasets, remote, f"take-down {id}")
    with FileLock(lake.root / ".locks" / f"take-down-{id}.lock"):  # several dumps may be rebuilt at the same time
        case = read_case(lake, id)
        case.versions |= {crawl: tag} if tag else {}
        case.not_rebuilt |= {} if tag else {crawl: why}
        case.withdrawn = sorted({*case.withdrawn, *withdrawn})
        if (lake.path("training", crawl) / "report.json").exists():
            case.trained_on_it = sorted({*case.trained_on_it, crawl})
        case.seconds[f"rebuild {crawl}"] = round(time.monotonic() - start, 3)
        case.save(lake)
    return case


def prove(lake: Lake, id: str, datasets: Path, remote: str) -> Case:
    """Look for what is left, and write it into the report.

    Raises:
        RewrapError: something is; says where.
    """
    case = read_case(lake, id)
    with _timed(lake, case, "prove"), _undisturbed(lake):
        left, case.tombstones = look_for_rest(lake, datasets, remote, case, _matcher(rules_of(lake, case)))
        case.left = dict(sorted(left.items()))
        case.state = "removed" if any(left.values()) else "proven"
    if case.state != "proven":
        where = ", ".join(f"{place} {count}" for place, count in case.left.items() if count)
        raise RewrapError(
            f"Take-down {case.id} is not complete: what is left of its pages: {where}. Run it again: "
            f"python -m include.cli take-down --resume {case.id}; if that does not help, keep the lake and report it."
        )
    return case


def _matcher(rules: Sequence[Rule]) -> Matcher:
    return Matcher([RuleList("take-down", rules)])


def _note(case: Case, found: Found) -> None:
    """What an interrupted run had found counts, too: part of it may be removed by now."""
    case.pages = len(found.pages)
    layers = sorted({*case.found, *found.rows})
    case.found = {layer: max(case.found.get(layer, 0), found.rows.get(layer, 0)) for layer in layers}
    case.affected = sorted({*case.affected, *found.affected})
    case.published = sorted({*case.published, *found.published})


@contextmanager
def _undisturbed(lake: Lake) -> Iterator[None]:
    """Reading needs no lock; a stage that replaces a table meanwhile shows as a file that is gone."""
    try:
        yield
    except FileNotFoundError as error:
        raise RewrapError(f"A stage replaced a table of {lake.root} meanwhile ({error}). Run this again.") from None


@contextmanager
def _timed(lake: Lake, case: Case, step: str) -> Iterator[None]:
    start = time.monotonic()
    yield
    case.seconds[step] = round(time.monotonic() - start, 3)
    case.save(lake)
