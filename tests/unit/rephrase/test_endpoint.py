"""The endpoint engine against real HTTP servers that answer well, badly, or not at all."""

import asyncio
import logging
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from chat_server import ChatServer, Fault, serving
from pydantic import ValidationError

from include.errors import BadInput, EngineFailed
from include.rephrase.engines.base import Request, Result
from include.rephrase.engines.endpoint import STRIKES, EndpointEngine
from include.rephrase.engines.params import EndpointParams, EngineParams
from include.rephrase.teacher import Teacher

KEY = "sk-very-secret-0815"
CUT, SILENT = Fault(cut=True), Fault(silent=True)


class Time:
    """Waiting takes no time, but the clock goes on."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)

    def clock(self) -> float:
        return self.now


class Run:
    """An engine over servers, and what came of its requests."""

    def __init__(self, teacher: Teacher, servers: list[str], stack: ExitStack, **changes: object) -> None:
        self.time = Time()
        endpoint = {"urls": servers, "model": "words", "timeout_seconds": 10, "concurrency": 4} | changes
        params = EngineParams(kind="endpoint", endpoint=EndpointParams.model_validate(endpoint))
        self.engine = EndpointEngine(teacher, params, self.time.sleep, self.time.clock)
        stack.callback(self.engine.close)

    def ask(self, *prompts: str, **changes: object) -> dict[str, Result]:
        """The result of each prompt."""
        for prompt in prompts:
            self.engine.submit(request(prompt, **changes))
        results = wait_for(self, len(prompts))
        assert Counter(result.generation_key for result in results) == Counter(prompts), "each once"
        return {result.generation_key: result for result in results}


def wait_for(run: Run, count: int) -> list[Result]:
    """So many results."""
    results: list[Result] = []
    until = time.monotonic() + 60
    while len(results) < count:
        assert time.monotonic() < until, "no result came"
        results += run.engine.results(timeout=1.0)
    return results


def request(prompt: str, **changes: object) -> Request:
    values: dict[str, object] = {
        "generation_key": prompt, "root": prompt, "step": "rewrite", "prompt_hash": "h",
        "messages": [{"role": "system", "content": "Rephrase."}, {"role": "user", "content": prompt}],
        "temperature": 0.7, "top_p": 0.9, "top_k": 0, "max_tokens": 50, "seed": 42,
    } | changes  # fmt: skip
    return Request(**values)  # type: ignore[arg-type]


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with serving() as server:
        yield server


@pytest.fixture
def other() -> Iterator[ChatServer]:
    with serving() as server:
        yield server


@pytest.fixture
def nowhere() -> str:
    """An address where nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/v1"


def test_an_answer_keeps_its_text_reason_and_counts(teacher: Teacher, server: ChatServer, stack: ExitStack) -> None:
    run = Run(teacher, [server.url], stack)
    assert run.ask("a b c")["a b c"] == Result("a b c", "A B C", "stop", None, 11, 7)
    assert (run.engine.name, run.engine.version, run.engine.capacity) == ("endpoint", "9.9", 8)


def test_what_the_recipe_sets_is_what_the_server_gets(teacher: Teacher, server: ChatServer, stack: ExitStack) -> None:
    run = Run(teacher, [server.url], stack)
    run.ask("plain")
    run.ask("bounded", top_k=20)
    messages = [{"role": "system", "content": "Rephrase."}, {"role": "user", "content": "plain"}]
    sampling = {"temperature": 0.7, "top_p": 0.9, "max_tokens": 50, "seed": 42}
    assert server.seen[0] == {"model": "words", "messages": messages, **sampling}
    assert server.seen[1]["top_k"] == 20


def test_an_answer_that_was_cut_is_marked(teacher: Teacher, server: ChatServer, stack: ExitStack) -> None:
    server.faults = [
        Fault(replace=(("finish_reason", "length"),)),
        Fault(replace=(("finish_reason", "content_filter"),)),
    ]
    run = Run(teacher, [server.url], stack)
    assert run.ask("a")["a"].finish_reason == "length"
    assert run.ask("b")["b"] == Result("b", "", "error", "finished by content_filter", 11, 7)


def test_tokens_are_counted_here_where_the_server_tells_none(
    teacher: Teacher, server: ChatServer, stack: ExitStack
) -> None:
    server.faults = [Fault(drop=("usage",))]
    result = Run(teacher, [server.url], stack).ask("one two three")["one two three"]
    assert (result.prompt_tokens, result.completion_tokens) == (5, 3), "'Rephrase', '.', and three words"


MAY_PASS = {
    "error": Fault(500, b"boom"),
    "gateway": Fault(502),
    "gateway in time": Fault(504),
    "timeout": Fault(408),
    "cut": CUT,
    "page": Fault(body=b"<html>Welcome</html>"),
    "empty": Fault(body=b""),
    "list": Fault(body=b"[]"),
    "no choices": Fault(body=b'{"choices": []}'),
    "odd choices": Fault(body=b'{"choices": 7}'),
    "huge": Fault(body=b"x" * (9 << 20)),
    "no message": Fault(drop=("message",)),
    "no reason": Fault(drop=("finish_reason",)),
    "no text": Fault(replace=(("message", {"content": None}),)),
    "broken off": Fault(replace=(("finish_reason", "abort"),)),
    "too many": Fault(429),
    "overloaded": Fault(503),
}


def test_what_may_pass_is_tried_again(teacher: Teacher, server: ChatServer, stack: ExitStack) -> None:
    run = Run(teacher, [server.url], stack)
    for name, fault in MAY_PASS.items():
        server.faults = [fault, fault]
        assert run.ask(name)[name].output == name.upper()
        assert server.prompts()[name] == 3, name


def test_an_answer_that_takes_too_long_is_asked_for_elsewhere(
    teacher: Teacher, server: ChatServer, stack: ExitStack
) -> None:
    server.faults = [SILENT]
    assert Run(teacher, [server.url], stack, timeout_seconds=0.2).ask("a")["a"].output == "A"
    assert server.prompts() == {"a": 2}


def test_a_busy_server_is_left_alone_as_long_as_it_asks(teacher: Teacher, server: ChatServer, stack: ExitStack) -> None:
    server.faults = [Fault(429, retry_after="17"), Fault(503, retry_after="19")]
    run = Run(teacher, [server.url], stack)
    assert run.ask("a")["a"].output == "A"
    assert {17.0, 19.0} <= set(run.time.waits)


def test_a_busy_server_gets_fewer_requests_at_once(teacher: Teacher, server: ChatServer, stack: ExitStack) -> None:
    run = Run(teacher, [server.url], stack, concurrency=8)
    server.faults = [Fault(429)]
    run.ask("first")
    server.most_at_once = 0
    run.ask(*(f"next {n}" for n in range(5)))
    assert server.most_at_once <= 5, "half of eight, and one more for a round of answers"


def test_pauses_are_drawn_at_random_and_grow(teacher: Teacher, server: ChatServer, stack: ExitStack) -> None:
    server.faults = [Fault(503)] * 30
    run = Run(teacher, [server.url], stack, give_up_seconds=1e6)
    assert run.ask("a")["a"].output == "A"
    assert len(set(run.time.waits)) == len(run.time.waits)
    assert max(run.time.waits[:4]) <= 8
    assert 8 < max(run.time.waits) <= 30


def test_requests_are_spread_and_bounded(
    teacher: Teacher, server: ChatServer, other: ChatServer, stack: ExitStack
) -> None:
    run = Run(teacher, [server.url, other.url], stack, concurrency=3)
    assert run.engine.capacity == 12
    tries = 0
    while not (server.seen and other.seen):  # the run begins as soon as one of them has answered
        run.ask(f"first {tries}", f"second {tries}")
        tries += 1
    for each in (server, other):
        each.seen.clear()
        each.gate = threading.Barrier(3)  # answers only when three are there at once
        each.most_at_once = 0
    run.ask(*(f"p{n}" for n in range(6)))
    assert len(server.seen) == len(other.seen) == 3
    for each in (server, other):
        each.gate = None
    run.ask(*(f"q{n}" for n in range(12)))
    assert (server.most_at_once, other.most_at_once) == (3, 3)


def test_another_server_takes_over_from_one_that_dies_and_gives_back_when_it_is_back(
    teacher: Teacher, server: ChatServer, other: ChatServer, stack: ExitStack
) -> None:
    run = Run(teacher, [server.url, other.url], stack)
    server.always = CUT
    results = run.ask(*(f"p{n}" for n in range(20)))
    assert {result.finish_reason for result in results.values()} == {"stop"}
    assert len(server.seen) < 10, "it was set aside"
    assert set(other.prompts()) == set(results)
    server.always = None
    before = len(server.seen)
    until = time.monotonic() + 60
    while len(server.seen) == before:
        assert time.monotonic() < until, "it is not used again"
        run.ask(*(f"q{n} {time.monotonic()}" for n in range(8)))


def test_a_server_that_cannot_be_reached_at_the_start_is_no_obstacle(
    teacher: Teacher, server: ChatServer, nowhere: str, stack: ExitStack
) -> None:
    run = Run(teacher, [nowhere, server.url], stack, give_up_seconds=1e9)
    assert run.ask("a")["a"].output == "A"


def test_a_storm_of_faults_fails_no_row_and_doubles_none(
    teacher: Teacher, server: ChatServer, other: ChatServer, stack: ExitStack
) -> None:
    server.chaos = [Fault(500), CUT, Fault(429), Fault(body=b"no json"), Fault(503, retry_after="1")]
    other.chaos = [CUT, Fault(502), Fault(body=b'{"choices": []}')]
    results = Run(teacher, [server.url, other.url], stack, concurrency=8).ask(*(f"p{n}" for n in range(200)))
    assert all(result.output == prompt.upper() for prompt, result in results.items())


def test_a_refused_row_is_an_error_with_the_servers_words(
    teacher: Teacher, server: ChatServer, stack: ExitStack
) -> None:
    words = b'{"error": {"message": "maximum context length is 128 tokens"}}'
    server.poison = {"long": Fault(400, words), "odd": Fault(422, b'{"detail": "not so"}'), "big": Fault(413)}
    results = Run(teacher, [server.url], stack).ask("long", "odd", "big", "good")
    assert results["long"].error == "refused with status 400: maximum context length is 128 tokens"
    assert results["odd"].error == "refused with status 422: not so"
    assert results["big"].finish_reason == "error"
    assert results["good"].output == "GOOD"
    assert server.prompts()["long"] == 1


@pytest.mark.parametrize("fault", [CUT, Fault(500, b"kernel died"), Fault(body=b"never json")])
def test_a_row_that_fails_while_others_are_answered_is_an_error_in_the_end(
    teacher: Teacher, server: ChatServer, stack: ExitStack, fault: Fault
) -> None:
    server.poison = {"poison": fault}
    results = Run(teacher, [server.url], stack).ask("poison", *(f"p{n}" for n in range(10)))
    poisoned = results.pop("poison")
    assert poisoned.finish_reason == "error"
    assert poisoned.error is not None
    assert poisoned.error.startswith(f"{STRIKES} attempts failed on servers that answer others; the last: ")
    assert server.prompts()["poison"] == STRIKES
    assert all(result.finish_reason == "stop" for result in results.values())


def test_a_server_that_is_down_for_long_fails_no_row(teacher: Teacher, server: ChatServer, stack: ExitStack) -> None:
    run = Run(teacher, [server.url], stack, give_up_seconds=1e9)
    server.always = CUT
    for n in range(4):
        run.engine.submit(request(f"p{n}"))
    until = time.monotonic() + 60
    while server.tried_out < 50:
        assert run.engine.results(timeout=0.05) == []
        assert time.monotonic() < until
    server.always = None
    assert {result.finish_reason for result in wait_for(run, 4)} == {"stop"}


def test_without_any_answer_the_run_stops_and_says_why(teacher: Teacher, nowhere: str, stack: ExitStack) -> None:
    with pytest.raises(EngineFailed, match=r"No server has answered for 600 s \(.*ConnectError.*run again"):
        Run(teacher, [nowhere], stack)


def test_results_come_before_the_message_that_all_servers_are_gone(
    teacher: Teacher, server: ChatServer, stack: ExitStack
) -> None:
    run = Run(teacher, [server.url], stack)
    run.ask("warm")
    run.engine.submit(request("good"))
    until = time.monotonic() + 60
    while not server.prompts()["good"]:
        assert time.monotonic() < until
    server.always = Fault(503, b"overloaded")
    run.engine.submit(request("lost"))
    results = wait_for(run, 1)
    assert [result.generation_key for result in results] == ["good"]
    with pytest.raises(EngineFailed, match="503: overloaded"):
        wait_for(run, 1)
    with pytest.raises(EngineFailed):
        run.engine.results(timeout=5)
    with pytest.raises(EngineFailed):
        run.engine.submit(request("later"))


def test_a_wrong_key_is_said_at_once_without_the_key(
    teacher: Teacher, server: ChatServer, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.key = "another"
    with pytest.raises(BadInput, match=r"wants a key; none is set in REWRAP_ENDPOINT_KEY"):
        Run(teacher, [server.url], stack)
    monkeypatch.setenv("REWRAP_ENDPOINT_KEY", KEY)
    with pytest.raises(BadInput, match=r"does not accept the key in REWRAP_ENDPOINT_KEY .*\*\*\*") as error:
        Run(teacher, [server.url], stack)
    assert KEY not in str(error.value)


def test_the_key_goes_to_the_server_and_into_no_result_or_log(
    teacher: Teacher,
    server: ChatServer,
    stack: ExitStack,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("REWRAP_ENDPOINT_KEY", KEY)
    server.key = KEY
    server.faults = [Fault(500, f"cannot serve {KEY}".encode()), Fault(400, f"{KEY} may not".encode())]
    result = Run(teacher, [server.url], stack).ask("a")["a"]
    assert result.error == "refused with status 400: *** may not"
    assert server.headers[0]["Authorization"] == f"Bearer {KEY}"
    assert KEY not in caplog.text


def test_a_wrong_model_is_said_at_once_with_those_that_are_served(
    teacher: Teacher, server: ChatServer, stack: ExitStack
) -> None:
    server.models = ["mixtral", "qwen"]
    with pytest.raises(BadInput, match=r"does not serve 'words' but mixtral, qwen.*rephrase\.engine\.endpoint\.model"):
        Run(teacher, [server.url], stack)


def test_a_model_that_changes_in_the_middle_stops_the_run(
    teacher: Teacher, server: ChatServer, stack: ExitStack
) -> None:
    run = Run(teacher, [server.url], stack)
    run.ask("a")
    server.models = ["qwen"]
    with pytest.raises(BadInput, match="does not serve 'words' but qwen"):
        run.ask("b")


def test_an_address_that_is_no_such_server_is_said_at_once(
    teacher: Teacher, server: ChatServer, stack: ExitStack
) -> None:
    with pytest.raises(BadInput, match=r"/chat/completions is not there .*'/v1'"):
        Run(teacher, [server.url.removesuffix("/v1")], stack)


def test_a_server_that_refuses_every_request_fails_no_row(
    teacher: Teacher, server: ChatServer, stack: ExitStack
) -> None:
    run = Run(teacher, [server.url], stack)
    server.always = Fault(400, b'{"message": "seed is not supported"}')
    with pytest.raises(BadInput, match=r"refuses even a request for one token .*seed is not supported"):
        run.ask("a")


def test_a_server_that_tells_no_version_is_unknown(teacher: Teacher, server: ChatServer, stack: ExitStack) -> None:
    server.version = None
    assert Run(teacher, [server.url], stack).engine.version.startswith("BaseHTTP/"), "its Server header"


def test_closing_breaks_off_what_is_in_flight(teacher: Teacher, server: ChatServer, stack: ExitStack) -> None:
    run = Run(teacher, [server.url], stack)
    server.faults = [SILENT] * 3
    for n in range(3):
        run.engine.submit(request(f"p{n}"))
    until = time.monotonic() + 60
    while len(server.seen) < 3:
        assert time.monotonic() < until
    began = time.monotonic()
    run.engine.close()
    run.engine.close()
    assert time.monotonic() - began < 5


def test_addresses_with_a_login_and_engines_without_an_address_are_refused(teacher: Teacher) -> None:
    with pytest.raises(ValidationError, match="a key goes into REWRAP_ENDPOINT_KEY") as error:
        EndpointParams(urls=["http://me:secret@host/v1"])
    assert "secret@" not in str(error.value).split("input_value")[0]
    with pytest.raises(ValidationError, match="is no address such as"):
        EndpointParams(urls=["gpu-1:8000/v1"])
    with pytest.raises(BadInput, match=r"rephrase\.engine\.endpoint\.urls names no server"):
        EndpointEngine(teacher, EngineParams(kind="endpoint"))
