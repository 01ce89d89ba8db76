"""What a worker of a storm does; many of them are forked and killed."""

import logging
from dataclasses import dataclass
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
LEASE_SECONDS = 3600


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


def labour(given: dict[str, Any]) -> None:
    """Bring the send of this `Work` as far as it goes now."""
    logging.disable(logging.CRITICAL)
    work = Work(**given)
    clock = SharedClock(Path(work.folder) / "clock")
    Sender(
        store=Store(work.database),
        settings=settings(work),
        signer=Signer(SECRET),
        clock=clock,
        provider=connect(work.kind, work.url, clock),
    ).run(work.send_id, start_now=True)
