"""A letter that asks for the consent to be measured: not measured, only for who has not answered, every six months at most."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import update

from mailer.clock import local_date
from mailer.model.ledger import Delivery
from mailer.model.people import TrackingConsent
from mailer.model.workspace import Tracking
from mailer.rendering.slots import SlotKind, mark
from mailer.sending import foresee
from mailer.sending.starting import start
from mailer.store import asked, claims, consents, guards, handovers
from mailer.store.guards import Guard
from tests.sending.intents import guard_of
from tests.sending.scripted import Scripted
from tests.sending.world import CAMPAIGN, EVERYBODY, World, addresses, campaign, contact

HTML = f'<p><a href="{mark(SlotKind.CONSENT_YES)}">Oui</a> <a href="{mark(SlotKind.CONSENT_NO)}">Non</a></p>{mark(SlotKind.PIXEL)}'
TEXT = f"{mark(SlotKind.CONSENT_YES)} {mark(SlotKind.CONSENT_NO)}"
LEASE = timedelta(minutes=1)


def asks(world: World, slug: str = "question", **others: object) -> int:
    return world.schedule(asks=True, slug=slug, html=HTML, text=TEXT, **others)  # type: ignore[arg-type]


def answers(world: World, person: int, state: TrackingConsent) -> None:
    with world.store.write() as tx:
        consents.record(tx, person, state=state, at=world.now, source="test", wording="v")


def begun(world: World, send_id: int) -> tuple[Delivery, Guard]:
    """Its ledger is written, and its first copy is in a sender's hands."""
    with world.store.write() as tx:
        start(tx, send_id, signer=world.signer, state=world.settings.state, at=world.now)
    with world.store.write() as tx:
        [mine] = claims.claim(tx, send_id, owner="me", at=world.now, lease=LEASE, limit=1, repeatable=None)
    return mine, guard_of(world, send_id)


def leaves(world: World, mine: Delivery, guard: Guard) -> bool:
    with world.store.write() as tx:
        guards.lock_send(tx, guard.send_id, exclusive=False)
        guards.lock_people(tx, [mine.contact_id], asks=True)
        return bool(handovers.intend(tx, [(mine, "h")], guard=guard, at=world.now, lease=LEASE))


def why_not(world: World, mine: Delivery, guard: Guard) -> str | None:
    with world.store.read() as tx:
        return guards.why_not(tx, mine, guard=guard)


def test_only_who_has_not_answered_is_asked(world: World) -> None:
    world.people(2)
    world.people(1, start=2, tracking="granted")
    world.people(1, start=3, tracking="denied")
    send_id = asks(world)
    world.sender(provider := Scripted()).run(send_id)
    assert provider.addresses == addresses([0, 1])
    assert world.send(send_id).left_out == {"has_answered": 2}


def test_nobody_is_asked_twice_within_six_months(world: World) -> None:
    world.people(2)
    world.sender(Scripted()).run(asks(world))
    world.people(1, start=2)
    world.later(days=asked.REST.days - 1)
    second = asks(world, "question-2")
    world.sender(provider := Scripted()).run(second)
    assert provider.addresses == addresses([2])
    assert world.send(second).left_out == {"asked_lately": 2}
    world.later(days=2)
    third = asks(world, "question-3")
    world.sender(provider := Scripted()).run(third)
    assert provider.addresses == addresses([0, 1])
    assert world.send(third).left_out == {"asked_lately": 1}


def test_another_letter_is_no_question_and_leaves_out_nobody(world: World) -> None:
    world.people(1)
    world.people(1, start=1, tracking="denied")
    world.sender(Scripted()).run(world.schedule(slug="juin"))
    world.later(days=1)
    world.sender(provider := Scripted()).run(asks(world))
    assert provider.addresses == addresses([0])
    world.later(days=1)
    world.sender(provider := Scripted()).run(world.schedule(slug="juillet"))
    assert provider.addresses == addresses([0, 1])


@pytest.mark.parametrize("state", [TrackingConsent.GRANTED, TrackingConsent.DENIED])
def test_who_answers_meanwhile_is_not_asked_any_more(world: World, state: TrackingConsent) -> None:
    [person] = world.people(1)
    mine, guard = begun(world, asks(world))
    answers(world, person, state)
    assert not leaves(world, mine, guard)
    assert why_not(world, mine, guard) == "has_answered"


@pytest.mark.parametrize("is_taken", [True, False], ids=["taken", "in doubt"])
def test_who_was_asked_meanwhile_is_not_asked_again(world: World, is_taken: bool) -> None:
    world.people(1)
    mine, guard = begun(world, asks(world))
    other = asks(world, "question-2", campaign=campaign(one_per_day=False))
    world.sender(Scripted(otherwise="accept" if is_taken else "lost-reply")).run(other)
    assert world.states(other) == {"accepted" if is_taken else "in_doubt": 1}
    assert not leaves(world, mine, guard)
    assert why_not(world, mine, guard) == "asked_lately"


def test_a_question_that_was_refused_or_only_planned_asked_nobody(world: World) -> None:
    world.people(1)
    begun(world, asks(world))
    other = asks(world, "question-2", campaign=campaign(one_per_day=False))
    world.sender(Scripted(otherwise="reject")).run(other)
    assert world.states(other) == {"refused": 1}
    third = asks(world, "question-3", campaign=campaign(one_per_day=False))
    world.sender(provider := Scripted()).run(third)
    assert provider.addresses == addresses([0])


def test_two_questions_at_once_wait_for_each_other(world: World) -> None:
    """On PostgreSQL neither would see the other's intent before its commit."""
    world.people(1)
    first = begun(world, asks(world))
    second = begun(world, asks(world, "question-2", campaign=campaign(one_per_day=False)))
    left: list[bool] = []
    thread = threading.Thread(target=lambda: left.append(leaves(world, *second)))
    with world.store.write() as tx:
        guards.lock_send(tx, first[1].send_id, exclusive=False)
        guards.lock_people(tx, [first[0].contact_id], asks=True)
        assert handovers.intend(tx, [(first[0], "h")], guard=first[1], at=world.now, lease=LEASE)
        thread.start()
        thread.join(0.2)
    thread.join()
    assert left == [False]


def test_the_excluded_copy_says_why_in_the_ledger(world: World) -> None:
    people = world.people(6)
    send_id = asks(world)
    provider = Scripted()

    def answered(message: object) -> None:
        if len(provider.calls) == 1:
            with world.store.write() as tx:
                tx.execute(update(contact).where(contact.c.id.in_(people)).values(tracking="denied"))

    provider.on_send = answered
    world.sender(provider).run(send_id)
    reasons = {row.reason for row in world.rows(send_id) if row.state == "excluded"}
    assert (reasons, world.states(send_id)["accepted"]) == ({"has_answered"}, len(provider.journal))


@pytest.mark.parametrize("mode", [Tracking.CONSENTED, Tracking.ANONYMOUS])
def test_it_is_never_measured_whatever_its_campaign(sqlite_world: World, mode: Tracking) -> None:
    sqlite_world.people(1)
    send_id = asks(sqlite_world, campaign=campaign(tracking=mode), links=("https://reseau.example/a",))
    sqlite_world.sender(provider := Scripted()).run(send_id)
    [message] = provider.journal
    assert sqlite_world.send(send_id).tracking == "none"
    assert (sqlite_world.rows(send_id)[0].measured, sqlite_world.rows(send_id)[0].tracked) == (False, False)
    for part in (message.content.html, message.content.text):
        assert "/oui/" in part
        assert "/non/" in part
        assert "/o/" not in part
        assert "/c/" not in part
    assert b"<img" not in message.mime


def test_what_a_person_is_told_is_what_the_ledger_gets(world: World) -> None:
    world.people(2)
    world.people(3, start=2, tracking="granted")
    with world.store.read() as tx:
        day = local_date(world.now, CAMPAIGN.zone)
        found = foresee(tx, CAMPAIGN, EVERYBODY, day=day, language="en", asks=True)
    assert (found.count, found.audience.excluded, found.moved) == (2, {"has_answered": 3}, None)
    assert "was not asked in the last six months" in found.audience.sentence
    assert found.audience.considered == 5


def test_a_letter_that_asks_nothing_keeps_its_fingerprint(sqlite_world: World) -> None:
    """What was approved before stays approved; a question is another letter."""
    plain, question = sqlite_world.freeze(), sqlite_world.freeze(asks=True)
    assert plain.content_hash != question.content_hash
    assert (plain.asks_consent, question.asks_consent) == (False, True)
