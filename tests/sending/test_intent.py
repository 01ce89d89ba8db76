"""R1: the intent is one statement, and each of its guards alone keeps a mail here."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from mailer.model.ledger import DeliveryState
from mailer.model.people import SubscriptionState
from mailer.sending import pause, resume
from mailer.store import deliveries, handovers, moves, subscriptions
from mailer.store.attempts import Repeatable
from mailer.store.guards import Guard
from mailer.store.handovers import Next
from tests.conftest import NOW
from tests.sending.intents import HERE, LEASE, all_claimed, claimed, intend, why_not
from tests.sending.scripted import Scripted
from tests.sending.world import World, contact, send_table, subscription


def test_an_intent_is_written_with_its_attempt(world: World) -> None:
    mine, guard = claimed(world)
    assert intend(world, mine, guard)
    [row] = world.rows(guard.send_id)
    assert (row.state, row.attempts, row.request_hash, row.first_attempt_at) == ("posting", 1, "hash", NOW)
    [attempt] = world.attempts(row.id)
    assert (attempt.n, attempt.epoch, attempt.started_at, attempt.ended_at) == (1, mine.epoch, NOW, None)


def test_of_several_at_once_only_those_leave_whose_guards_hold(world: World) -> None:
    mine, guard = all_claimed(world, 4)
    excluded_everywhere(world)
    with world.store.write() as tx:
        moved = contact.update().where(contact.c.address == "p2@ville.example")
        tx.execute(moved.values(address="elsewhere@ville.example"))
        asked = [(each, "hash") for each in mine]
        leaving = handovers.intend(tx, asked, guard=guard, at=world.now, lease=LEASE)
    posting = [row for row in world.rows(guard.send_id) if row.state == "posting"]
    assert sorted(row.address for row in posting) == ["p1@ville.example", "p3@ville.example"]
    assert leaving == {row.id for row in posting}
    tried = {each.id: len(world.attempts(handovers.number(each))) for each in mine}
    assert tried == {each.id: int(each.id in leaving) for each in mine}


def test_of_several_answers_the_late_one_changes_nothing(world: World) -> None:
    """A report was quicker than the answer to the second."""
    mine, guard = all_claimed(world, 3)
    with world.store.write() as tx:
        handovers.intend(tx, [(each, "hash") for each in mine], guard=guard, at=world.now, lease=LEASE)
        assert deliveries.accept_by_event(
            tx, handovers.number(mine[1]), at=world.now, provider_ref="by-report"
        )
    answers = [(each, Next(DeliveryState.ACCEPTED, provider_ref=f"ref-{each.id}")) for each in mine]
    with world.store.write() as tx:
        changed = handovers.answered(tx, answers, at=world.now)
    assert changed == {mine[0].id, mine[2].id}
    found = [row.provider_ref for row in world.rows(guard.send_id)]
    assert found == [f"ref-{mine[0].id}", "by-report", f"ref-{mine[2].id}"]


def test_the_same_claim_gives_one_intent(world: World) -> None:
    mine, guard = claimed(world)
    assert intend(world, mine, guard)
    assert not intend(world, mine, guard)


def excluded_everywhere(world: World) -> None:
    world.exclude("p0@ville.example", reason="hard_bounce")


def excluded_from_the_topic(world: World) -> None:
    world.exclude("p0@ville.example", scope="newsletter", reason="unsubscribed")


def unsubscribed(world: World) -> None:
    with world.store.write() as tx:
        tx.execute(subscription.update().values(state="unsubscribed"))


def passed_on(world: World) -> None:
    """Their function has ended: the letter is their successor's now."""
    with world.store.write() as tx:
        number = tx.execute(contact.select()).one().id
        subscriptions.pass_on(tx, number, "newsletter", at=NOW, source="succession: anne", evidence="maire")


def erased(world: World) -> None:
    with world.store.write() as tx:
        tx.execute(subscription.delete())
        tx.execute(contact.delete())


def number_given_again(world: World) -> None:
    """The person was erased, and the row's number went to somebody else."""
    with world.store.write() as tx:
        tx.execute(contact.update().values(address="other@ville.example"))


def moved_unseen(world: World) -> None:
    """Their address changed, and the copy was left behind."""
    with world.store.write() as tx:
        number = tx.execute(contact.update().values(address="other@ville.example").returning(contact.c.id))
        moves.record(tx, address="p0@ville.example", contact_id=number.scalar_one(), at=NOW, by="anne")


def resting(world: World) -> None:
    """The person asked for a pause until tomorrow."""
    with world.store.write() as tx:
        tx.execute(contact.update().values(paused_until=NOW.date() + timedelta(days=1)))


@pytest.mark.parametrize(
    ("since", "reason"),
    [
        (resting, "paused"),
        (excluded_everywhere, "hard_bounce"),
        (excluded_from_the_topic, "unsubscribed"),
        (unsubscribed, "unsubscribed"),
        (passed_on, "unsubscribed"),
        (erased, "erased"),
        (number_given_again, "erased"),
        (moved_unseen, "moved"),
    ],
)
def test_what_happened_to_the_person_since_keeps_the_mail_here(
    world: World, since: Callable[[World], None], reason: str
) -> None:
    mine, guard = claimed(world)
    since(world)
    assert not intend(world, mine, guard)
    assert why_not(world, mine, guard) == reason
    assert world.attempts(mine.id or 0) == []


def test_a_pause_that_ends_today_keeps_nothing_here(world: World) -> None:
    mine, guard = claimed(world)
    with world.store.write() as tx:
        tx.execute(contact.update().values(paused_until=NOW.date()))
    assert intend(world, mine, guard)


def test_what_passed_with_a_function_keeps_nothing_here_of_who_subscribed_again(world: World) -> None:
    mine, guard = claimed(world)
    passed_on(world)
    with world.store.write() as tx:
        state = SubscriptionState.SUBSCRIBED
        subscriptions.set_state(
            tx, contact_id=mine.contact_id, topic="newsletter", state=state, at=NOW, source="sign-up form"
        )
    assert intend(world, mine, guard)


def test_who_never_subscribed_gets_what_a_person_chose_for_them(world: World) -> None:
    mine, guard = claimed(world)
    with world.store.write() as tx:
        tx.execute(subscription.delete())
    assert intend(world, mine, guard)


def test_an_exclusion_from_another_topic_keeps_nothing_here(world: World) -> None:
    mine, guard = claimed(world)
    world.exclude("p0@ville.example", scope="flash", reason="unsubscribed")
    assert intend(world, mine, guard)


def paused(world: World, guard: Guard) -> None:
    world.do(pause, guard.send_id)


def paused_and_resumed(world: World, guard: Guard) -> None:
    world.do(pause, guard.send_id)
    world.do(resume, guard.send_id)


def other_content(world: World, guard: Guard) -> None:
    with world.store.write() as tx:
        tx.execute(send_table.update().values(content_hash="other"))


def lease_over(world: World, guard: Guard) -> None:
    world.later(seconds=60)


def claimed_by_another(world: World, guard: Guard) -> None:
    world.set(guard.send_id, owner="you")


def claimed_anew(world: World, guard: Guard) -> None:
    world.set(guard.send_id, epoch=2)


def already_accepted(world: World, guard: Guard) -> None:
    world.set(guard.send_id, state="accepted")


@pytest.mark.parametrize(
    "since",
    [
        paused,
        paused_and_resumed,
        other_content,
        lease_over,
        claimed_by_another,
        claimed_anew,
        already_accepted,
    ],
)
def test_what_happened_to_the_send_or_the_claim_since_keeps_the_mail_here(
    world: World, since: Callable[[World, Guard], None]
) -> None:
    mine, guard = claimed(world)
    since(world, guard)
    assert not intend(world, mine, guard)
    assert why_not(world, mine, guard) is None


def test_other_bytes_than_before_keep_the_mail_here(world: World) -> None:
    mine, guard = claimed(world)
    world.set(guard.send_id, request_hash="as-it-was")
    assert not intend(world, mine, guard, "as-it-is-now")
    assert intend(world, mine, guard, "as-it-was")


def test_changed_bytes_are_a_doubt_that_a_person_looks_at(world: World) -> None:
    _, guard = claimed(world)
    world.set(guard.send_id, request_hash="as-it-was", state="planned", lease_until=None, attempts=1)
    world.sender(provider := Scripted()).run(guard.send_id)
    [row] = world.rows(guard.send_id)
    assert (row.state, row.reason, provider.calls) == ("in_doubt", "bytes-changed", [])


def test_a_key_that_has_expired_since_the_claim_is_not_used_again(world: World) -> None:
    """I9."""
    mine, guard = claimed(world, doubts=True)
    assert not intend(world, mine, guard=replace(guard, repeatable=Repeatable(NOW, HERE)))
    assert not intend(world, mine, guard=replace(guard, repeatable=None))
    assert intend(world, mine, guard)


def test_a_key_that_another_account_has_is_not_used_here(world: World) -> None:
    mine, guard = claimed(world, doubts=True)
    elsewhere = Repeatable(NOW - timedelta(minutes=15), "elsewhere")
    assert not intend(world, mine, guard=replace(guard, repeatable=elsewhere))
    assert intend(world, mine, guard)
