"""A bare HTTP server that reads a request and says success, and a bare socket that sends to it: the floor of measure 2.

`python -m bench.sink` prints its port and serves until it is ended.
"""

import asyncio
import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from bench.measure import REPOSITORY

_RECIPIENT = re.compile(rb'"rcpt_to": ?\["([^"]+)"')


def _reply(payload: bytes) -> bytes:
    """As Postal says it: the recipient by name."""
    found = _RECIPIENT.search(payload)
    address = found[1].decode() if found else ""
    messages = {address: {"id": 1, "token": "t"}}
    data = {"message_id": "x@y.example", "messages": messages}
    answer = json.dumps({"status": "success", "time": 0.0, "flags": {}, "data": data}).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return head % len(answer) + answer


@contextmanager
def sink() -> Iterator[int]:
    """The port of a sink in a process of its own."""
    process = subprocess.Popen([sys.executable, "-m", "bench.sink"], stdout=subprocess.PIPE, cwd=REPOSITORY)
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


def push(port: int, payload: bytes, *, count: int, threads: int) -> None:
    """Send the same request `count` times over `threads` connections, each reply read before the next request."""
    head = b"POST /api/v1/send/raw HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n" % len(payload)

    expected = len(_reply(payload))

    def worker(share: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for _ in range(share):
                connection.sendall(head + payload)
                waiting = expected
                while waiting:
                    waiting -= len(connection.recv(waiting))

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(worker, [count // threads] * threads))


async def _serve() -> None:
    server = await asyncio.start_server(_answer, "127.0.0.1", 0, limit=2**20)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            writer.write(_reply(await reader.readexactly(_length(head))))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


def _length(head: bytes) -> int:
    fields = head.lower().partition(b"content-length:")[2]
    return int(fields.partition(b"\r\n")[0])


if __name__ == "__main__":
    asyncio.run(_serve())
