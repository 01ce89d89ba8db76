"""What a measure gives, and how it is timed."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mailer.tokens import Signer

REPOSITORY = Path(__file__).parent.parent
SIGNER = Signer(bytes(32))
#: The size of a large list; a million for the table of docs/performance.md.
LARGE = int(os.environ.get("BENCH_LARGE", "100000"))
DATA = REPOSITORY / "mailer" / "demo" / "data"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    measure: str
    figure: str
    target: str = ""


def seconds(act: Callable[[], object]) -> float:
    """The time of one call."""
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def spent(act: Callable[[], object]) -> tuple[float, float]:
    """The time of one call, and how much of it this process had the processor."""
    used = time.process_time()
    taken = seconds(act)
    return taken, time.process_time() - used


def median(act: Callable[[], object], runs: int = 15) -> float:
    """The median time of several calls, after one that is not counted."""
    act()
    return statistics.median(seconds(act) for _ in range(runs))


def alone(module: str, *arguments: str) -> dict[str, float]:
    """Run `python -m module` as a process of its own, which prints one JSON object on its last line."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=REPOSITORY)
    found = json.loads(done.stdout.splitlines()[-1])
    assert isinstance(found, dict)
    return found


def peak_mb() -> float:
    """The peak memory of this process, in megabytes; `ru_maxrss` would count that of whoever started it."""
    status = Path("/proc/self/status").read_text()
    (line,) = (each for each in status.splitlines() if each.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024
