"""A database that takes no more: no request leaves whose intent is not written, and the send waits with the reason."""

import sqlite3
from collections import Counter
from contextlib import closing, suppress
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from mailer.errors import StoreError
from mailer.model.mail import Capabilities
from mailer.sending import resume
from mailer.sending.starting import start
from mailer.store import Store, installation
from tests.sending.scripted import Scripted
from tests.sending.world import World, addresses


def full_disk(world: World, *, spare_pages: int) -> Store:
    """The same database, which may only grow by so many pages; what must not grow can still be written."""
    with world.store.read() as tx:
        pages = tx.execute(text("PRAGMA page_count")).scalar_one() + spare_pages
    store = Store(world.store.url)

    def limit(connection: Any, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(store.engine, "connect", limit)
    return store


@pytest.mark.parametrize("spare_pages", [0, 1, 2, 3])
def test_a_full_disk_pauses_the_send_and_loses_and_doubles_nobody(
    sqlite_world: World, spare_pages: int
) -> None:
    world, provider = sqlite_world, Scripted()
    world.people(400)
    send_id = world.schedule()
    with world.store.write() as tx:
        start(tx, send_id, signer=world.signer, state=world.settings.state, at=world.now)
    roomy, world.store = world.store, full_disk(world, spare_pages=spare_pages)
    with pytest.raises(StoreError, match="full"):
        world.sender(provider).run(send_id)
    world.store.close()
    world.store = roomy
    states = world.states(send_id)
    assert len(provider.calls) < 400
    assert len(provider.calls) == states.get("accepted", 0) + states.get("posting", 0)
    assert (world.send(send_id).state, world.send(send_id).pause_reason) == ("paused", "storage")
    world.later(minutes=10)
    world.do(resume, send_id)
    world.sender(provider).run(send_id)
    assert set(Counter(provider.addresses).values()) == {1}
    states = world.states(send_id)
    assert states["accepted"] + states.get("in_doubt", 0) == 400
    assert set(provider.addresses) <= set(addresses(range(400)))


def test_a_database_that_stays_locked_at_an_intent_lets_no_request_out(sqlite_world: World) -> None:
    world = sqlite_world
    world.people(100)
    send_id = world.schedule()
    hasty = Store(world.store.url)
    event.listen(
        hasty.engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout = 20")
    )
    patient, world.store = world.store, hasty
    blocker = closing(sqlite3.connect(patient.url.removeprefix("sqlite:///"), check_same_thread=False))
    with blocker as connection:
        provider = Scripted(on_send=lambda _: None if connection.in_transaction else lock(connection))
        with pytest.raises(StoreError, match="locked"):
            world.sender(provider).run(send_id)
        assert 1 <= len(provider.calls) <= 2 * world.settings.provider.threads
        connection.rollback()
    hasty.close()
    world.store, provider.on_send = patient, lambda _: None
    assert world.send(send_id).state == "sending"
    world.later(minutes=10)
    world.sender(provider).run(send_id)
    assert provider.addresses == addresses(range(100))


def lock(connection: sqlite3.Connection) -> None:
    """Somebody else writes, and does not come to an end."""
    with suppress(sqlite3.OperationalError):
        connection.execute("BEGIN IMMEDIATE")


@pytest.mark.parametrize("caps", [Capabilities(), Capabilities(idempotency_ttl=timedelta(minutes=15))])
def test_where_the_mark_cannot_be_written_nobody_is_in_doubt(
    world: World, caps: Capabilities, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The intents are committed by then; nothing has left, and that is known."""
    world.people(8)
    send_id = world.schedule()
    provider = Scripted(caps=caps)

    def refuse(_mark: installation.Mark, _reached: installation.Reached) -> None:
        raise StoreError("No space left.")

    with monkeypatch.context() as patched:
        patched.setattr(installation.Mark, "raise_to", refuse)
        with pytest.raises(StoreError, match="No space"):
            world.sender(provider).run(send_id)
    assert (provider.calls, world.states(send_id)) == ([], {"planned": 8})
    assert (world.send(send_id).state, world.send(send_id).pause_reason) == ("paused", "storage")
    tried = [row for row in world.rows(send_id) if row.attempts]
    assert tried
    assert {row.first_attempt_at for row in tried} == {None}
    world.do(resume, send_id)
    world.sender(provider).run(send_id)
    assert (world.states(send_id), provider.addresses) == ({"accepted": 8}, addresses(range(8)))
