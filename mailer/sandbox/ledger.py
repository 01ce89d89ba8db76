"""The sandbox's own SQLite: one thread writes, and commits whatever has gathered in one transaction.

Group commits are what makes hundreds of messages a second possible. WAL with `synchronous=NORMAL`: what was
committed survives kill -9 of the process; after a power cut the last moments may be missing, which a sandbox
on one machine may afford.
"""

import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

_MOST_PER_COMMIT = 256

_SCHEMA = """
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY AUTOINCREMENT, token TEXT NOT NULL, direction TEXT NOT NULL, mail_from TEXT NOT NULL,
    rcpt_to TEXT NOT NULL, subject TEXT NOT NULL, message_id TEXT NOT NULL, tag TEXT, timestamp REAL NOT NULL,
    size INTEGER NOT NULL, sha256 TEXT NOT NULL, bounce INTEGER NOT NULL, bounce_for_id INTEGER NOT NULL DEFAULT 0,
    ssl INTEGER NOT NULL, status TEXT NOT NULL DEFAULT 'Pending', hold_expiry REAL, last_attempt REAL,
    attempts INTEGER NOT NULL DEFAULT 0, due REAL);
CREATE INDEX IF NOT EXISTS message_due ON message (due) WHERE due IS NOT NULL;
CREATE INDEX IF NOT EXISTS message_attempt ON message (last_attempt);
CREATE TABLE IF NOT EXISTS delivery (
    id INTEGER PRIMARY KEY AUTOINCREMENT, message INTEGER NOT NULL, status TEXT NOT NULL, details TEXT NOT NULL,
    output TEXT NOT NULL, sent_with_ssl INTEGER NOT NULL, log_id TEXT NOT NULL, time REAL, timestamp REAL NOT NULL);
CREATE INDEX IF NOT EXISTS delivery_message ON delivery (message);
CREATE TABLE IF NOT EXISTS hook (
    id INTEGER PRIMARY KEY AUTOINCREMENT, uuid TEXT NOT NULL, message INTEGER, body TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL);
CREATE INDEX IF NOT EXISTS hook_due ON hook (due);
CREATE INDEX IF NOT EXISTS hook_message ON hook (message);
CREATE TABLE IF NOT EXISTS suppression (address TEXT PRIMARY KEY, reason TEXT NOT NULL, until REAL NOT NULL);
CREATE TABLE IF NOT EXISTS server (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class _Job:
    act: Callable[[sqlite3.Connection], Any]
    then: Callable[[Any], None] | None
    future: "Future[Any]"


class Ledger:
    """Safe to use from any thread; `close` writes what is still waiting."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writing = _connect(path)
        self._writing.executescript(_SCHEMA)
        self._reading = _connect(path)
        self._lock = threading.Lock()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="sandbox-ledger", daemon=True)
        self._thread.start()

    def write(
        self, act: Callable[[sqlite3.Connection], T], then: Callable[[T], None] | None = None
    ) -> "Future[T]":
        """Run `act` in the next transaction and `then` once it is committed; the future ends after both."""
        future: Future[T] = Future()
        self._jobs.put(_Job(act, then, future))
        return future

    def read(self, statement: str, *values: object) -> list[sqlite3.Row]:
        with self._lock:
            return self._reading.execute(statement, values).fetchall()

    def close(self) -> None:
        self._jobs.put(None)
        self._thread.join()
        self._writing.close()
        self._reading.close()

    def _run(self) -> None:
        while True:
            jobs, ended = self._gather()
            if jobs:
                self._commit(jobs)
            if ended:
                return

    def _gather(self) -> tuple[list[_Job], bool]:
        jobs: list[_Job] = []
        job = self._jobs.get()
        while job is not None:
            jobs.append(job)
            if len(jobs) >= _MOST_PER_COMMIT:
                return jobs, False
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return jobs, False
        return jobs, True

    def _commit(self, jobs: list[_Job]) -> None:
        try:
            self._writing.execute("BEGIN IMMEDIATE")
            done = [(job, result) for job in jobs for result in self._attempt(job)]
            self._writing.execute("COMMIT")
            for job, result in done:
                if job.then:
                    job.then(result)
        except (sqlite3.Error, OSError) as error:
            # A full disk, mostly: nobody in this group may hear "success".
            if self._writing.in_transaction:
                self._writing.execute("ROLLBACK")
            for job in jobs:
                if not job.future.done():
                    job.future.set_exception(error)
            return
        for job, result in done:
            job.future.set_result(result)

    def _attempt(self, job: _Job) -> list[Any]:
        """The job's result, or nothing: one bad job must not take the others' transaction with it."""
        self._writing.execute("SAVEPOINT job")
        try:
            result = job.act(self._writing)
        except Exception as error:  # noqa: BLE001  # handed to whoever asked, through the future
            self._writing.execute("ROLLBACK TO job")
            job.future.set_exception(error)
            return []
        finally:
            self._writing.execute("RELEASE job")
        return [result]


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    return connection
