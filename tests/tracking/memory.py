"""An anonymous send in a process of its own, whose memory a test reads: `python -m tests.tracking.memory ROOT`.

It makes the copies, hands them over, takes hits, and ends the send when it is told to. One answer for each line.
"""

import json
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import structlog

from mailer.clock import FixedClock
from mailer.model.mail import Message, SendResult, Status
from mailer.rendering.slots import SlotKind, mark
from mailer.store import Store
from mailer.tokens import Signer
from mailer.tracking import Hits
from tests.conftest import NOW
from tests.sending.scripted import Scripted
from tests.sending.world import Tracking, World, campaign
from tests.tracking.agents import FIREFOX

SECRET = b"only-for-tests-only-for-tests-32"
#: One whose answer is lost keeps the send open for a day.
PEOPLE = 40
HTML = f"<p>Bonjour</p>{mark(SlotKind.PIXEL)}"


class Forgetful(Scripted):
    """Takes every message; one answer never comes back, and that message is in its hands until the send ends."""

    def send(self, batch: Sequence[Message], *, attempt_key: UUID) -> list[SendResult]:
        self.calls += [each for each in batch if each.envelope.to.address == "p0@ville.example"]
        return [
            SendResult(
                each.key,
                Status.UNKNOWN if each.envelope.to.address == "p0@ville.example" else Status.ACCEPTED,
            )
            for each in batch
        ]


def main(root: Path) -> None:
    structlog.configure(
        logger_factory=structlog.PrintLoggerFactory(sys.stderr)
    )  # answers alone go to its output
    store, clock, signer = Store(f"sqlite:///{root / 'mailer.db'}"), FixedClock(NOW), Signer(SECRET)
    world, hits = World(store, clock, signer, root), Hits(store, signer, clock)
    sender = world.sender(provider := Forgetful())
    for line in sys.stdin:
        act, *words = line.split()
        if act == "send":
            world.people(PEOPLE)
            sender.run(world.schedule(campaign=campaign(tracking=Tracking.ANONYMOUS), html=HTML))
        elif act == "open":
            hits.open(words[0], user_agent=FIREFOX)
            hits.flush()
        elif act == "end":
            provider.calls.clear()
            clock.advance(timedelta(hours=25))
            sender.run_due()
        print(json.dumps(act), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
