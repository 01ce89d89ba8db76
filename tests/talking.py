"""Another process that answers lines: a provider, or the nursery."""

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any


class Talking:
    """`python -m MODULE …`, one JSON answer for each line; its errors go to a file, or are shown with the test's own."""

    def __init__(self, module: str, *arguments: str, cwd: Path, errors: Any = None) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=cwd,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        self._lock = threading.Lock()

    @property
    def pid(self) -> int:
        return self._process.pid

    def read(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the process has ended"
        return json.loads(line)

    def ask(self, line: str) -> Any:
        assert self._process.stdin is not None
        with self._lock:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
            return self.read()

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()
