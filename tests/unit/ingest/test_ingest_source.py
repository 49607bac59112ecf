"""Sources: folders, single files, a real HTTP server and a real S3 server in this process."""

import gzip
import hashlib
import re
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from warc_files import CRAWL, page, record, write_dump, zipped

from include import __version__
from include.errors import BadInput
from include.ingest import source as source_module
from include.ingest.source import SourceUnavailable, list_files, open_file
from include.ingest.stage import deduplicate, extract_batch, plan_batches
from include.lake import Lake
from include.params import IngestParams

PARAMS = IngestParams()
FILES = {
    f"crawl-data/{CRAWL}/segments/1/warc/a.warc.gz": zipped([page(n) for n in range(4)]),
    f"crawl-data/{CRAWL}/segments/2/warc/b.warc.gz": zipped([page(n) for n in range(3, 6)]),
}


def ingest(lake: Lake, source: str) -> int:
    for batch in plan_batches(lake, CRAWL, source, PARAMS, "me@example.org"):
        extract_batch(lake, CRAWL, batch, PARAMS, "me@example.org")
    return deduplicate(lake, CRAWL, PARAMS).rows_out


def paths(source: Path | str, crawl: str = CRAWL) -> list[str]:
    return [file.path for file in list_files(str(source), crawl, "test").files]


class Server(ThreadingHTTPServer):
    """Serves a folder; can answer with an error status first, cut bodies short, and ignore ranges."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.folder = folder
        self.errors: list[int] = []
        self.cut_at: dict[str, int] = {}
        self.ranges = True
        self.requests: Counter[str] = Counter()
        self.range_headers: list[str] = []
        self.agents: set[str] = set()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        server, name = self.server, self.path.lstrip("/")
        server.requests[name] += 1
        server.agents.add(self.headers["User-Agent"])
        if server.errors:
            self.send_error(server.errors.pop(0))
            return
        if not (server.folder / name).is_file():
            self.send_error(404)
            return
        body, start = (server.folder / name).read_bytes(), 0
        if server.ranges and (asked := re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))):
            start = int(asked[1])
            server.range_headers.append(self.headers["Range"])
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        end = server.cut_at.pop(name, len(body))
        self.wfile.write(body[start:end])
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: the tests read what the server counted."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    running = Server(write_dump(tmp_path / "dump", FILES))
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield running
    running.shutdown()
    running.server_close()
    thread.join()


def test_an_http_source_in_common_crawl_s_layout(lake: Lake, server: Server) -> None:
    assert ingest(lake, server.address + "/") == 6
    assert server.agents == {f"Rewrap/{__version__} (+me@example.org)"}
    assert max(server.requests[name] for name in FILES) == 1


def test_one_file_by_its_address(lake: Lake, server: Server) -> None:
    assert ingest(lake, f"{server.address}/{next(iter(FILES))}") == 4


@pytest.mark.parametrize("status", [403, 429, 503])
def test_a_busy_server_is_asked_again(lake: Lake, server: Server, status: int) -> None:
    server.errors = [status]
    assert ingest(lake, server.address) == 6
    assert not server.errors


@pytest.mark.parametrize("ranges", [True, False])
def test_a_broken_connection_goes_on_where_it_was(lake: Lake, server: Server, ranges: bool) -> None:
    server.ranges = ranges
    noise = b"".join(hashlib.sha256(b"%d" % number).digest() for number in range(60_000))
    content = page(0) + record("metadata", noise, 1) + page(2)
    (server.folder / "large.warc").write_bytes(content)
    server.cut_at = {"large.warc": len(content) // 2}
    assert ingest(lake, server.address + "/large.warc") == 2
    assert server.requests["large.warc"] == 2
    assert bool(server.range_headers) == ranges


def test_a_server_that_stays_down_fails_the_batch_and_loses_nothing(
    lake: Lake, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    [batch] = plan_batches(lake, CRAWL, server.address, PARAMS, "test")
    monkeypatch.setattr(source_module, "ATTEMPTS", 2)
    server.errors = [503] * 2
    with pytest.raises(SourceUnavailable, match=r"No answer after 2 attempts.*503"):
        extract_batch(lake, CRAWL, batch, PARAMS, "test")
    assert lake.manifest("pages", CRAWL, batch) is None
    assert extract_batch(lake, CRAWL, batch, PARAMS, "test").rows_out == 7


def test_an_unreachable_source_is_one_clear_message(
    lake: Lake, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_module, "ATTEMPTS", 2)
    server.errors = [500] * 2
    with pytest.raises(BadInput, match=r"Source http://127.* cannot be read: .*500.*Check the address"):
        plan_batches(lake, CRAWL, server.address, PARAMS, "test")
    with pytest.raises(BadInput, match=r"Source nowhere://x .* cannot be read: .*use a folder, http"):
        plan_batches(lake, CRAWL, "nowhere://x", PARAMS, "test")
    with pytest.raises(BadInput, match="holds no WARC files of OTHER-1"):
        plan_batches(lake, "OTHER-1", server.address, PARAMS, "test")


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An S3 bucket on moto's server, which speaks the real protocol; s3fs and botocore are the real ones."""
    import boto3
    import s3fs
    from moto.server import ThreadedMotoServer

    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    s3fs.S3FileSystem.clear_instance_cache()
    boto3.client("s3").create_bucket(Bucket="dumps")
    yield "dumps"
    s3fs.S3FileSystem.clear_instance_cache()
    moto.stop()


def test_an_s3_source_in_common_crawl_s_layout_and_without(lake: Lake, bucket: str, tmp_path: Path) -> None:
    import boto3

    client = boto3.client("s3")
    folder = write_dump(tmp_path / "dump", FILES)
    for file in (path for path in folder.rglob("*") if path.is_file()):
        client.upload_file(str(file), bucket, f"cc/{file.relative_to(folder)}")
    assert ingest(lake, f"s3://{bucket}/cc") == 6
    segments = f"s3://{bucket}/cc/crawl-data/{CRAWL}/segments"
    assert paths(segments) == ["1/warc/a.warc.gz", "2/warc/b.warc.gz"]
    assert ingest(lake, segments) == 6
    with pytest.raises(BadInput, match="holds no WARC files"):
        plan_batches(lake, CRAWL, f"s3://{bucket}/empty", PARAMS, "test")


def test_a_folder_without_a_list_gives_every_warc_file_below_it(tmp_path: Path) -> None:
    for name in ("z/b.warc.gz", "a.warc", "c.warc.wet.gz", "d.txt", "y/e.warc.lz4"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    assert paths(tmp_path) == ["a.warc", "y/e.warc.lz4", "z/b.warc.gz"]
    assert paths(tmp_path / "a.warc") == ["a.warc"]


def test_a_list_in_the_folder_itself_keeps_its_order(tmp_path: Path) -> None:
    (tmp_path / "warc.paths.gz").write_bytes(gzip.compress(b"x/2.warc.gz\nx/1.warc.gz\nx/1.warc.wet.gz\n"))
    assert paths(tmp_path) == ["x/2.warc.gz", "x/1.warc.gz"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"no gzip", "not a gzipped list"),
        (gzip.compress(b"a.warc.gz\n")[:-9], "not a gzipped list"),
        (gzip.compress(b"../../secret.warc.gz"), "must be relative"),
        (gzip.compress(b"/etc/x.warc.gz"), "must be relative"),
        (gzip.compress(b"cdx-00000.parquet"), "holds no WARC files"),
    ],
)
def test_an_unusable_list_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "warc.paths.gz").write_bytes(content)
    with pytest.raises(BadInput, match=message):
        paths(tmp_path)


def test_a_missing_folder_and_a_file_of_another_kind_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="does not exist"):
        paths(tmp_path / "nowhere")
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(BadInput, match="is no WARC file"):
        paths(tmp_path / "notes.txt")


def test_the_stream_counts_its_bytes_and_remembers_its_end(tmp_path: Path) -> None:
    (tmp_path / "a.warc").write_bytes(bytes(range(256)) * 10)
    stream = open_file(str(tmp_path), "a.warc", "test")
    while stream.read(100):
        pass
    assert (stream.position, stream.tail) == (2_560, (bytes(range(256)) * 10)[-1_024:])
