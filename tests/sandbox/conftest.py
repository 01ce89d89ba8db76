"""A sandbox on free ports, a receiver of webhooks over real HTTP, and a message to send."""

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from mailer.sandbox import Sandbox
from mailer.settings import SandboxSettings

KEY = SandboxSettings().api_key


def settings(**values: Any) -> SandboxSettings:
    return SandboxSettings(http_port=0, smtp_port=0, control_port=0, **values)


def mime(key: str = "k1", *, sender: str = "lettre@reseau.example", body: str = "Bonjour") -> bytes:
    lines = [
        f"From: =?utf-8?q?R=C3=A9seau?= <{sender}>",
        "To: a@ville.example",
        "Subject: =?utf-8?q?Lettre_n=C2=B0_47?=",
        f"Message-ID: <{key}@reseau.example>",
        "X-Postal-Tag: lettre-47",
        "",
        body,
        "",
    ]
    return "\r\n".join(lines).encode()


def call(sandbox: Sandbox, path: str, params: object, **options: Any) -> requests.Response:
    headers = {"X-Server-API-Key": KEY, **options.pop("headers", {})}
    return requests.post(
        f"{sandbox.http_url}/api/v1/{path}", json=params, headers=headers, timeout=15, **options
    )


def send_raw(sandbox: Sandbox, raw: bytes, *recipients: str, **options: Any) -> Any:
    data = base64.b64encode(raw).decode()
    params = {
        "mail_from": "lettre@reseau.example",
        "rcpt_to": recipients or ("a@ville.example",),
        "data": data,
    }
    return call(sandbox, "send/raw", params, **options).json()


def control(sandbox: Sandbox, path: str, **order: Any) -> Any:
    answer = requests.post(f"{sandbox.control_url}/{path}", json=order, timeout=15)
    assert answer.status_code == 200, answer.text
    return answer.json()


def until(ask: Callable[[], Any]) -> Any:
    """What `ask` says once it says something true; the test's own time limit ends a wait that never does."""
    while True:
        if found := ask():
            return found
        time.sleep(0.01)


@dataclass
class Received:
    """One webhook as it came over the wire."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """Answers webhooks with the next of `answers`, then 200."""

    url: str = ""
    got: list[Received] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    def events(self, kind: str) -> list[Any]:
        return [each.event for each in list(self.got) if each.event["event"] == kind]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            found.got.append(Received(self.path, dict(self.headers), body))
            self.send_response(found.answers.pop(0) if found.answers else 200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_address[1]}/hooks/postal/secret"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def sandbox(sandbox_folder: Path) -> Iterator[Sandbox]:
    with Sandbox(settings(clock_scale=0.0001), sandbox_folder) as running:
        yield running


@pytest.fixture
def reporting(sandbox_folder: Path, receiver: Receiver) -> Iterator[Sandbox]:
    """A sandbox that posts its events to the receiver, ten thousand times faster."""
    with Sandbox(settings(clock_scale=0.0001, webhook_url=receiver.url), sandbox_folder) as running:
        yield running
