"""A lake in which two dumps have gone the whole way, with pages that share texts, prompts and duplicates.

Every stage is the real one; a scripted engine answers.
"""

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, models, pre_tokenizers

from include import stages
from include.lake import Lake
from include.locks import stage_at_work
from include.params import IngestParams, MixParams, Params
from include.recipes.recipe import Bounds
from include.rephrase.collect import collect_generations
from include.rephrase.params import RephraseParams
from include.rephrase.plan import plan_requests
from include.rephrase.teacher import Teacher
from include.settings import Settings
from include.stages import Workspace
from include.take_down.case import Case
from include.validate.gate import run_gate
from include.validate.gate_params import GateParams

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1]), str(HERE.parent / "rephrase")]

from generating import generate  # noqa: E402 - a child process sets the path first
from warc_files import html, prose, record, write_dump, zipped  # noqa: E402
from warc_files import http as answer  # noqa: E402
from whole_ingest import ingest  # noqa: E402

FIRST, SECOND = "TAKE-2026-01", "TAKE-2026-02"
OURS, MINE = "ours.example", "www.mine.example"
SECRET = "zanzibarite"
SHARED = prose(900)
"""Both hosts have this text in a dump each: what was made of it has two parents."""
NEAR = prose(901)
PARAMS = IngestParams(max_failed_share=1.0)
REPHRASE = RephraseParams(recipes=["easy", "genre_audience"], chunk_size=5, engine={"max_model_len": 16384})
LENIENT = GateParams(
    min_accepted_share=0,
    checks={name: Bounds() for name in ("language", "near_copy", "repetition", "length_ratio")},
)
MIX = MixParams(heldout_share=0.2)


def page(host: str, number: int, text: str) -> bytes:
    return record("response", answer(html(text).encode(), "200 OK"), number, f"https://{host}/page/{number}")


def secret(number: int) -> str:
    return f"{prose(number)} Nobody has seen the {SECRET} of house {number}."


def write_sources(folder: Path) -> dict[str, Path]:
    """Two dumps. Pages of MINE: 10 to 14 and 110. 12 is rejected, 13 shares its text with 111, 15 is much like 14."""
    first = [page(MINE, n, secret(n)) for n in (10, 11)]
    first += [page(f"a{n % 4}.{OURS}", n, prose(n)) for n in range(8)]
    first += [page(MINE, 12, "Much too short, but it names the " + SECRET + "."), page(MINE, 13, SHARED)]
    first.append(page(MINE, 14, f"{NEAR} It is much like the others."))
    first.append(page(f"c.{OURS}", 15, f"{NEAR} It is much like the other."))
    second = [page(f"a{n % 4}.{OURS}", n, prose(n)) for n in range(100, 106)]
    second += [page(MINE, 110, secret(110)), page(f"b.{OURS}", 111, SHARED)]
    second.append(page(f"c.{OURS}", 112, f"{NEAR} It is much like the other."))
    return {
        crawl: write_dump(folder / crawl, {"a.warc.gz": zipped(pages)}, crawl)
        for crawl, pages in ((FIRST, first), (SECOND, second))
    }


def words_teacher(folder: Path) -> Teacher:
    """A teacher whose tokens are words and signs: real tokenizer files, no weights."""
    tokenizer = Tokenizer(models.WordLevel({"?": 0}, unk_token="?"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    folder.mkdir(parents=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    return Teacher(name="words", revision="r1", license="Apache-2.0", path=folder)


@dataclass(frozen=True)
class Done:
    home: Path
    before: Lake
    """As it was."""
    lake: Lake
    case: Case


def build(home: Path) -> Lake:
    """Fill ``home/lake`` from ``home/source``."""
    lake, teacher = Lake(home / "lake"), words_teacher(home / "teacher")
    earlier: list[str] = []
    for crawl, source in write_sources(home / "source").items():
        ingest(lake, source, PARAMS, crawl, earlier).check()
        rephrase(lake, teacher, crawl)
        earlier.append(crawl)
    return lake


def rephrase(lake: Lake, teacher: Teacher, crawl: str) -> None:
    """From documents to accepted generations."""
    plan_requests(lake, crawl, REPHRASE, teacher, "allowed: written by a test.")
    generate(lake, REPHRASE, crawl=crawl)
    collect_generations(lake, crawl)
    run_gate(lake, crawl, LENIENT, [])


def take_down(home: Path, die_after: int | None = None) -> None:
    """Everything, in a process of its own: it is killed before the change to the disk with this number."""
    if die_after is not None:
        left = [die_after]
        for name in ("replace", "rename", "unlink", "rmdir"):
            setattr(os, name, _counted(getattr(os, name), left))
    work = workspace(home)
    case = stages.find_pages(work, [], ["mine.example"], [], dry_run=False, everything=False)
    for crawl in stages.remove_pages(work, case.id).published:
        stages.rebuild_release(work, case.id, crawl)
    stages.prove_take_down(work, case.id)


def _counted(change: Callable[..., Any], left: list[int]) -> Callable[..., Any]:
    def counting(*args: Any, **kwargs: Any) -> Any:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return change(*args, **kwargs)

    return counting


def workspace(home: Path) -> Workspace:
    """The workspace of this home, with this file's parameters."""
    params = Params(ingest=PARAMS, rephrase=REPHRASE, gate=LENIENT, mix=MIX)
    return Workspace(Settings.from_environment({"REWRAP_HOME": str(home)}), params, {})


def publish(home: Path) -> None:
    """Give both dumps their first version."""
    work = workspace(home)
    for crawl in (FIRST, SECOND):
        stages.build_corpus(work, crawl)
        stages.gate_corpus(work, crawl)
        stages.publish(work, crawl)


def hold_as_stage(home: Path, parent: Any) -> None:
    """Be a stage that never ends."""
    with stage_at_work(workspace(home).lake):
        parent.send("at work")
        signal.pause()
