"""Loads pixels as fast as they are answered, each token once; prints one JSON object when its time or the server ends.

`python -m bench.pixel_load PORT SECONDS [PER_SECOND]`: over 32 lasting connections, one request under way on each.
"""

import json
import selectors
import signal
import socket
import sys
import time
from array import array
from dataclasses import dataclass, field
from itertools import count

from bench.measure import SIGNER
from mailer.tokens import Purpose

#: The send that `bench.pixel` makes.
PUBLIC_ID = (1).to_bytes(8, "big")
_CONNECTIONS = 32
_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"


@dataclass(slots=True)
class Load:
    """Everything that was asked, and how long each answer took."""

    port: int
    until: float
    gap: float = 0.0
    numbers: "count[int]" = field(default_factory=count)
    taken: "array[float]" = field(default_factory=lambda: array("d"))
    next_at: float = 0.0

    def end(self) -> None:
        """Ask nothing more."""
        self.until = 0.0

    def run(self) -> dict[str, float]:
        began = time.perf_counter()
        with selectors.DefaultSelector() as waiting:
            for _ in range(_CONNECTIONS):
                connection = socket.create_connection(("127.0.0.1", self.port))
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                waiting.register(connection, selectors.EVENT_READ, self._ask(connection))
            while waiting.get_map():
                for key, _ in waiting.select():
                    self._answered(waiting, key)
        seconds = time.perf_counter() - began
        slowest = sorted(self.taken)
        return {
            "answered": len(slowest),
            "per_second": len(slowest) / seconds,
            "p99_ms": slowest[int(len(slowest) * 0.99)] * 1000 if slowest else 0.0,
        }

    def _answered(self, waiting: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
        connection = key.fileobj
        assert isinstance(connection, socket.socket)
        try:
            piece = connection.recv(65_536)
            if not piece:
                raise ConnectionError("the server ends")
            if not piece.endswith(b";"):
                return  # the header alone: the picture follows
            self.taken.append(time.perf_counter() - key.data)
            if time.perf_counter() >= self.until:
                raise TimeoutError
            waiting.modify(connection, selectors.EVENT_READ, self._ask(connection))
        except OSError:
            waiting.unregister(connection)
            connection.close()

    def _ask(self, connection: socket.socket) -> float:
        """When it was asked."""
        token = SIGNER.sign(Purpose.OPEN, PUBLIC_ID + b"\0" + next(self.numbers).to_bytes(12, "big"))
        self._pace()
        asked_at = time.perf_counter()
        head = f"GET /o/{token}.gif HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nUser-Agent: {_AGENT}\r\nAccept: image/*\r\n\r\n"
        connection.sendall(head.encode())
        return asked_at

    def _pace(self) -> None:
        if self.gap:
            now = time.perf_counter()
            self.next_at = max(self.next_at, now) + self.gap
            time.sleep(max(0.0, self.next_at - self.gap - now))


def main(port: int, seconds: float, per_second: float) -> dict[str, float]:
    load = Load(port, time.perf_counter() + seconds, 1 / per_second if per_second else 0.0)
    signal.signal(signal.SIGTERM, lambda *_: load.end())
    return load.run()


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]) if sys.argv[3:] else 0.0)))
