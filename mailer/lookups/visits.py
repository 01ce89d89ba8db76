"""One visit: a link is followed as a reader would, by HEAD and where that is refused by GET; no body is ever read.

Every hop is resolved once, judged by the guard, and asked at exactly the address that was judged.
"""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from mailer.lookups.guard import asked, is_literal, is_public, is_reserved
from mailer.lookups.net import Net, NoSuchName, Silence
from mailer.model.lookups import LinkState

_MOST_HOPS = 6
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_GONE = frozenset({404, 410})
_HEADERS = {
    "User-Agent": "Mozilla/5.0 (compatible; Relais link check)",
    "Accept": "*/*",
    "Connection": "close",
}
#: Signs of a path that are sent as they are: what was escaped before stays so.
SAFE = "/%:;=@!$&'()*+,~-._?"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a visit found; `detail` is a status, or where the link leads on to."""

    state: LinkState
    detail: str = ""
    #: Whether a server of the open internet said anything: then the network is there.
    is_answered: bool = False


class _Stopped(Exception):
    def __init__(self, state: LinkState, detail: str = "", *, is_answered: bool = False) -> None:
        self.seen = Seen(state, detail, is_answered)


def visit(url: str, net: Net) -> Seen:
    """Follow one link; an unknown name is GONE_NAME, whatever the network is like."""
    until = time.monotonic() + net.seconds
    target = url
    try:
        for _ in range(_MOST_HOPS):
            status, location = _answer(target, net, until)
            if status not in _REDIRECTS or not location:
                return _judged(url, target, status)
            target = _led_on(target, location)
    except _Stopped as stopped:
        # What a redirection leads to is the same to the reader; that it began is an answer.
        is_answered = stopped.seen.is_answered or target != url
        return Seen(stopped.seen.state, stopped.seen.detail, is_answered=is_answered)
    return Seen(LinkState.ODD, "redirects", is_answered=True)


def _led_on(target: str, location: str) -> str:
    """Where a redirection leads, without signs that nobody can see: it is kept and shown."""
    shown = "".join(sign for sign in location if sign.isprintable())
    try:
        return urljoin(target, shown)
    except ValueError:
        raise _Stopped(LinkState.ODD, "redirects", is_answered=True) from None


def _judged(url: str, target: str, status: int) -> Seen:
    if status in _GONE:
        return Seen(LinkState.DEAD, str(status), is_answered=True)
    if not 200 <= status < 300:
        return Seen(LinkState.ODD, str(status), is_answered=True)
    moved = _bare(url) != _bare(target)
    return Seen(LinkState.MOVED if moved else LinkState.FINE, target if moved else "", is_answered=True)


def _bare(url: str) -> str:
    """Without what makes no difference to whoever reads the address."""
    return urlsplit(url)._replace(fragment="").geturl().rstrip("/")


def _answer(url: str, net: Net, until: float) -> tuple[int, str]:
    """Status and Location; GET where HEAD is refused, since many servers know only the former."""
    parts = asked(url)
    if parts is None:
        raise _Stopped(LinkState.UNFIT)
    if is_reserved(parts.hostname or ""):
        raise _Stopped(LinkState.RESERVED)
    address = _address(parts.hostname or "", net)
    status, location = _ask("HEAD", parts, address, net, until)
    return _ask("GET", parts, address, net, until) if status >= 400 else (status, location)


def _address(host: str, net: Net) -> str:
    """The one address that is asked; a name with a single private address among its own is not followed at all."""
    try:
        host.encode("idna")
        if is_literal(host):
            # Nobody writes to readers in numbers; and a network without names may answer for all of them itself.
            raise _Stopped(LinkState.UNFIT if is_public(host) else LinkState.PRIVATE)
        found = net.resolve(host)
    except NoSuchName:
        raise _Stopped(LinkState.GONE_NAME) from None
    except (Silence, UnicodeError):
        raise _Stopped(LinkState.SILENT) from None
    if not found:
        raise _Stopped(LinkState.SILENT)
    if not all(map(is_public, found)):
        raise _Stopped(LinkState.PRIVATE)
    return found[0]


def _ask(method: str, parts: SplitResult, address: str, net: Net, until: float) -> tuple[int, str]:
    left = until - time.monotonic()
    if left <= 0:
        raise _Stopped(LinkState.SILENT)
    try:
        line = connected(parts, address, net, left)
        with cut_off(line, until):
            try:
                path = quote(parts.path or "/", SAFE) + (
                    f"?{quote(parts.query, SAFE)}" if parts.query else ""
                )
                line.request(method, path, headers=_HEADERS)
                answer = line.getresponse()
                return answer.status, answer.headers.get("Location") or ""
            finally:
                line.close()
    except ssl.SSLCertVerificationError:
        raise _Stopped(LinkState.CERTIFICATE) from None
    except (OSError, HTTPException, ValueError):
        raise _Stopped(LinkState.SILENT) from None


def connected(parts: SplitResult, address: str, net: Net, seconds: float) -> HTTPConnection:
    """A connection to the judged address that asks for the host by its name."""
    secure = parts.scheme == "https"
    host = (parts.hostname or "").encode("idna").decode("ascii")
    line = HTTPConnection(host, parts.port or (443 if secure else 80), timeout=seconds)
    line.default_port = 443 if secure else 80
    plain = net.connect(address, line.port, seconds)
    try:
        line.sock = net.tls().wrap_socket(plain, server_hostname=host) if secure else plain
    except BaseException:
        plain.close()
        raise
    return line


@contextmanager
def cut_off(line: HTTPConnection, until: float) -> Iterator[None]:
    """A server that sends its answer letter by letter is not waited for either."""
    timer = threading.Timer(max(0.0, until - time.monotonic()), _shut, [line.sock])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _shut(sock: socket.socket) -> None:
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
