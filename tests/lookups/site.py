"""A web site on the loopback that stands for the open internet, and a Net that leads every public address to it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from mailer.lookups.net import Net, NoSuchName, Silence

#: An address of the open internet, where nobody is asked: every connection ends on the loopback.
PUBLIC = "93.184.215.14"
HOME = "site-ouvert.fr"


@dataclass
class Site:
    """What was asked, as (method, host, path), and where connections were meant to go."""

    port: int
    names: dict[str, list[str]] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    connected: list[tuple[str, int]] = field(default_factory=list)
    records: dict[str, list[str]] = field(default_factory=dict)
    is_online: bool = True
    #: What `/to` leads on to instead of what its question names.
    redirection: str = ""

    @property
    def net(self) -> Net:
        return Net(resolve=self._resolve, texts=self._texts, connect=self._connect, seconds=2.0)

    def _resolve(self, host: str) -> list[str]:
        if host not in self.names:
            raise NoSuchName
        return self.names[host]

    def _texts(self, name: str) -> list[str] | None:
        if not self.is_online:
            raise Silence
        return self.records.get(name)

    def _connect(self, address: str, port: int, seconds: float) -> socket.socket:
        self.connected.append((address, port))
        if not self.is_online:
            raise ConnectionRefusedError
        return socket.create_connection(("127.0.0.1", self.port), timeout=seconds)


@contextmanager
def serving() -> Iterator[Site]:
    """`/<status>` answers with it, `/to?<url>` leads on, `/get-only` refuses HEAD, `/slow` says one letter and waits."""
    stop = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            self._answer(body=True)

        def _answer(self, *, body: bool) -> None:
            site.asked.append((self.command, self.headers["Host"], self.path))
            path, _, target = self.path.partition("?")
            if path == "/slow":
                self.wfile.write(b"H")
                stop.wait(5)
                return
            status = 302 if path == "/to" else 200
            if path == "/get-only":
                status = 200 if body else 405
            elif path[1:].isdigit():
                status = int(path[1:])
            self.send_response(status)
            if target and path == "/to":
                self.send_header("Location", site.redirection or target)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site = Site(port=server.server_address[1], names={HOME: [PUBLIC]})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        stop.set()
        server.shutdown()
        server.server_close()
        thread.join()
