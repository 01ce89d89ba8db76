"""The stage of the demo: a workspace copy under var/demo, an embedded provider and the desk, each a real process."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from urllib.request import urlopen

from mailer.app import PARTS, shipped_workspace
from mailer.errors import RefusedError

_STARTING_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the play takes place. `environment` is what every process of the play is started with."""

    folder: Path
    base_url: str
    environment: Mapping[str, str]

    @property
    def maildir(self) -> Path:
        return self.folder / "var" / "sandbox" / "maildir"


def prepare(folder: Path) -> Stage:
    """Start anew: remove the last play, copy the shipped workspace, choose free ports."""
    furnish(folder)
    return set_up(folder)


def furnish(folder: Path) -> None:
    """Remove the last play and copy the shipped workspace."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    source = shipped_workspace()
    for part in PARTS:
        copy = shutil.copytree if (source / part).is_dir() else shutil.copy
        copy(source / part, folder / part)


def set_up(folder: Path) -> Stage:
    """The stage in a folder that is furnished, on ports that are free now."""
    web, http, smtp, control = _free_ports(4)
    base_url = f"http://127.0.0.1:{web}"
    hook = "demonstration-hook"
    settings = {
        "MAILER_WORKSPACE": str(folder),
        "MAILER_BASE_URL": base_url,
        "MAILER_PROVIDER__NAME": "postal",
        "MAILER_PROVIDER__URL": f"http://127.0.0.1:{http}",
        "MAILER_PROVIDER__API_KEY": "sandboxsandboxsandbox123",
        "MAILER_PROVIDER__WEBHOOK_SECRET": hook,
        "MAILER_PROVIDER__RATE": "2000/s",
        "MAILER_SANDBOX__HTTP_PORT": str(http),
        "MAILER_SANDBOX__SMTP_PORT": str(smtp),
        "MAILER_SANDBOX__CONTROL_PORT": str(control),
        "MAILER_SANDBOX__WEBHOOK_URL": f"{base_url}/hooks/postal/{hook}",
        "MAILER_SANDBOX__CLOCK_SCALE": "0.002",
    }
    return Stage(folder=folder, base_url=base_url, environment=settings)


@contextmanager
def running(stage: Stage) -> Iterator[None]:
    """The embedded provider and the desk, as processes of their own, until the end of the block."""
    with ExitStack() as stack:
        stack.enter_context(process(stage, "mailer", "sandbox", log="sandbox"))
        stack.enter_context(process(stage, "mailer", "serve", "--no-heartbeat", log="serve"))
        wait_for_provider(stage)
        _wait_for(stage.base_url + "/health")
        yield


def wait_for_provider(stage: Stage) -> None:
    """Until the embedded provider answers; raises RefusedError if it never does."""
    _wait_for(stage.environment["MAILER_PROVIDER__URL"] + "/.well-known/jwks.json")


@contextmanager
def ending_at_sigterm() -> Iterator[None]:
    """SIGTERM unwinds the block as an exception would, so that no process of the play is left behind."""

    def end(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_IGN)  # once is enough: what was started is being ended
        sys.exit(128 + number)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def process(stage: Stage, module: str, *arguments: str, log: str) -> Iterator[None]:
    """A module of this program as a process of its own, until the end of the block."""
    path = stage.folder / "var" / f"{log}.log"
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as output:
        command = [sys.executable, "-m", module, *arguments]
        process = subprocess.Popen(  # noqa: S603  # our own program
            command, env={**os.environ, **stage.environment}, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(url: str) -> None:
    until = time.monotonic() + _STARTING_SECONDS
    while True:
        try:
            with urlopen(url, timeout=2):  # noqa: S310  # loopback
                return
        except OSError as error:
            if time.monotonic() > until:
                raise RefusedError("{url} did not answer; see the logs in var/demo/var.", url=url) from error
            time.sleep(0.1)


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
