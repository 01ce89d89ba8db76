"""One send in a process of its own; prints one JSON object.

`python -m bench.one_send DATABASE_URL COUNT [--postal URL] [--rate R] [--latency SECONDS] [--threads N]`
"""

import argparse
import json
import os
import tempfile
import time
from pathlib import Path

from bench.measure import REPOSITORY, alone, peak_mb
from bench.people import AT
from bench.takers import Taker
from mailer import freezing, sending, settings, workspace
from mailer.clock import SystemClock
from mailer.model.mail import Links, Message, Person
from mailer.model.workspace import Compiled
from mailer.providers import Provider
from mailer.providers.postal import Postal
from mailer.rendering import Copies, compile_issue
from mailer.sending.starting import start
from mailer.settings import SandboxSettings, Settings
from mailer.store import Store
from mailer.tokens import Signer
from tests.rendering.conftest import envelope_for, links_for

SIGNER = Signer(bytes(32))


def sample_message(size: int) -> Message:
    """A finished message of about that many bytes."""
    html = f"<p>{'x' * (size - 2_000)}</p>"
    copies = Copies(subject="Objet", html=html, text="texte", links=(), language="fr")
    links = Links("https://l.example/u/x", "https://l.example/p/x", "https://l.example/v/x")
    return copies.message(Person("a@poste.example"), links, envelope_for(links), tag="bench")


def main(asked: argparse.Namespace) -> dict[str, float]:
    alone("bench.prepare", asked.database, str(asked.count))
    taker = Taker(asked.latency)
    provider: Provider = Postal(asked.postal, SandboxSettings().api_key) if asked.postal else taker
    os.environ |= {"MAILER_PROVIDER__RATE": asked.rate, "MAILER_PROVIDER__THREADS": str(asked.threads)}
    with tempfile.TemporaryDirectory() as name:
        chosen = settings.load(REPOSITORY).model_copy(update={"state_dir": Path(name)})
        store, clock = Store(asked.database), SystemClock()
        ready = _compiled(chosen)
        send_id = _scheduled(store, chosen, ready, clock)
        began = time.perf_counter()
        with store.write() as tx:
            start(tx, send_id, signer=SIGNER, state=chosen.state, at=clock.now(), by_hand=True)
        started = time.perf_counter()
        sender = sending.Sender(store=store, settings=chosen, signer=SIGNER, clock=clock, provider=provider)
        summary = sender.run(send_id, start_now=True)
        taken = time.perf_counter() - started
        store.close()
    assert summary.counts == {"accepted": summary.planned}, summary.counts
    return {
        "planned": summary.planned,
        "per_second": summary.planned / taken,
        "peak_mb": peak_mb(),
        "cpu_seconds": time.process_time(),
        "bytes": len(_copy(ready).mime),
        "starting_seconds": started - began,
    } | ({} if asked.postal else _pace(taker))


def _pace(taker: Taker) -> dict[str, float]:
    first, last = taker.tenths
    asked = taker.asked_at
    return {
        "last_tenth_to_first": last / first,
        "busiest_second": taker.busiest_second,
        "asked_per_second": (len(asked) - 1) / (asked[-1] - asked[0]),
    }


def _compiled(chosen: Settings) -> Compiled:
    found, _ = workspace.load(REPOSITORY)
    campaign = found.campaigns["newsletter"]
    return compile_issue(
        campaign.issues["2026-06"],
        campaign,
        found.templates,
        network=chosen.network,
        base_url=chosen.base_url,
        root=REPOSITORY,
    )


def _copy(ready: Compiled) -> Message:
    links = links_for(SIGNER, ready, pixel=True)
    copies = Copies(
        subject=ready.subject, html=ready.html, text=ready.text, links=ready.links, language=ready.language
    )
    return copies.message(Person("a@poste.example"), links, envelope_for(links), tag="bench")


def _scheduled(store: Store, chosen: Settings, ready: Compiled, clock: SystemClock) -> int:
    found, _ = workspace.load(REPOSITORY)
    campaign = found.campaigns["newsletter"]
    with store.write() as tx:
        snapshot = freezing.freeze(
            tx,
            campaign=campaign,
            issue=campaign.issues["2026-06"],
            segment=found.segments[campaign.segment],
            compiled=ready,
            state=chosen.state,
            at=AT,
            by="bench",
        )
        now = clock.now()
        send = sending.schedule(
            tx, snapshot, campaign=campaign, send_at=now, local_at="now", by="bench", at=now
        )
    assert send.id is not None
    return send.id


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("database")
    parser.add_argument("count", type=int)
    parser.add_argument("--postal", default="")
    parser.add_argument("--rate", default="1000000/s")
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--threads", type=int, default=8)
    return parser.parse_args()


if __name__ == "__main__":
    print(json.dumps(main(_arguments())))
