"""One send in a process of its own: `python -m bench.one_send postal URL COUNT` or `discard - COUNT`; prints JSON."""

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from bench.measure import REPOSITORY, alone, peak_mb
from bench.people import AT
from mailer import freezing, sending, settings, workspace
from mailer.clock import SystemClock
from mailer.errors import Problem
from mailer.model.mail import (
    Capabilities,
    Message,
    Pending,
    ProviderEvent,
    RawRequest,
    Resolution,
    SendResult,
    Status,
)
from mailer.providers import Provider
from mailer.providers.postal import Postal
from mailer.rendering import Copies, compile_issue
from mailer.sending.starting import start
from mailer.settings import SandboxSettings
from mailer.store import Store
from mailer.tokens import Signer
from tests.rendering.conftest import envelope_for, links_for


class Discard:
    """Takes everything at once: what is left is the sender's own cost."""

    name = "discard"
    caps = Capabilities()

    def send(self, batch: Sequence[Message], *, attempt_key: UUID) -> list[SendResult]:
        return [SendResult(each.key, Status.ACCEPTED) for each in batch]

    def resolve(self, asked: Sequence[Pending]) -> list[Resolution]:
        return []

    def parse_webhook(self, request: RawRequest) -> list[ProviderEvent]:
        return []

    def poll(self, since: datetime) -> Iterable[ProviderEvent]:
        return ()

    def check(self) -> list[Problem]:
        return []


def sample_message(size: int) -> Message:
    """A finished message of about that many bytes."""
    copies = Copies(
        subject="Objet", html=f"<p>{'x' * (size - 2_000)}</p>", text="texte", links=(), language="fr"
    )
    from mailer.model.mail import Links, Person

    links = Links("https://l.example/u/x", "https://l.example/p/x", "https://l.example/v/x")
    return copies.message(Person("a@poste.example"), links, envelope_for(links), tag="bench")


def main(kind: str, url: str, count: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["MAILER_PROVIDER__RATE"] = "1000000/s"
        chosen = settings.load(REPOSITORY).model_copy(update={"state_dir": folder})
        provider: Provider = Discard() if kind == "discard" else Postal(url, SandboxSettings().api_key)
        alone("bench.prepare", str(folder / "bench.db"), str(count))
        store, signer, clock = Store(f"sqlite:///{folder / 'bench.db'}"), Signer(bytes(32)), SystemClock()
        found, _ = workspace.load(REPOSITORY)
        campaign = found.campaigns["newsletter"]
        issue = campaign.issues["2026-06"]
        ready = compile_issue(
            issue,
            campaign,
            found.templates,
            network=chosen.network,
            base_url=chosen.base_url,
            root=REPOSITORY,
        )
        segment = found.segments[campaign.segment]
        with store.write() as tx:
            snapshot = freezing.freeze(
                tx,
                campaign=campaign,
                issue=issue,
                segment=segment,
                compiled=ready,
                state=folder,
                at=AT,
                by="bench",
            )
            send = sending.schedule(
                tx,
                snapshot,
                campaign=campaign,
                send_at=clock.now(),
                local_at="now",
                by="bench",
                at=clock.now(),
            )
        sender = sending.Sender(store=store, settings=chosen, signer=signer, clock=clock, provider=provider)
        assert send.id is not None
        began = time.perf_counter()
        with store.write() as tx:
            start(tx, send.id, signer=signer, state=folder, at=clock.now(), by_hand=True)
        started = time.perf_counter()
        summary = sender.run(send.id, start_now=True)
        taken = time.perf_counter() - started
        links = links_for(signer, ready, pixel=True)
        copies = Copies(
            subject=ready.subject,
            html=ready.html,
            text=ready.text,
            links=ready.links,
            language=ready.language,
        )
        from mailer.model.mail import Person

        size = len(copies.message(Person("a@poste.example"), links, envelope_for(links), tag="bench").mime)
        store.close()
    assert summary.counts == {"accepted": summary.planned}
    return {
        "per_second": summary.planned / taken,
        "peak_mb": peak_mb(),
        "bytes": size,
        "starting_seconds": started - began,
    }


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2], int(sys.argv[3]))))
