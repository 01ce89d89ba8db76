"""A real HTTP server on a random port that answers each request by a script: every fault a network can have."""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Script = Callable[[socket.socket], None]


@dataclass
class ScriptedServer:
    """`requests` are the whole bytes as they came; `scripts` are used up one by one, the last one for ever."""

    scripts: list[Script]
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    #: The request that a script is answering, by the connection's file number.
    latest: dict[int, bytes] = field(default_factory=dict)

    def __enter__(self) -> "ScriptedServer":
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            while request := _read_request(connection):
                self.requests.append(request)
                self.latest[connection.fileno()] = request
                script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
                script(connection)


def _read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        if not (piece := connection.recv(65536)):
            return b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [
        line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
    ]
    while lengths and len(body) < int(lengths[0]):
        if not (piece := connection.recv(65536)):  # whoever asked was killed in the middle of it
            return b""
        body += piece
    return head + b"\r\n\r\n" + body


def answer(body: bytes | str, *, status: int = 200, headers: str = "", length: int | None = None) -> Script:
    """One answer; `length` lies about the body's."""
    data = body.encode() if isinstance(body, str) else body
    head = f"HTTP/1.1 {status} Scripted\r\nContent-Length: {len(data) if length is None else length}\r\n{headers}\r\n"

    def say(connection: socket.socket) -> None:
        connection.sendall(head.encode() + data)

    return say


def truncated(body: bytes | str) -> Script:
    """An answer that announces more bytes than it brings."""

    def say(connection: socket.socket) -> None:
        answer(body, length=len(body) + 100)(connection)
        connection.close()

    return say


def half_a_header(connection: socket.socket) -> None:
    """The end comes in the first line."""
    connection.sendall(b"HTTP/1.1 429 T")
    connection.close()


def hang(seconds: float = 5.0) -> Script:
    """Nothing, for longer than anybody waits."""
    return lambda connection: time.sleep(seconds)


def drip(every: float = 0.05, head: bool = False) -> Script:
    """One byte at a time, in the body or already in the header: no single wait is long."""

    def say(connection: socket.socket) -> None:
        if not head:
            answer(b"", length=100_000)(connection)
        for byte in b"HTTP/1.1 200 " + b"x" * 100_000:
            connection.sendall(bytes([byte]))
            time.sleep(every)

    return say


def reset(connection: socket.socket) -> None:
    """RST instead of an answer."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def hang_up(connection: socket.socket) -> None:
    """An orderly end instead of an answer."""
    connection.close()


@contextlib.contextmanager
def scripted(*scripts: Script) -> Iterator[ScriptedServer]:
    with ScriptedServer(list(scripts)) as server:
        yield server


def closed_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port
