"""Processes by fork: what they import is imported once, a child stands in a few milliseconds.

`python -m tests.nursery` has one thread and no open database. It reads one order a line and answers each: `fork` begins a
child that calls one function with an environment of its own, `poll` says whether it has ended, and how.
"""

import atexit
import gc
import importlib
import itertools
import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from sqlalchemy.orm import configure_mappers

from tests.talking import Talking

#: What a process that is killed by SIGKILL returns.
KILLED = -signal.SIGKILL


class Nursery:
    """Begins children; `folder` keeps what each of them printed."""

    def __init__(self, server: Talking, folder: Path) -> None:
        self._server, self._folder = server, folder
        self._numbers = itertools.count()
        self._children: list[Child] = []

    def start(self, function: str, *arguments: Any, environment: Mapping[str, str] | None = None) -> "Child":
        """Call `module:function` in a process of its own, with the environment of this one and what is added."""
        prefix = self._folder / f"child-{next(self._numbers)}"
        outputs = [prefix.with_suffix(".out"), prefix.with_suffix(".err")]
        order = {
            "function": function,
            "arguments": arguments,
            "environment": {**os.environ, **(environment or {})},
            "outputs": [str(path) for path in outputs],
        }
        pid = self._server.ask(json.dumps(["fork", order]))
        self._children.append(child := Child(self._server, pid, *outputs))
        return child

    def mailer(self, *arguments: str, environment: Mapping[str, str] | None = None) -> "Child":
        """The `mailer` command."""
        return self.start("tests.commands:mailer", *arguments, environment=environment)

    def end(self) -> None:
        """Nothing that was begun is left."""
        for child in self._children:
            child.kill()


class Child:
    """One process; `out` and `err` are what it printed so far."""

    def __init__(self, server: Talking, pid: int, out: Path, err: Path) -> None:
        self.pid = pid
        self._server, self._out, self._err = server, out, err
        self._status: int | None = None

    @property
    def out(self) -> str:
        return self._out.read_text("utf-8")

    @property
    def err(self) -> str:
        return self._err.read_text("utf-8")

    def poll(self) -> int | None:
        """Its exit status, -9 when it was killed; None while it runs."""
        if self._status is None:
            self._status = self._server.ask(json.dumps(["poll", self.pid]))
        return self._status

    def wait(self, *, seconds: float = 100) -> int:
        """Until it has ended by itself."""
        until = time.monotonic() + seconds
        while (status := self.poll()) is None:
            assert time.monotonic() < until, f"it does not end: {self.err}"
            time.sleep(0.002)
        return status

    def send(self, what: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, what)

    def kill(self) -> int:
        """-9 where it was still at work, also if suspended; else how it had ended."""
        self.send(signal.SIGKILL)
        return self.wait()


# --- the server -------------------------------------------------------------------------------------


def fork(order: dict[str, Any]) -> int:
    module, _, name = order["function"].partition(":")
    if module not in sys.modules:
        _prepare(module)
    function = getattr(sys.modules[module], name)
    child = os.fork()
    if child:
        return child
    status: object = 1
    try:
        os.environ.clear()
        os.environ.update(order["environment"])
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for number, path in enumerate(order["outputs"], start=1):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), number)
        function(*order["arguments"])
        status = 0
    except SystemExit as ending:
        status = ending.code
    except BaseException:  # noqa: BLE001  # the edge of a process
        traceback.print_exc()
    return _end(status)


def _prepare(module: str) -> None:
    """Import it, and do once what each child would do again.

    What is frozen, no child's collector looks at: it would have every page of this process copied.
    """
    importlib.import_module(module)
    configure_mappers()
    gc.collect()
    gc.freeze()


def _end(status: object) -> NoReturn:
    """As any process ends: its threads first, then whatever is to be done at the end.

    Python would also give its memory back, object by object: more work than most children have.
    """
    threading._shutdown()
    atexit._run_exitfuncs()
    if not (status is None or isinstance(status, int)):
        print(status, file=sys.stderr)
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status or 0)


def poll(pid: int) -> int | None:
    found, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def main() -> None:
    for line in sys.stdin:
        act, about = json.loads(line)
        print(json.dumps({"fork": fork, "poll": poll}[act](about)), flush=True)


if __name__ == "__main__":
    main()
