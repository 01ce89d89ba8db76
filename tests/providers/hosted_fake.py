"""A provider on the loopback: real HTTP, a journal of what it took, and faults at the worst moments.

The three fakes that stand on it are written from the providers' documentation and not from the adapters.
"""

import base64
import json
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from mailer.model.mail import Message
from tests.providers.scripted import Script, ScriptedServer, answer, hang, reset, truncated

HTML = "<html><body><h1>502 Bad Gateway</h1></body></html>"
#: After the mail was taken …
TAKEN_AND_LOST = (
    "commit_then_hang",
    "commit_then_reset",
    "commit_then_500",
    "truncated_200",
    "html_after_commit",
)
#: … or before; the caller cannot tell which.
NEITHER = ("reset_before_commit", "proxy_502", "html_200")


@dataclass(frozen=True)
class Call:
    """A request as a provider's code sees it."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any

    @property
    def basic(self) -> str:
        """`user:password` of Basic authentication."""
        scheme, _, value = self.headers.get("authorization", "").partition(" ")
        return base64.b64decode(value).decode() if scheme == "Basic" else ""


@dataclass(frozen=True)
class Reply:
    status: int
    body: Any
    headers: str = ""


class Api(Protocol):
    """What a provider does with calls. `journal` is the truth: each mail that somebody will get, once per copy."""

    send_path: str
    journal: list[dict[str, Any]]

    def reply(self, call: Call) -> Reply: ...


@dataclass
class Host:
    """Serves one Api. `faults` are used up by calls to its send path, one each."""

    api: Api
    faults: list[str] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    hang_seconds: float = 1.5

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self.server = ScriptedServer([self._serve])

    def __enter__(self) -> "Host":
        self.server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.__exit__()

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def sent(self) -> list[Call]:
        """Calls to the send path, taken or not."""
        return [call for call in self.calls if call.path == self.api.send_path]

    def _serve(self, connection: socket.socket) -> None:
        call = _read(self.server.latest[connection.fileno()])
        with self._lock:
            self.calls.append(call)
            fault = self.faults.pop(0) if self.faults and call.path == self.api.send_path else ""
            known = FAULTS.get(fault)
            reply = self.api.reply(call) if known is None or known.takes else None
        script = known.script(reply, self.hang_seconds) if known else _said(reply)
        script(connection)


@dataclass(frozen=True)
class Fault:
    """`takes`: the mail is in the journal before it happens."""

    takes: bool
    script: Callable[[Reply | None, float], Script]


def _said(reply: Reply | None) -> Script:
    assert reply is not None
    date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())
    kind = f"Content-Type: application/json\r\nDate: {date}\r\n{reply.headers}"
    return answer(json.dumps(reply.body), status=reply.status, headers=kind)


def _cut(reply: Reply | None, _: float) -> Script:
    assert reply is not None
    return truncated(json.dumps(reply.body))


FAULTS = {
    "commit_then_hang": Fault(True, lambda _, seconds: hang(seconds)),
    "commit_then_reset": Fault(True, lambda *_: reset),
    "commit_then_500": Fault(True, lambda *_: answer(HTML, status=500)),
    "html_after_commit": Fault(True, lambda *_: answer(HTML)),
    "truncated_200": Fault(True, _cut),
    "reset_before_commit": Fault(False, lambda *_: reset),
    "proxy_502": Fault(False, lambda *_: answer(HTML, status=502)),
    "html_200": Fault(False, lambda *_: answer(HTML)),
    "too_many_html": Fault(False, lambda *_: answer(HTML, status=429)),
    "redirect": Fault(
        False, lambda *_: answer("", status=302, headers="Location: https://elsewhere.example/\r\n")
    ),
}


def _read(request: bytes) -> Call:
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode("ascii").split("\r\n")  # raw 8-bit headers would fail here
    method, target, _ = first.split(" ")
    headers = {
        name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
    }
    parts = urlsplit(target)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return Call(method, parts.path, query, headers, json.loads(body) if body else None)


def read_by(subject: str, html: str, text: str) -> bytes:
    """What somebody reads of a mail that the provider put together."""
    return f"{subject}\n{html}\n{text}".encode()


def whole(message: Message) -> bytes:
    """The same of the mail that was handed over."""
    return read_by(message.content.subject, message.content.html, message.content.text)
