"""A refusal on the spot that says the mailbox does not exist excludes the address, with the conclusion or not at all."""

import pytest
from sqlalchemy import select

from mailer.model.columns import table
from mailer.model.mail import SendResult, Status
from mailer.model.people import Contact, Exclusion
from mailer.model.refusals import says_no_mailbox
from tests.sending.scripted import REJECT, Scripted
from tests.sending.world import World, addresses

ADDRESS = "p1@ville.example"


def refused(code: str) -> list[str | SendResult]:
    return [SendResult("", Status.REJECTED, code=code)]


def excluded(world: World) -> list[tuple[str, str, str]]:
    with world.store.read() as tx:
        found = table(Exclusion).c
        return [tuple(row) for row in tx.execute(select(found.address, found.scope, found.reason))]


@pytest.mark.parametrize("code", ["5.1.1", "550", "invalid-recipient"])
def test_nobody_there_is_a_hard_bounce_and_the_next_letter_leaves_them_out(world: World, code: str) -> None:
    world.people(3)
    send_id = world.schedule()
    world.sender(Scripted(script={ADDRESS: refused(code)})).run(send_id)
    assert world.row(send_id, ADDRESS).state == "refused"
    assert excluded(world) == [(ADDRESS, "*", "hard_bounce")]
    world.later(days=1)
    world.sender(provider := Scripted()).run(world.schedule(slug="2026-07"))
    assert provider.addresses == addresses([0, 2])


@pytest.mark.parametrize("code", ["5.2.2", "5.7.1", "5.1.7", "5.1.8", "554", "too-large", "unwritable", ""])
def test_any_other_refusal_excludes_nobody(sqlite_world: World, code: str) -> None:
    assert not says_no_mailbox(code)
    sqlite_world.people(3)
    send_id = sqlite_world.schedule()
    sqlite_world.sender(Scripted(script={ADDRESS: refused(code)})).run(send_id)
    assert sqlite_world.row(send_id, ADDRESS).state == "refused"
    assert excluded(sqlite_world) == []


def test_a_conclusion_that_is_not_written_excludes_nobody_either(sqlite_world: World) -> None:
    """One transaction: a database that refuses one of the two writes neither."""
    world = sqlite_world
    world.people(1)
    send_id = world.schedule()
    with world.store.write() as tx:
        tx.exec_driver_sql(
            "CREATE TRIGGER refuse BEFORE UPDATE OF state ON delivery WHEN NEW.state = 'refused'"
            " BEGIN SELECT RAISE(ABORT, 'not now'); END"
        )
    with pytest.raises(Exception, match="not now"):
        world.sender(Scripted(script={"p0@ville.example": refused("5.1.1")})).run(send_id)
    assert excluded(world) == []
    assert world.states(send_id) == {"posting": 1}


def test_whoever_was_erased_meanwhile_is_not_written_down_again(world: World) -> None:
    world.people(3)
    send_id = world.schedule()

    def erase(message: object) -> None:
        with world.store.write() as tx:
            tx.execute(table(Contact).delete().where(table(Contact).c.address == ADDRESS))

    provider = Scripted(script={ADDRESS: refused("5.1.1")}, otherwise=REJECT)
    provider.on_send = lambda message: erase(message) if message.envelope.to.address == ADDRESS else None
    world.sender(provider).run(send_id)
    assert excluded(world) == []
