"""The parent's side of the process that renders templates: started once, kept, ended with `close`."""

import json
import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from time import monotonic
from types import TracebackType
from typing import Any, Self

_SCRIPT = Path(__file__).with_name("confined_process.py")
#: A process that is slow to start, or that waits for something a template cannot ask for, is given up after this.
_PATIENCE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Fault:
    """Why templates gave no text. `kind`: template (with the reason, and the place where known), time, memory,
    output, or ended (the process could not be used)."""

    kind: str
    reason: str = ""
    name: str | None = None
    line: int | None = None


class Confinement:
    """One confined process. May be shared between threads; starts at the first job, and anew after a fault that ended it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def render(self, job: Mapping[str, Any]) -> str | Fault:
        """The text of one job, whose shape `confined_process` describes: plain values only."""
        question = json.dumps(job, default=str).encode() + b"\n"
        with self._lock:
            answer = self._asked(question)
            if isinstance(answer, Fault):
                self._end()
                return answer
        if "text" in answer:
            return str(answer["text"])
        return Fault(answer["fault"], answer.get("reason", ""), answer.get("name"), answer.get("line"))

    def close(self) -> None:
        """End the process; a later job starts another."""
        with self._lock:
            self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _asked(self, question: bytes) -> dict[str, Any] | Fault:
        process = self._process or self._started()
        if process is None:
            return Fault("ended", "it does not start")
        try:
            assert process.stdin is not None
            process.stdin.write(question)
            process.stdin.flush()
        except OSError:
            return _ending(process)
        return _line(process) or _ending(process)

    def _started(self) -> subprocess.Popen[bytes] | None:
        # -I: neither the present folder nor this one can stand in for a library. No environment: it holds keys.
        process = subprocess.Popen(  # noqa: S603  # our own file, by our own Python
            [sys.executable, "-I", str(_SCRIPT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
        )
        self._process = process
        return process if _line(process) else None

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for stream in (process.stdin, process.stdout):
            with suppress(OSError):  # what was still to be written to a process that has ended
                if stream is not None:
                    stream.close()
        process.wait()


def _line(process: subprocess.Popen[bytes]) -> dict[str, Any] | None:
    """The next answer; None when the process ended or kept silent for too long."""
    assert process.stdout is not None
    found = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        deadline = monotonic() + _PATIENCE_SECONDS
        while not found.endswith(b"\n"):
            if not selector.select(max(0.0, deadline - monotonic())):
                return None
            piece = os.read(process.stdout.fileno(), 65_536)
            if not piece:
                return None
            found += piece
    answer: dict[str, Any] = json.loads(found)
    return answer


def _ending(process: subprocess.Popen[bytes]) -> Fault:
    process.kill()
    status = process.wait()
    if status in {-signal.SIGPROF, -signal.SIGKILL}:
        return Fault("time")
    return Fault("ended", f"status {status}")
