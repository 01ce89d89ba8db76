"""An erratum goes to exactly those who have the faulty copy, or may have it."""

from collections.abc import Callable
from typing import Any

import pytest

from mailer.clock import local_date
from mailer.errors import RefusedError
from mailer.model.ledger import DeliveryState
from mailer.model.mail import Capabilities
from mailer.model.segment import Group, Junction, Segment
from mailer.model.workspace import Campaign
from mailer.sending import Foreseen, cancel, foresee, pause
from mailer.store import sends
from tests.sending.faulty import ADDRESSES, FAULTY, change, erratum, half_sent, sent
from tests.sending.scripted import DROP, REJECT, Scripted, in_an_hour
from tests.sending.world import (
    CAMPAIGN,
    EVERYBODY,
    MEMBERS,
    World,
    addresses,
    campaign,
    contact,
    membership,
    send_table,
    subscription,
)

#: A rule that names nobody, and one person per organisation: neither counts for an erratum.
NARROW = Segment(
    "personne",
    "Personne",
    EVERYBODY.path,
    where=Group(Junction.ALL, (Group(Junction.ANY),)),
    one_per="organisation",
)


def written_to(world: World, **others: Any) -> list[str]:
    """Who gets an erratum of the faulty letter now; what was foreseen is what happens."""
    of = others.get("campaign", CAMPAIGN)
    segment = others.get("segment", EVERYBODY)
    assert isinstance(of, Campaign)
    assert isinstance(segment, Segment)
    expected = foreseen(world, of=of, segment=segment)
    world.sender(provider := Scripted()).run(erratum(world, **others))
    assert len(provider.journal) == expected.count
    return provider.addresses


def foreseen(world: World, *, of: Campaign = CAMPAIGN, segment: Segment = EVERYBODY) -> Foreseen:
    with world.store.read() as tx:
        day = local_date(world.now, of.zone)
        return foresee(tx, of, segment, day=day, language="en", erratum_of=FAULTY)


def test_whoever_has_the_faulty_copy_gets_the_erratum_the_same_day_and_nobody_else(world: World) -> None:
    sent(world)
    world.people(3, start=20)
    assert written_to(world) == ADDRESSES[:6]


def test_a_refused_copy_needs_no_correction_and_a_doubtful_one_does(world: World) -> None:
    sent(world, {ADDRESSES[0]: [REJECT], ADDRESSES[1]: [DROP]})
    assert written_to(world) == ADDRESSES[1:6]


def test_what_had_not_left_when_the_sending_was_paused_needs_none(world: World) -> None:
    half_sent(world)
    assert written_to(world) == ADDRESSES[3:6]


def test_neither_does_what_was_cancelled(world: World) -> None:
    world.do(cancel, half_sent(world))
    assert written_to(world) == ADDRESSES[3:6]


def on_its_way(world: World, send_id: int) -> None:
    change(world, send_id, state=DeliveryState.POSTING.value)


def doubtful_once(world: World, send_id: int) -> None:
    change(world, send_id, in_doubt_since=world.now)


@pytest.mark.parametrize("happens", [on_its_way, doubtful_once])
def test_a_copy_that_may_have_arrived_is_corrected(
    world: World, happens: Callable[[World, int], None]
) -> None:
    send_id = half_sent(world)
    happens(world, send_id)
    assert written_to(world) == [ADDRESSES[0], *ADDRESSES[3:6]]


def test_a_copy_that_a_look_up_found_absent_needs_none_unless_it_leaves_by_itself(world: World) -> None:
    by_asking = Capabilities(can_resolve=True)
    world.people(3)
    send_id = world.schedule()
    world.sender(Scripted(caps=by_asking, script={ADDRESSES[0]: [DROP]})).run(send_id)
    world.later(minutes=10)
    sender = world.sender(Scripted(caps=by_asking, script={ADDRESSES[0]: [in_an_hour()]}))
    sender.settle(send_id)
    assert (world.send(send_id).state, world.row(send_id, ADDRESSES[0]).state) == ("settling", "planned")
    assert foreseen(world).count == 3
    sender.run(send_id)
    world.do(pause, send_id)
    assert written_to(world) == ADDRESSES[1:3]


def excluded(world: World) -> None:
    world.exclude(ADDRESSES[0])


def unsubscribed(world: World) -> None:
    who = contact.c.address == ADDRESSES[0]
    with world.store.write() as tx:
        [key] = tx.execute(contact.select().where(who)).one()[:1]
        tx.execute(subscription.update().where(subscription.c.contact_id == key).values(state="unsubscribed"))


@pytest.mark.parametrize("happens", [excluded, unsubscribed])
def test_whoever_must_not_be_written_to_any_more_is_not(
    world: World, happens: Callable[[World], None]
) -> None:
    sent(world)
    happens(world)
    assert foreseen(world).audience.considered == 6
    assert written_to(world) == ADDRESSES[1:6]


def test_whoever_is_no_member_any_more_gets_no_correction_of_a_members_letter(world: World) -> None:
    world.people(2, start=6)
    sent(world, campaign=campaign(members_only=True))
    leave(world)
    assert written_to(world, campaign=campaign(members_only=True)) == addresses([6, 7])


def leave(world: World) -> None:
    """The second organisation's membership ended."""
    with world.store.write() as tx:
        last = membership.c.organisation_id == max(
            row.organisation_id for row in tx.execute(membership.select())
        )
        tx.execute(
            membership.update().where(last).values(until_on=local_date(world.now, "UTC").replace(year=2025))
        )


def test_the_guard_of_the_faulty_letter_holds_where_its_campaign_was_opened_since(world: World) -> None:
    world.people(2, start=6)
    sent(world, segment=MEMBERS)
    leave(world)
    send_id = erratum(world)
    assert world.send(send_id).members_only
    assert foreseen(world).count == 2
    world.sender(provider := Scripted()).run(send_id)
    assert provider.addresses == addresses([6, 7])


def test_neither_rule_nor_one_person_per_organisation_counts(world: World) -> None:
    sent(world)
    assert written_to(world, segment=NARROW) == ADDRESSES[:6]


def test_every_departure_of_the_faulty_letter_counts(world: World) -> None:
    """There are two where the first was cancelled before letters could be corrected."""
    world.do(cancel, half_sent(world))
    world.later(days=1)
    second = world.schedule(slug="again")
    world.sender(Scripted(script={address: [in_an_hour()] for address in ADDRESSES[1:6]})).run(second)
    world.do(pause, second)
    with world.store.write() as tx:
        tx.execute(send_table.update().values(issue=FAULTY))
    assert written_to(world) == [ADDRESSES[0], *ADDRESSES[3:6]]


def test_a_correction_may_be_corrected(world: World) -> None:
    sent(world)
    world.exclude(ADDRESSES[0])
    written_to(world)
    again = erratum(world, slug="2026-06-erratum-2", erratum_of="2026-06-erratum", subject="Erratum 2")
    world.sender(provider := Scripted()).run(again)
    assert provider.addresses == ADDRESSES[1:6]


# --- what is asked --------------------------------------------------------------------------------


def test_no_audience_has_moved_for_an_erratum_nor_because_of_one(world: World) -> None:
    half_sent_and_done = sent(world)
    assert world.send(half_sent_and_done).state == "done"
    world.people(3, start=20)
    assert foreseen(world).moved is None
    written_to(world)
    with world.store.read() as tx:
        last = sends.last_done(tx, CAMPAIGN.slug)
    assert last is not None
    assert last.issue == FAULTY


def test_the_sentence_says_whose_copies_are_corrected(world: World) -> None:
    sent(world)
    assert foreseen(world).audience.sentence == "Every subscriber who has a copy of 2026-06, or may have one."
    assert "members' people" in foreseen(world, segment=MEMBERS).audience.sentence


def test_an_erratum_takes_nobodys_day(world: World) -> None:
    sent(world)
    first = erratum(world)
    second = erratum(world, slug="2026-06-erratum-2")
    assert world.send(first).slot == "lettre:2026-06-11:2026-06-erratum"
    assert world.send(second).state == "scheduled"
    with pytest.raises(RefusedError, match="already sends"):
        world.schedule(slug="2026-06-bis")
