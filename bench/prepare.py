"""A database with that many contacts and a newsletter scheduled for now, in a process of its own.

`python -m bench.prepare DATABASE_URL COUNT STATE_DIR`
"""

import json
import sys
import tempfile
from pathlib import Path

from bench.measure import REPOSITORY, SIGNER
from bench.people import AT, fill
from mailer import freezing, sending, settings, workspace
from mailer.clock import SystemClock
from mailer.model.mail import Message, Person
from mailer.model.workspace import Compiled
from mailer.rendering import Copies, compile_issue
from mailer.settings import Settings
from mailer.store import Store
from mailer.store.schema import migrate
from tests.rendering.conftest import envelope_for, links_for


def main(url: str, count: int, state: Path) -> dict[str, float]:
    store = Store(url)
    migrate(store)
    with tempfile.TemporaryDirectory() as folder:
        fill(store, Path(folder), count)
    chosen = settings.load(REPOSITORY).model_copy(update={"state_dir": state})
    ready = compiled_newsletter(chosen)
    send_id = scheduled(store, chosen, ready)
    store.close()
    return {"send": send_id, "bytes": len(_copy(ready).mime)}


def compiled_newsletter(chosen: Settings) -> Compiled:
    """The shipped newsletter, ready to be frozen."""
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


def scheduled(store: Store, chosen: Settings, ready: Compiled) -> int:
    """The newsletter frozen and scheduled for now; the number of its send."""
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
        now = SystemClock().now()
        send = sending.schedule(
            tx, snapshot, campaign=campaign, send_at=now, local_at="now", by="bench", at=now
        )
    assert send.id is not None
    return send.id


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))))
