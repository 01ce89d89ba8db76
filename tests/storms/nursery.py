"""Workers by fork: everything is imported once, a worker stands in a few milliseconds.

`python -m tests.storms.nursery` has one thread and no open database. It reads one order a line and answers each: `fork`
begins a worker, `kill` ends one by SIGKILL, `stop` and `go` suspend and wake it, `wait` lets it end, `alive` asks.
"""

import json
import logging
import os
import signal
import sys
import traceback
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mailer.sending import Sender
from mailer.settings import ProviderSettings, Settings
from mailer.store import Store
from mailer.tokens import Signer
from tests.storms.clocks import SharedClock
from tests.storms.providers import connect

SECRET = b"only-for-tests-only-for-tests-32"
#: Far longer than any call, also by a clock that naps set forward; what a killed worker held is freed by hand.
LEASE_SECONDS = 7200


@dataclass(frozen=True)
class Work:
    """What a worker has to know."""

    kind: str
    url: str
    database: str
    folder: str
    send_id: int
    threads: int = 4


def settings(work: Work) -> Settings:
    provider = ProviderSettings(rate="10000/s", threads=work.threads)
    return Settings(workspace=Path(work.folder), provider=provider, lease_seconds=LEASE_SECONDS)


def labour(work: Work) -> None:
    """Bring the send as far as it goes now."""
    clock = SharedClock(Path(work.folder) / "clock")
    Sender(
        store=Store(work.database),
        settings=settings(work),
        signer=Signer(SECRET),
        clock=clock,
        provider=connect(work.kind, work.url, clock),
    ).run(work.send_id, start_now=True)


def fork(order: dict[str, Any]) -> int:
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(2, 1)
        labour(Work(**order))
        status = 0
    except BaseException:  # noqa: BLE001  # the edge of a process
        traceback.print_exc()
    finally:
        os._exit(status)


def kill(pid: int) -> int:
    """-9 where it was still at work, else how it had ended."""
    os.kill(pid, signal.SIGKILL)
    return wait(pid)


def wait(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def tell(pid: int, what: signal.Signals) -> int:
    os.kill(pid, what)
    return pid


def alive(pid: int) -> bool:
    """Without taking note of its end."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None


ACTS = {
    "fork": fork,
    "kill": kill,
    "wait": wait,
    "alive": alive,
    "stop": lambda pid: tell(pid, signal.SIGSTOP),
    "go": lambda pid: tell(pid, signal.SIGCONT),
}


def main() -> None:
    logging.disable(logging.CRITICAL)
    for line in sys.stdin:
        act, about = json.loads(line)
        print(json.dumps(ACTS[act](about)), flush=True)


def order(work: Work) -> dict[str, Any]:
    return asdict(work)


if __name__ == "__main__":
    main()
