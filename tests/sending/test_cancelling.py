"""What is on its way while a send is cancelled: nobody is left waiting in a send that never goes on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pytest

from mailer.model.columns import table
from mailer.model.ledger import Snapshot
from mailer.model.mail import Capabilities, Message, Pending, Resolution, Resolved
from mailer.sending import cancel, pause, send_again
from mailer.sending.starting import start
from mailer.store import claims, deliveries
from tests.sending.scripted import DROP, RETRY, Act, Scripted, in_an_hour
from tests.sending.world import Tracking, World, campaign

ONE = "p0@ville.example"


@pytest.mark.parametrize("act", [RETRY, in_an_hour()])
def test_what_is_given_back_after_the_cancellation_is_cancelled_too(world: World, act: Act) -> None:
    """Paused and cancelled between the request and its answer "not now"."""
    world.people(1)
    send_id = world.schedule()

    def officer_cancels(message: Message) -> None:
        world.do(pause, send_id)
        world.do(cancel, send_id)

    provider = Scripted(script={ONE: [act]}, on_send=officer_cancels)
    summary = world.sender(provider).run(send_id)
    assert (summary.state, summary.counts) == ("cancelled", {"cancelled": 1})
    assert world.row(send_id, ONE).concluded_at == world.now


def test_a_doubt_that_was_to_be_sent_again_stays_a_doubt_when_the_send_is_cancelled(world: World) -> None:
    """R4: it is neither planned for ever nor reported as not sent."""
    world.people(1)
    send_id = world.schedule()
    world.sender(provider := Scripted(script={ONE: [DROP]})).run(send_id)
    world.do(send_again, send_id)
    world.do(pause, send_id)
    world.do(cancel, send_id)
    world.sender(provider).run(send_id)
    assert (world.states(send_id), len(provider.calls)) == ({"in_doubt": 1}, 1)


@pytest.mark.parametrize("answer", list(Resolved))
def test_a_look_up_that_comes_back_after_the_end_plans_nobody(world: World, answer: Resolved) -> None:
    """Another process gave up waiting while this one asked."""
    world.people(2)
    send_id = world.schedule()
    provider = Asked(caps=Capabilities(can_resolve=True), script={ONE: [DROP]}, resolved=answer)
    world.sender(provider).run(send_id)
    world.later(hours=25)
    provider.meanwhile = lambda: world.sender(Scripted()).run(send_id)
    world.sender(provider).run(send_id)
    expected = "accepted" if answer is Resolved.PRESENT else "in_doubt"
    assert (world.send(send_id).state, world.row(send_id, ONE).state) == ("done", expected)


@pytest.mark.parametrize("tracking", [Tracking.NONE, Tracking.ANONYMOUS])
def test_what_a_look_up_planned_is_cancelled_when_the_letter_becomes_untrue(
    world: World, tracking: Tracking
) -> None:
    """An event moves after the look-up and before the next tick: the letter ends, and its secret with it."""
    world.people(3)
    send_id = world.schedule(campaign=campaign(tracking=tracking))
    provider = Scripted(caps=Capabilities(can_resolve=True), script={ONE: [DROP]})
    world.sender(provider).run(send_id)
    world.later(minutes=16)
    world.sender(provider).settle(send_id)
    assert (world.send(send_id).state, world.row(send_id, ONE).state) == ("settling", "planned")
    with world.store.write() as tx:
        tx.execute(table(Snapshot).update().values(events={"journee": "a date that is no longer known"}))
    world.sender(provider).run_due()
    assert (world.send(send_id).state, world.states(send_id)) == ("done", {"accepted": 2, "cancelled": 1})
    assert (len(provider.calls), world.secret(send_id)) == (3, b"")


@dataclass
class Asked(Scripted):
    """Something happens while it looks up."""

    meanwhile: Callable[[], object] = lambda: None  # a field's default

    def resolve(self, asked: Sequence[Pending]) -> list[Resolution]:
        self.meanwhile()
        return super().resolve(asked)


def test_a_claim_takes_no_more_than_it_may(world: World) -> None:
    world.people(300)
    send_id = world.schedule()
    with world.store.write() as tx:
        start(tx, send_id, signer=world.signer, state=world.settings.state, at=world.now)
    for limit in (1, 7, 200):
        with world.store.write() as tx:
            mine = claims.claim(
                tx, send_id, owner="me", at=world.now, lease=timedelta(seconds=60), limit=limit,
                repeatable=None,
            )  # fmt: skip
        assert len(mine) == limit


@pytest.mark.parametrize("act", [pause, cancel])
def test_news_about_a_copy_that_was_given_up_are_believed(world: World, act: object) -> None:
    """The provider said "not now", or did not find it yet; its webhook says that it has the copy."""
    world.people(1)
    send_id = world.schedule()
    world.sender(Scripted(script={ONE: [in_an_hour()]})).run(send_id)
    world.do(pause, send_id)
    if act is cancel:
        world.do(cancel, send_id)
    with world.store.write() as tx:
        row = world.row(send_id, ONE)
        assert deliveries.accept_by_event(tx, row.id, at=world.now, provider_ref="r")
    assert world.states(send_id) == {"accepted": 1}


def test_what_was_never_tried_and_is_cancelled_is_not_accepted_by_news(world: World) -> None:
    world.people(1)
    send_id = world.schedule()
    with world.store.write() as tx:
        start(tx, send_id, signer=world.signer, state=world.settings.state, at=world.now)
    world.do(pause, send_id)
    world.do(cancel, send_id)
    with world.store.write() as tx:
        assert not deliveries.accept_by_event(tx, world.row(send_id, ONE).id, at=world.now, provider_ref="r")
