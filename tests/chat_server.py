"""An OpenAI-compatible server without a model: it answers with the prompt in capitals, or as badly as a test wants.

with serving() as server:
    server.faults = [Fault(429, retry_after="7"), Fault(cut=True)]
    EndpointEngine(teacher, params(server.url))
"""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Fault:
    """How a request is answered instead."""

    status: int = 200
    body: bytes = b""
    retry_after: str = ""
    cut: bool = False
    """The connection ends in the middle of the answer."""
    silent: bool = False
    """Nothing comes, and the connection stays open until the server is closed."""
    drop: tuple[str, ...] = ()
    """A good answer without these fields of its (only) choice, or of itself."""
    replace: tuple[tuple[str, Any], ...] = ()
    """A good answer with other values of these fields."""


class ChatServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}/v1"
        self.models = ["words"]
        self.key = ""
        """Asked for, if there is one."""
        self.version: str | None = "9.9"
        self.faults: list[Fault] = []
        """Of the next requests; those for one token, by which a server is tried out, use none up."""
        self.always: Fault | None = None
        """Of all requests."""
        self.poison: dict[str, Fault] = {}
        """Of requests whose prompt holds the word."""
        self.chaos: list[Fault] = []
        """Every other request, by its prompt, gets one of these at its first attempt."""
        self.seen: list[dict[str, Any]] = []
        """Requests for more than one token."""
        self.tried_out = 0
        self.headers: list[dict[str, str]] = []
        self.at_once = self.most_at_once = 0
        self.gate: threading.Barrier | None = None
        """Requests wait here for each other."""
        self.closing = threading.Event()
        self.lock = threading.Lock()

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are part of the tests."""

    def prompts(self) -> Counter[str]:
        return Counter(content["messages"][-1]["content"] for content in self.seen)

    def choose_fault(self, content: dict[str, Any]) -> Fault | None:
        prompt = content["messages"][-1]["content"]
        if content["max_tokens"] == 1:
            self.tried_out += 1
            return self.always
        self.seen.append(content)
        poison = next((fault for word, fault in self.poison.items() if word in prompt), None)
        if self.chaos and self.prompts()[prompt] == 1 and len(self.seen) % 2:
            return self.chaos[len(self.seen) // 2 % len(self.chaos)]
        return self.always or poison or (self.faults.pop(0) if self.faults else None)


class _Handler(BaseHTTPRequestHandler):
    server: ChatServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments: object) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        if self.path == "/v1/models":
            self.answer(200, {"data": [{"id": name} for name in self.server.models]})
        elif self.path == "/version" and self.server.version:
            self.answer(200, {"version": self.server.version})
        else:
            self.answer(404, {"detail": "Not Found"})

    def do_POST(self) -> None:
        server = self.server
        content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with server.lock:
            server.headers.append(dict(self.headers))
            fault = server.choose_fault(content)
            server.at_once += 1
            server.most_at_once = max(server.most_at_once, server.at_once)
        try:
            if server.gate and content["max_tokens"] > 1:
                server.gate.wait(timeout=10)
            self.respond(content, fault)
        finally:
            with server.lock:
                server.at_once -= 1

    def respond(self, content: dict[str, Any], fault: Fault | None) -> None:
        server = self.server
        if self.path != "/v1/chat/completions":
            self.answer(404, {"detail": "Not Found"})
        elif server.key and self.headers["Authorization"] != f"Bearer {server.key}":
            self.answer(401, {"error": {"message": f"no such key: {self.headers['Authorization']}"}})
        elif content["model"] not in server.models:
            self.answer(404, {"error": {"message": f"The model `{content['model']}` does not exist."}})
        elif fault is None or fault.drop or fault.replace:
            self.answer(200, good_answer(content, fault or Fault()))
        elif fault.silent:
            server.closing.wait(30)
            self.close_connection = True
        elif fault.cut:
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b'{"choices": [{"mess')
            self.close_connection = True
        else:
            self.answer(fault.status, fault.body, fault.retry_after)

    def answer(self, status: int, content: object, retry_after: str = "") -> None:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if retry_after:
            self.send_header("Retry-After", retry_after)
        self.end_headers()
        self.wfile.write(body)


def good_answer(content: dict[str, Any], fault: Fault) -> dict[str, Any]:
    text = content["messages"][-1]["content"].upper()
    choice: dict[str, Any] = {"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    answer = {"choices": [choice], "usage": {"prompt_tokens": 11, "completion_tokens": 7}}
    for place in (answer, choice):
        for name in fault.drop:
            place.pop(name, None)
        place |= {name: value for name, value in fault.replace if name in place}
    return answer


@contextmanager
def serving() -> Iterator[ChatServer]:
    """A server in a thread."""
    server = ChatServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
