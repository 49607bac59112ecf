"""A real OpenAI-compatible server (vLLM on this CPU), as docs/how-to/use-endpoints.md starts it, that dies."""

import os
import re
import shlex
import signal
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from still_running import still_running

from include.lake import Lake, fingerprint
from include.rephrase.process import engine_environment
from include.schemas import DOCUMENT
from include.settings import PROJECT, Settings

pytestmark = [pytest.mark.slow, pytest.mark.engine]

CRAWL = "T-1"
GUIDE = (PROJECT / "docs/how-to/use-endpoints.md").read_text()
DOCUMENTS = 12
SETTINGS = ("rephrase.recipes=[easy, medium]", "rephrase.chunk_size=2", "rephrase.engine.endpoint.concurrency=3")


def command(of: str) -> str:
    """The line of the guide that begins so."""
    return next(line for line in GUIDE.splitlines() if line.startswith(of))


class Server:
    """Started as the guide says; its address can be used again after its death."""

    def __init__(self, settings: Settings, log: Path) -> None:
        self.settings, self.log = settings, log
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/v1"
        self.start()

    def start(self) -> None:
        line = command(".venv-engine/bin/python").replace("--port 8000", f"--port {self.port} --max-num-seqs 4")
        line = line.replace(".venv-engine/bin/python", shlex.quote(str(self.settings.engine_python)))
        environment = engine_environment(self.settings) | {"VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_NO_USAGE_STATS": "1"}
        self.process = subprocess.Popen(
            line, shell=True, cwd=PROJECT, env=environment, start_new_session=True,
            stdout=self.log.open("ab"), stderr=subprocess.STDOUT,
        )  # fmt: skip

    def kill(self) -> None:
        parts = [psutil.Process(self.process.pid), *psutil.Process(self.process.pid).children(recursive=True)]
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        _, alive = psutil.wait_procs(parts, timeout=20)
        assert not still_running(alive)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Path:
    home = tmp_path_factory.mktemp("home")
    (home / "models").symlink_to(models)
    texts = [
        f"Station {n} stands {n + 2} kilometres up the valley. It was built of granite, and its keeper rings the bell "
        "twice a day. In winter the snow lies so high that the post comes on skis."
        for n in range(DOCUMENTS)
    ]
    rows = [
        dict.fromkeys(DOCUMENT.names)
        | {"doc_id": f"{n:032x}", "crawl": CRAWL, "language": "en", "text": text, "content_hash": fingerprint(text)}
        for n, text in enumerate(texts)
    ]
    table = pa.Table.from_pylist(rows, schema=DOCUMENT)
    Lake(home / "lake").write(table, layer="documents", crawl=CRAWL, fingerprint="test")
    return home


@pytest.fixture(scope="module")
def server(home: Path, models: Path) -> Iterator[Server]:
    server = Server(Settings.from_environment({**os.environ, "REWRAP_HOME": str(home)}), home / "server.log")
    yield server
    server.kill()


def rephrase(home: Path, server: Server, *changes: str) -> tuple[subprocess.Popen[bytes], Path]:
    """The guide's command, over this dump and this server; and its log."""
    line = command(".venv/bin/python -m include.cli rephrase").replace("SAMPLE-2026-01", CRAWL)
    line = line.replace("http://127.0.0.1:8000/v1", server.url)
    arguments = [*shlex.split(line), *(part for change in (*SETTINGS, *changes) for part in ("--set", change))]
    log = home / f"rephrase-{time.monotonic()}.log"
    environment = os.environ | {"REWRAP_HOME": str(home), "REWRAP_ENDPOINT_KEY": "sk-not-asked-for"}
    return subprocess.Popen(
        arguments, cwd=PROJECT, env=environment, stdout=log.open("wb"), stderr=subprocess.STDOUT
    ), log  # fmt: skip


def stored(home: Path) -> list[str]:
    files = sorted((home / "lake/store").glob("**/*.parquet"))
    return [key for file in files for key in pq.read_table(file).column("generation_key").to_pylist()]


@pytest.fixture(scope="module")
def finished(home: Path, server: Server) -> str:
    """The log of one run in the middle of which the server was killed and started again."""
    run, log = rephrase(home, server)
    until = time.monotonic() + 500
    while len(stored(home)) < 4:
        assert run.poll() is None, log.read_text()[-3000:]
        assert time.monotonic() < until, log.read_text()[-3000:]
        time.sleep(0.1)  # watching a folder, with a deadline
    server.kill()
    server.start()
    assert run.wait(timeout=500) == 0, log.read_text()[-3000:]
    return log.read_text()


def test_a_server_that_dies_and_comes_back_loses_and_doubles_nothing(home: Path, finished: str) -> None:
    planned = Lake(home / "lake").read("requests", CRAWL).column("generation_key").to_pylist()
    assert len(planned) == 2 * DOCUMENTS
    assert Counter(stored(home)) == Counter(planned)
    assert re.search(r"http://127\.0\.0\.1:\d+/v1 does not answer .* is set aside", finished), finished[-3000:]


def test_its_answers_are_the_teachers(home: Path, finished: str) -> None:
    rows = Lake(home / "lake").read("generations", CRAWL).to_pylist()
    assert len(rows) == 2 * DOCUMENTS
    assert {row["finish_reason"] for row in rows} <= {"stop", "length"}
    assert {(row["engine"], row["engine_version"][:2]) for row in rows} == {("endpoint", "0.")}
    assert all(row["prompt_tokens"] > 40 and row["completion_tokens"] > 0 for row in rows)
    about = sum("station" in row["output"].lower() or "valley" in row["output"].lower() for row in rows)
    assert about >= len(rows) / 2


def test_the_key_stands_nowhere(home: Path, finished: str) -> None:
    found = [file for file in home.rglob("*") if file.is_file() and b"sk-not-asked-for" in file.read_bytes()]
    assert found == []
    assert "sk-not-asked-for" not in finished


def test_what_vllm_made_counts_for_the_endpoint_and_the_other_way_round(home: Path, finished: str) -> None:
    plan = Lake(home / "lake").read("requests", CRAWL).to_pylist()
    arguments = [".venv/bin/python", "-m", "include.cli", "rephrase", "--crawl", CRAWL]
    arguments += [part for change in SETTINGS for part in ("--set", change)]  # the default engine: vLLM
    done = subprocess.run(
        arguments, cwd=PROJECT, env=os.environ | {"REWRAP_HOME": str(home)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert Lake(home / "lake").read("requests", CRAWL).to_pylist() == plan
    assert "starting vLLM" not in done.stderr


def test_a_wrong_model_is_one_message_that_names_the_served_one(home: Path, server: Server, finished: str) -> None:
    run, log = rephrase(home, server, "rephrase.engine.endpoint.model=no-such-name", "rephrase.seed=1")
    assert run.wait(timeout=120) == 65
    assert "does not serve 'no-such-name' but smollm2-135m-instruct" in log.read_text().splitlines()[-1]
