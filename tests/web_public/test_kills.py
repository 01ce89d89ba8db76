"""Killed while a report is recorded: all of it or nothing stands, and the provider's repetition changes nothing twice."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from starlette.requests import Request

from mailer.app.privacy import Document
from mailer.app.signups import Signups
from mailer.app.topics import TopicTitles
from mailer.clock import FixedClock
from mailer.failpoints import RECORDING
from mailer.model.columns import table
from mailer.model.events import Event
from mailer.settings import ProviderSettings, Settings
from mailer.store import Store, exclusions
from mailer.tokens import Signer
from mailer.tracking import Hits
from mailer.web.public import NetworkLimit, PublicServices
from mailer.web.public.hooks import hook
from tests.conftest import NOW
from tests.nursery import KILLED, Nursery
from tests.tracking.ledger import Ledger
from tests.web_public.conftest import SECRET, Reporter


def take(url: str, folder: str, told: list[list[str]]) -> None:
    """In a process of its own: one webhook; fails unless the answer is 200."""
    store, clock, signer = Store(url), FixedClock(NOW), Signer(b"only-for-tests-only-for-tests-32")
    chosen = ProviderSettings(webhook_secret=SECRET)  # type: ignore[arg-type]
    settings, provider = Settings(workspace=Path(folder), provider=chosen), Reporter(Path(folder) / "mail")
    topics = TopicTitles(settings.workspace)
    services = PublicServices(
        store=store,
        signer=signer,
        clock=clock,
        settings=settings,
        provider=provider,
        hits=Hits(store, signer, clock),
        topics=dict,
        signups=Signups(settings, store=store, signer=signer, clock=clock, provider=provider, topics=topics),
        notice=lambda _: Document("", "fr", ()),
        limit=NetworkLimit(settings.signup.per_network, clock),
    )
    answer = asyncio.run(hook(services)(request(told)))  # type: ignore[arg-type]
    assert answer.status_code == 200


def request(told: list[list[str]]) -> Request:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": json.dumps(told).encode(), "more_body": False}

    named = {"provider": "maildir", "secret": SECRET}
    return Request(
        {"type": "http", "method": "POST", "headers": [(b"x-signed", b"yes")], "path_params": named}, receive
    )


def written(store: Store) -> tuple[int, set[tuple[str, str, str]]]:
    with store.read() as tx:
        return len(tx.execute(select(table(Event).c.id)).all()), exclusions.known(tx)


@pytest.mark.parametrize("name", RECORDING)
@pytest.mark.parametrize("kind", ["hard_bounce", "complaint"])
def test_a_report_is_recorded_whole_or_not_at_all_and_once(
    store: Store, ledger: Ledger, tmp_path: Path, nursery: Nursery, name: str, kind: str
) -> None:
    delivery = ledger.deliver(ledger.send(), ledger.contact())
    given = (store.url, str(tmp_path), [[kind, delivery.key]])
    whole = (1, {("alix@ville.example", "*", kind)})
    function = "tests.web_public.test_kills:take"
    assert nursery.start(function, *given, environment={"FAILPOINT": name}).wait() == KILLED
    assert written(store) == (whole if name == "event-recorded" else (0, set()))
    for _ in range(2):
        again = nursery.start(function, *given)
        assert again.wait() == 0, again.err
        assert written(store) == whole
