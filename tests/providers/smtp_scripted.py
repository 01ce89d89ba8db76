"""A mail server on a bare socket that goes wrong on demand: in any phase, in any way a network or a server can."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

#: A reply to give instead, or what to do to the connection before it is closed.
Fault = str | Callable[[socket.socket], None]

GREETING = "250-scripted\r\n250-SIZE 20000000\r\n250-AUTH PLAIN LOGIN\r\n250 DSN"


@dataclass
class ScriptedSmtp:
    """`faults` are used up one by one, each phase its own: connect, EHLO, AUTH, MAIL, RCPT, DATA, body, dot, RSET.

    `taken` are the mails whose final dot came and that were not refused: the truth, whatever was answered.
    """

    faults: dict[str, list[Fault]] = field(default_factory=dict)
    greeting: str = GREETING
    taken: list[bytes] = field(default_factory=list)
    #: For whom, in the same order.
    recipients: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    #: Hang up after so many mails on one connection, without a word.
    most: int = 1000
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> "ScriptedSmtp":
        self._listener = socket.create_server(("127.0.0.1", 0))
        # So that the middle of a long mail is still on the other side when something happens there.
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def hear_out(self, *, quits: int = 1) -> None:
        """Wait for the last words of so many conversations: whoever says QUIT hangs up without an answer."""
        until = time.monotonic() + 10
        while len(self.said("QUIT")) < quits and time.monotonic() < until:
            time.sleep(0.005)

    def said(self, verb: str) -> list[str]:
        return [line for line in self.commands if line.upper().startswith(verb)]

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
            talk = _Talk(self, connection)
            if talk.answer("connect", "220 scripted"):
                talk.go_on()

    def fault(self, phase: str) -> Fault | None:
        with self._lock:
            waiting = self.faults.get(phase, [])
            return waiting.pop(0) if waiting else None


class _Talk:
    def __init__(self, server: ScriptedSmtp, connection: socket.socket) -> None:
        self.server, self.connection = server, connection
        self.lines = connection.makefile("rb")
        self.carried = 0
        self.said = self.recipient = ""

    def go_on(self) -> None:
        normal = {
            "EHLO": self.server.greeting,
            "AUTH": "235 2.7.0 ok",
            "MAIL": "250 ok",
            "RCPT": "250 ok",
            "RSET": "250 ok",
            "DATA": "354 go",
        }
        while line := self.lines.readline():
            self.server.commands.append(line.decode("latin-1").rstrip())
            verb = line[:4].decode("latin-1").upper().rstrip()
            verb = "STARTTLS" if verb == "STAR" else verb
            if verb == "RCPT":
                self.recipient = line.decode().partition("<")[2].partition(">")[0]
            if not self.answer(verb, normal.get(verb, "502 what")):
                return
            if verb == "DATA" and self.said.startswith("354") and not self._content():
                return

    def answer(self, phase: str, normal: str) -> bool:
        """Whether the conversation goes on."""
        fault = self.server.fault(phase)
        if callable(fault):
            fault(self.connection)
            return False
        self.said = fault or normal
        self.connection.sendall(f"{self.said}\r\n".encode())
        return not self.said.startswith("421")

    def _content(self) -> bool:
        broken = self.server.fault("body")
        lines = []
        while (line := self.lines.readline()) != b".\r\n":
            if not line:
                return False
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
            if callable(broken):
                broken(self.connection)
                return False
        waiting = self.server.faults.get("dot", [])
        refused = bool(waiting) and isinstance(waiting[0], str) and waiting[0][0] in "45"
        if not refused:
            self.server.taken.append(b"".join(lines))
            self.server.recipients.append(self.recipient)
        self.carried += 1
        return self.answer("dot", f"250 2.0.0 Ok: queued as {self.carried}") and (
            self.carried < self.server.most
        )


def drop(connection: socket.socket) -> None:
    """An orderly end, and nothing else."""
    connection.shutdown(socket.SHUT_RDWR)


def say(text: bytes) -> Fault:
    """Bytes as they are, then the end."""

    def act(connection: socket.socket) -> None:
        connection.sendall(text)
        connection.shutdown(socket.SHUT_WR)

    return act


def drip(text: bytes, *, every: float = 0.05, after: bytes = b"") -> Fault:
    """One byte at a time: no single wait is long."""

    def act(connection: socket.socket) -> None:
        connection.sendall(after)
        for byte in text:
            connection.sendall(bytes([byte]))
            time.sleep(every)

    return act


def hang(_connection: socket.socket) -> None:
    """Neither a word nor an ear, for longer than anybody waits."""
    time.sleep(3)


@contextlib.contextmanager
def scripted_smtp(**faults: Fault | list[Fault]) -> Iterator[ScriptedSmtp]:
    listed = {phase: each if isinstance(each, list) else [each] for phase, each in faults.items()}
    with ScriptedSmtp(listed) as server:
        yield server
