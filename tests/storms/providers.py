"""The providers of the kill storms: how to reach each from a worker, and each as a process of its own.

`python -m tests.storms.providers KIND FOLDER SEED` serves one on the loopback, with faults in one call of twenty, and
answers lines on its standard input: `count`, `journal`, `calm`, `quiet`. Its journal is the truth.
"""

import json
import random
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from mailer.clock import Clock
from mailer.providers import Provider
from mailer.providers.brevo import Brevo
from mailer.providers.http import Limits
from mailer.providers.mailjet import Mailjet
from mailer.providers.postal import Postal
from mailer.providers.smtp import Smtp
from mailer.providers.smtp_client import Account
from mailer.providers.sweego import Sweego
from mailer.settings import SandboxSettings
from tests.providers.brevo_fake import BrevoApi
from tests.providers.hosted_fake import FAULTS, Fault, Host
from tests.providers.mailjet_fake import MailjetApi
from tests.providers.scripted import answer
from tests.providers.smtp_scripted import ScriptedSmtp, drop, hang, say
from tests.providers.sweego_fake import SweegoApi
from tests.storms.clocks import SharedClock

KEYS = "key:secret"
SANDBOX_KEY = "sandboxsandboxsandbox123"
#: A call that hangs costs a worker half a second.
QUICK = Limits(connect=1.0, read=0.5, total=1.0)
SHARE = 0.05

BUSY = "Retry-After: 2\r\nx-sib-ratelimit-reset: 2\r\n"
FAULTS.setdefault("too_many", Fault(False, lambda *_: answer("{}", status=429, headers=BUSY)))
HTTP_FAULTS = (
    "commit_then_hang", "commit_then_reset", "commit_then_500", "reset_before_commit", "truncated_200", "too_many",
    "proxy_502",
)  # fmt: skip
#: After the final dot nobody knows; before it, or with a 4xx, the mail was certainly not taken.
SMTP_FAULTS = {
    "dot": (drop, say(b"250 2.0.0 O"), say(b"what?\r\n"), hang, "451 4.3.0 not now"),
    "DATA": (drop, "421 4.3.2 later"),
    "RCPT": (drop, "450 4.2.1 slower"),
}


def connect(kind: str, url: str, clock: Clock) -> Provider:
    """The real adapter of this kind."""
    if kind == "smtp":
        account = Account(
            "127.0.0.1", int(url.rpartition(":")[2]), None, username="relais", password="secret"
        )
        return Smtp(account, limits=QUICK, clock=clock)
    if kind == "postal":
        return Postal(url, SANDBOX_KEY, limits=QUICK, clock=clock)
    make = {"brevo": Brevo, "mailjet": Mailjet, "sweego": Sweego}[kind]
    return make(KEYS, url=url, limits=QUICK, clock=clock)


class Weather(list[Any]):
    """Never empty: a fault in so many of the calls, drawn anew for each; `normal` is what the others get."""

    def __init__(self, dice: random.Random, faults: tuple[Any, ...], normal: Any, share: float) -> None:
        super().__init__()
        self._dice, self._faults, self._normal, self.share = dice, faults, normal, share
        self._drawn = threading.local()

    def __bool__(self) -> bool:
        return True

    def __getitem__(self, _index: Any) -> Any:
        """A look ahead: the same thread's `pop` gives what it saw."""
        if getattr(self._drawn, "next", None) is None:
            fault = self._dice.random() < self.share
            self._drawn.next = self._dice.choice(self._faults) if fault else self._normal
        return self._drawn.next

    def pop(self, _index: Any = 0) -> Any:
        found, self._drawn.next = self[0], None
        return found


class Served(Protocol):
    """What the process needs of a provider."""

    url: str

    def journal(self) -> list[str]: ...
    def count(self) -> int: ...
    def calm(self) -> None: ...
    def quiet(self) -> None: ...


@dataclass
class Hosted:
    """Brevo, Mailjet, Sweego over HTTP."""

    host: Host
    weather: Weather

    @property
    def url(self) -> str:
        return self.host.url

    def journal(self) -> list[str]:
        return [each["address"] for each in self.host.api.journal]

    def count(self) -> int:
        return len(self.host.api.journal)

    def calm(self) -> None:
        self.weather.share = 0.0

    def quiet(self) -> None:
        until_served(self.url)


def hosted(kind: str, folder: Path, dice: random.Random) -> Hosted:
    clock = SharedClock(folder / "clock")
    api: Any = {
        "brevo": lambda: BrevoApi(KEYS, clock, credits=10**9),
        "mailjet": lambda: MailjetApi(KEYS),
        "sweego": lambda: SweegoApi(KEYS),
    }[kind]()
    weather = Weather(dice, HTTP_FAULTS, "", SHARE)
    host = Host(api, faults=weather)
    host.__enter__()
    return Hosted(host, weather)


@dataclass
class Submission:
    """A mail server."""

    server: ScriptedSmtp
    weathers: list[Weather]

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server.port}"

    def journal(self) -> list[str]:
        return list(self.server.recipients)

    def count(self) -> int:
        return len(self.server.recipients)

    def calm(self) -> None:
        for each in self.weathers:
            each.share = 0.0

    def quiet(self) -> None:
        until_served(self.url)


def submission(dice: random.Random) -> Submission:
    normal = {"dot": "250 2.0.0 Ok: queued", "DATA": "354 go", "RCPT": "250 ok"}
    weathers = {
        phase: Weather(dice, faults, normal[phase], SHARE / len(SMTP_FAULTS))
        for phase, faults in SMTP_FAULTS.items()
    }
    server = ScriptedSmtp(dict(weathers))
    server.__enter__()
    return Submission(server, list(weathers.values()))


class Postals:
    """The project's sandbox, whose webhooks come late, twice and out of order."""

    def __init__(self, folder: Path, webhook_url: str) -> None:
        from mailer.sandbox import Sandbox  # a web server that workers need not import

        settings = SandboxSettings(
            http_port=0, smtp_port=0, control_port=0, store="journal", webhook_url=webhook_url, clock_scale=0.002
        )  # fmt: skip
        self._folder = folder / "sandbox"
        self._sandbox = Sandbox(settings, self._folder, clock=SharedClock(folder / "clock"))
        self._sandbox.start()
        self.url = self._sandbox.http_url
        self._lines, self._read = 0, 0
        self._disturb()

    def _disturb(self) -> None:
        order = {"times": 10**9, "probability": SHARE / len(HTTP_FAULTS)}
        for fault in HTTP_FAULTS:
            named = {"too_many": "proxy_429", "proxy_502": "proxy_502_html"}.get(fault, fault)
            self._order({**order, "fault": named, "retry_after": 2})
        for fault in ("duplicate", "reorder", "replay", "bad_signature"):
            self._order({"times": 10**9, "probability": 0.05, "fault": fault})

    def _order(self, order: dict[str, Any]) -> None:
        import requests

        assert requests.post(f"{self._sandbox.control_url}/faults", json=order, timeout=30).ok

    def journal(self) -> list[str]:
        return [entry.recipient for entry in self._sandbox.journal()]

    def count(self) -> int:
        path = self._folder / "journal.jsonl"
        if path.exists():
            with path.open("rb") as file:
                file.seek(self._read)
                new = file.read()
            self._read += len(new)
            self._lines += new.count(b"\n")
        return self._lines

    def calm(self) -> None:
        import requests

        assert requests.delete(f"{self._sandbox.control_url}/faults", timeout=30).ok

    def quiet(self) -> None:
        """Until every report of what is in the journal has been taken."""
        import requests

        while True:
            told = requests.get(f"{self._sandbox.control_url}/stats", timeout=30).json()
            if told["webhooks_waiting"] == 0 and not told["statuses"].get("Pending"):
                return
            time.sleep(0.05)


def until_served(url: str) -> None:
    """Connections are taken in their order: when this one is, all before it were. Then until their threads ended."""
    address = url.rpartition("/")[2].split(":")
    with socket.create_connection((address[0], int(address[1])), timeout=60) as connection:
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass
    until = time.monotonic() + 60
    while _serving():
        assert time.monotonic() < until, "a call does not end"
        time.sleep(0.01)


def _serving() -> list[threading.Thread]:
    """Threads that answer a connection; whoever accepts, and the main thread, stay."""
    return [each for each in threading.enumerate() if "(_serve)" in each.name]


def serve(kind: str, folder: Path, seed: int, webhook_url: str) -> Served:
    dice = random.Random(seed)
    if kind == "postal":
        return Postals(folder, webhook_url)  # the sandbox throws its own dice
    return submission(dice) if kind == "smtp" else hosted(kind, folder, dice)


def main(kind: str, folder: str, seed: str, webhook_url: str = "") -> None:
    served = serve(kind, Path(folder), int(seed), webhook_url)
    acts: dict[str, Callable[[], Any]] = {
        "count": served.count, "journal": served.journal, "calm": served.calm, "quiet": served.quiet,
    }  # fmt: skip
    print(json.dumps(served.url), flush=True)
    for line in sys.stdin:
        print(json.dumps(acts[line.strip()]()), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
