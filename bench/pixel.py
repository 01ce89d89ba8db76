"""Measure 7: pixels a second with storing and without, hits lost at SIGTERM, and a send beside as many hits as there can be."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.request import urlopen

from sqlalchemy import func, select

from bench.databases import KINDS, database
from bench.measure import REPOSITORY, SIGNER, Row, alone
from mailer.model.columns import table
from mailer.model.events import OpenCount
from mailer.store import Store
from mailer.store.schema import migrate
from tests.tracking.ledger import Ledger

#: Long enough to see the buffer fill, short enough that it never overflows.
_SECONDS = 8.0
_RECIPIENTS = 3_000
#: Longer than any send of this measure: the load is ended before.
_LONG = 600.0


def rows() -> list[Row]:
    return [row for kind in KINDS for row in (*_speed(kind), _beside(kind))]


def _speed(kind: str) -> list[Row]:
    """The same server twice, ended by SIGTERM while it is asked: once it stores, once it does not.

    By the server's processor: what else this machine does changes the seconds, not the work of an answer.
    """
    (kept, lost), (bare, _) = (_poured(kind, *options) for options in ((), ("--forgets",)))
    return [
        Row(
            f"pixels a second of the server's processor with storing / without, {kind}",
            f"{kept / bare:.2f} ({kept:,.0f} of {bare:,.0f})",
            ">= 0.8",
        ),
        Row(f"hits answered, and lost at SIGTERM under full load, {kind}", lost, "0 lost"),
    ]


def _poured(kind: str, *options: str) -> tuple[float, str]:
    """Answers in one second of the processor, and how many of them are not in the database."""
    with _measured(kind) as url, _server(url, *options) as (server, port):
        began = _used_to_start(server, port)
        load = _load(port)
        _wait(load, _SECONDS)
        server.terminate()
        answered = int(_ended(load)["answered"])
        assert server.stdout is not None
        used = float(server.stdout.readline()) - began
        server.wait()
        return answered / used, f"{answered:,}; {answered - _stored(url):,} lost"


def _used_to_start(server: "subprocess.Popen[bytes]", port: str) -> float:
    """Seconds of the processor that the server has used when it has answered once: not the price of an answer."""
    with urlopen(f"http://127.0.0.1:{port}/o/warm.gif", timeout=60) as answer:
        answer.read()
    server.send_signal(signal.SIGUSR1)
    assert server.stdout is not None
    return float(server.stdout.readline())


def _beside(kind: str) -> Row:
    """A send beside hits that are stored, and beside as many that are not: only the storing may slow it."""
    told: dict[bool, tuple[dict[str, float], dict[str, float]]] = {}
    for forgets in (True, False):
        with _measured(kind) as url, _server(url, *(["--forgets"] if forgets else [])) as (_, port):
            load = _load(port)
            found = alone("bench.one_send", url, str(_RECIPIENTS))
            load.terminate()
            told[forgets] = (found, _ended(load))
    slowed = 1 - told[False][0]["per_second"] / told[True][0]["per_second"]
    hits = told[False][1]
    return Row(
        f"send slowed by storing {hits['per_second']:,.0f} hits a second, {kind}",
        f"{slowed:.0%}; p99 of a pixel {hits['p99_ms']:.0f} ms",
        "<= 10 %",
    )


@contextmanager
def _measured(kind: str) -> Iterator[str]:
    """A database with one anonymous send, whose tokens are counted."""
    with database(kind) as url:
        store = Store(url)
        migrate(store)
        Ledger(store, SIGNER, datetime.now(UTC)).send("anonymous")
        store.close()
        yield url


@contextmanager
def _server(url: str, *options: str) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    """The process and its port, until the end of the block."""
    command = [sys.executable, "-m", "bench.pixel_server", url, *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=REPOSITORY)
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline().decode().strip()
    finally:
        process.terminate()
        process.wait()


def _load(port: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "bench.pixel_load", port, str(_LONG)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, cwd=REPOSITORY)


def _wait(load: "subprocess.Popen[bytes]", seconds: float) -> None:
    try:
        load.wait(seconds)
    except subprocess.TimeoutExpired:
        return
    raise RuntimeError("the load ended before its time")


def _ended(load: "subprocess.Popen[bytes]") -> dict[str, float]:
    assert load.stdout is not None
    found = json.loads(load.stdout.read().splitlines()[-1])
    load.wait()
    assert isinstance(found, dict)
    return found


def _stored(url: str) -> int:
    store = Store(url)
    with store.read() as tx:
        counted = tx.execute(select(func.sum(table(OpenCount).c.loaded))).scalar()
    store.close()
    return int(counted or 0)


if __name__ == "__main__":
    for row in rows():
        print(f"| {row.measure} | {row.figure} | {row.target} |", flush=True)
