"""Another process that answers lines: the provider, or the nursery of workers."""

import json
import subprocess
import sys
import threading
from typing import Any

from tests.conftest import REPOSITORY


class Talking:
    """`python -m MODULE …`, one JSON answer for each line; its errors are kept in a file."""

    def __init__(self, module: str, *arguments: str, errors: Any) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        self._lock = threading.Lock()

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
