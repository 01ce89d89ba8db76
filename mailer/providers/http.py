"""The one door to requests: no redirects, no retries, no environment, one connection per thread, a total deadline.

Every failure is told apart by the only question that matters to the ledger: may the request have been taken
(`Unclear`), or certainly not (`NotSent`)? Measured with requests 2.34 and urllib3 2 (providers.md 4.4).
"""

import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import exceptions as urllib3

from mailer.errors import MailerError, SettingError
from mailer.providers.watch import Call, Watch

#: A server may close an idle connection at the very moment it is used again: that would be a doubt out of nothing.
_IDLE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds, and bytes of one answer. `total` must be shorter than the lease of a delivery."""

    connect: float = 5.0
    read: float = 60.0
    total: float = 90.0
    answer_bytes: int = 1 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer; header names are found in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class NotSent(MailerError):
    """Certainly not taken. `code`: connection-refused, name-not-found, connect-timeout, certificate."""

    def __init__(self, code: str) -> None:
        super().__init__("The server was not reached ({code}); nothing was sent.", code=code)
        self.code = code


class Unclear(MailerError):
    """May have been taken. `code`: deadline, read-timeout, connection-lost, tls, answer-too-large."""

    def __init__(self, code: str) -> None:
        super().__init__("The answer of the server was lost ({code}).", code=code)
        self.code = code


class Door:
    """Calls to one server. Safe to share between threads: each has a connection of its own."""

    def __init__(
        self, base_url: str, *, limits: Limits | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._limits = limits or Limits()
        self._headers = {"Accept-Encoding": "identity", "User-Agent": "Relais", **(headers or {})}
        self._watch = Watch(self._limits.total)
        self._local = threading.local()
        _prepare("GET", self.base_url, {})  # a wrong address is a wrong setting, found at once

    def post(self, path: str, body: bytes) -> Answer:
        """POST JSON bytes; raises NotSent or Unclear."""
        return self._call("POST", path, body)

    def get(self, path: str) -> Answer:
        """GET; raises NotSent or Unclear."""
        return self._call("GET", path, None)

    def _call(self, method: str, path: str, body: bytes | None) -> Answer:
        line = self._line()
        request = line.request(method, self.base_url + path, self._headers, body)
        with self._watch.guard() as call:
            try:
                return line.exchange(request, self._limits, call)
            except (requests.RequestException, urllib3.HTTPError, OSError) as error:
                line.close()
                raise _told_apart(error, call) from error
            except Unclear:
                line.close()
                raise

    def _line(self) -> "_Line":
        line: _Line | None = getattr(self._local, "line", None)
        if line is None or line.idle_seconds > _IDLE_SECONDS:
            if line is not None:
                line.close()
            line = self._local.line = _Line()
        return line


class _Line:
    """One thread's connection.

    The adapter is asked directly, without a Session: that leaves out redirects, cookies, .netrc and proxies from
    the environment, and is 1.5 times as fast.
    """

    def __init__(self) -> None:
        self._adapter = _Adapter(self._made)
        self._prepared: dict[tuple[str, str], requests.PreparedRequest] = {}
        self._connection: Any = None
        self._call: Call | None = None
        self._used = time.monotonic()

    @property
    def idle_seconds(self) -> float:
        return time.monotonic() - self._used

    def request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> requests.PreparedRequest:
        prepared = self._prepared.get((method, url))
        if prepared is None:
            prepared = self._prepared[method, url] = _prepare(method, url, headers)
        # One call at a time: the same request serves them all, with another body.
        if body is not None:
            prepared.body = body
            prepared.headers["Content-Type"] = "application/json"
            prepared.headers["Content-Length"] = str(len(body))
        return prepared

    def exchange(self, request: requests.PreparedRequest, limits: Limits, call: Call) -> Answer:
        # The watch knows the connection, the kept one or the one that is going to be made.
        self._call = call
        call.connection = self._connection
        response = self._adapter.send(
            request, stream=True, timeout=(limits.connect, limits.read), verify=True, proxies={}
        )
        try:
            body = _read(response.raw, limits.answer_bytes)
        except BaseException:
            response.raw.close()
            raise
        if call.is_overdue or not response.headers:
            # http.client takes the end of the connection for the end of the header: "HTTP/1.1 429 T" would count.
            raise Unclear("deadline" if call.is_overdue else "connection-lost")
        response.raw.release_conn()
        self._used = time.monotonic()
        return Answer(status=response.status_code, headers=response.headers, body=body)

    def close(self) -> None:
        self._adapter.close()

    def _made(self, connection: Any) -> None:
        self._connection = connection
        if self._call is not None:
            self._call.connection = connection


class _Adapter(HTTPAdapter):
    """For one server: what requests finds out anew at every call (the pool, cookies, encodings) took half of its time."""

    def __init__(self, made: Callable[[Any], None]) -> None:
        """`made` hears of each connection, before it is used."""
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)
        self._made = made
        self._pool: Any = None

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        if self._pool is None:
            self._pool = super().get_connection_with_tls_context(*args, **kwargs)
            self._pool.ConnectionCls = self._told(self._pool.ConnectionCls)
        return self._pool

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        """What an `Answer` is made of; urllib3's header names are found in any case too."""
        response = requests.Response()
        response.status_code, response.headers, response.raw = resp.status, resp.headers, resp
        return response

    def _told(self, make: Callable[..., Any]) -> Callable[..., Any]:
        def made(*args: Any, **kwargs: Any) -> Any:
            connection = make(*args, **kwargs)
            self._made(connection)
            return connection

        return made


def _read(raw: Any, most: int) -> bytes:
    """Up to the end: only the read that finds nothing left tells a complete answer from a truncated one."""
    body = b""
    while piece := raw.read(most + 1, decode_content=False):
        body += piece
        if len(body) > most:
            raise Unclear("answer-too-large")
    return body


def _prepare(method: str, url: str, headers: Mapping[str, str]) -> requests.PreparedRequest:
    try:
        return requests.Request(method, url, headers=dict(headers)).prepare()
    except (requests.RequestException, ValueError) as error:
        raise SettingError(
            "Setting provider.url: {url} is not the address of a server. Write it as https://postal.reseau.example.",
            url=url,
        ) from error


def _told_apart(error: Exception, call: Call) -> MailerError:
    """`requests.ConnectionError` alone tells nothing: the cause that urllib3 keeps does."""
    cause = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(cause, urllib3.NameResolutionError):
        return NotSent("name-not-found")
    if isinstance(cause, urllib3.NewConnectionError):
        return NotSent("connection-refused")
    if isinstance(cause, urllib3.ConnectTimeoutError):
        return NotSent("connect-timeout")
    if cause is not None and cause.args and isinstance(cause.args[0], ssl.SSLCertVerificationError):
        return NotSent("certificate")
    if call.is_overdue:
        return Unclear("deadline")
    if isinstance(error, requests.exceptions.SSLError | urllib3.SSLError):
        return Unclear("tls")
    timed_out = isinstance(error, requests.ReadTimeout | urllib3.ReadTimeoutError)
    return Unclear("read-timeout" if timed_out else "connection-lost")
