"""The audience becomes rows of the ledger, in one transaction with the change of state."""

from base64 import b32encode
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from mailer.errors import RefusedError
from mailer.model.columns import to_json
from mailer.model.ledger import SendState
from mailer.sending.starting import _merge, start
from mailer.sending.subjects import cohort_names
from mailer.store import planning
from mailer.store.planning import Recipient
from mailer.tokens import Signer
from tests.conftest import NOW
from tests.sending.scripted import Scripted
from tests.sending.world import MEMBERS, NOBODY, Tracking, World, campaign, delivery, membership

FLASH = campaign(members_only=True)


def begin(world: World, send_id: int) -> SendState:
    with world.store.write() as tx:
        return start(tx, send_id, signer=world.signer, state=world.settings.state, at=world.now)


def test_the_ledger_and_the_state_change_together(world: World) -> None:
    world.people(3)
    send_id = world.schedule()
    with pytest.raises(ZeroDivisionError), world.store.write() as tx:
        start(tx, send_id, signer=world.signer, state=world.settings.state, at=NOW)
        raise ZeroDivisionError
    assert (world.send(send_id).state, world.rows(send_id)) == ("scheduled", [])
    assert begin(world, send_id) is SendState.SENDING
    assert (world.send(send_id).planned, world.states(send_id)) == (3, {"planned": 3})


def test_starting_twice_plans_nobody_twice(world: World) -> None:
    world.people(3)
    send_id = world.schedule()
    assert begin(world, send_id) is begin(world, send_id) is SendState.SENDING
    assert len(world.rows(send_id)) == 3


def test_an_empty_rule_is_nobody(world: World) -> None:
    world.people(3)
    send_id = world.schedule(segment=NOBODY)
    summary = world.sender(provider := Scripted()).run(send_id)
    assert (summary.state, summary.planned, provider.calls) == ("done", 0, [])


def test_who_is_left_out_is_counted_and_not_planned(world: World) -> None:
    world.people(3)
    world.exclude("p1@ville.example")
    begin(world, send_id := world.schedule())
    assert [row.address for row in world.rows(send_id)] == ["p0@ville.example", "p2@ville.example"]
    assert sum(world.send(send_id).left_out.values()) == 1


# --- members only: layers one and two -------------------------------------------------------------


@pytest.mark.parametrize("asked", [{"segment": MEMBERS}, {"campaign": FLASH}])
def test_the_rule_leaves_strangers_out_whoever_says_members_only(world: World, asked: dict[str, Any]) -> None:
    world.people(2)
    world.people(2, member=False, start=2)
    begin(world, send_id := world.schedule(**asked))
    rows = world.rows(send_id)
    assert [row.address for row in rows] == ["p0@ville.example", "p1@ville.example"]
    assert all(row.members_only and row.membership_id for row in rows)


@pytest.mark.parametrize(("ended", "planned"), [(-1, 0), (0, 2), (1, 2)])
def test_a_membership_holds_through_its_last_day(world: World, ended: int, planned: int) -> None:
    world.people(2)
    with world.store.write() as tx:
        tx.execute(membership.update().values(until_on=NOW.date() + timedelta(days=ended)))
    begin(world, send_id := world.schedule(segment=MEMBERS))
    assert len(world.rows(send_id)) == planned


def test_without_the_first_layer_the_second_stops_the_send(world: World) -> None:
    """The rule lets strangers in; the send says members only."""
    world.people(2, member=False)
    send_id = world.schedule()
    with world.store.write() as tx:
        from tests.sending.world import send_table

        tx.execute(send_table.update().values(members_only=True))
    with pytest.raises(RefusedError, match="2 people without membership"):
        begin(world, send_id)
    assert (world.send(send_id).state, world.rows(send_id)) == ("scheduled", [])
    world.sender(provider := Scripted()).run_due()
    assert (world.send(send_id).state, provider.calls) == ("held", [])
    assert "without membership" in world.send(send_id).pause_reason


def test_the_ledger_itself_refuses_a_stranger(world: World) -> None:
    """Not even by hand does a members-only delivery stand there without a membership."""
    world.people(1)
    begin(world, send_id := world.schedule())
    [row] = world.rows(send_id)
    values = {**row._mapping, "id": None, "key": "x" * 26, "contact_id": 99, "address": "x@ville.example"}
    values |= {"members_only": True, "membership_id": None}
    del values["id"]
    with pytest.raises(IntegrityError), world.store.write() as tx:
        tx.execute(delivery.insert().values(**values))
    assert len(world.rows(send_id)) == 1


@pytest.mark.parametrize("same", ["contact_id", "address"])
def test_the_ledger_refuses_a_person_twice(world: World, same: str) -> None:
    world.people(1)
    begin(world, send_id := world.schedule())
    [row] = world.rows(send_id)
    values = {**row._mapping, "key": "x" * 26, "contact_id": 99, "address": "x@ville.example"}
    values[same] = getattr(row, same)
    del values["id"]
    with pytest.raises(IntegrityError), world.store.write() as tx:
        tx.execute(delivery.insert().values(**values))


# --- what is measured -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "measured", "tracked"),
    [
        (Tracking.NONE, set(), set()),
        (Tracking.CONSENTED, {"granted"}, {"granted"}),
        (Tracking.ANONYMOUS, {"granted", "unknown"}, set()),
    ],
)
def test_what_is_measured_follows_the_mode_and_the_consent(
    world: World, mode: Tracking, measured: set[str], tracked: set[str]
) -> None:
    for number, answer in enumerate(("granted", "unknown", "denied")):
        world.people(1, tracking=answer, start=number)
    begin(world, send_id := world.schedule(campaign=campaign(tracking=mode)))
    answers = dict(
        zip((row.address for row in world.rows(send_id)), ("granted", "unknown", "denied"), strict=True)
    )
    assert {answers[row.address] for row in world.rows(send_id) if row.measured} == measured
    assert {answers[row.address] for row in world.rows(send_id) if row.tracked} == tracked


def test_a_cohort_of_less_than_twenty_measured_copies_has_no_name(world: World) -> None:
    world.people(20, job="maire")
    world.people(19, job="presse", start=20)
    world.people(30, job="agent", start=39, tracking="denied")
    anonymous = campaign(tracking=Tracking.ANONYMOUS, cohort="contact.job")
    begin(world, send_id := world.schedule(campaign=anonymous))
    assert world.send(send_id).cohorts == ["autres", "maire"]
    assert [row.cohort for row in world.rows(send_id)] == [1] * 20 + [0] * 49


def test_cohorts_are_never_more_than_a_token_can_name() -> None:
    people = [
        Recipient(number, "a@ville.example", "", "", "", "unknown", "fr", None, f"g{number % 300:03}")
        for number in range(12_000)
    ]
    assert len(cohort_names(people, set(), is_trial=False)) == 256
    seconds = {each.contact_id for each in people if each.contact_id // 300 % 2}
    names = cohort_names(people, seconds, is_trial=True)
    assert len(names) == 256
    assert names[:128] == names[128:]


@pytest.mark.parametrize("chosen", [(0, 1, 2, 3, 4, 5), (0, 1, 2, 4, 5), (0, 5), (3,)])
def test_everybody_of_the_audience_is_read_and_nobody_else(world: World, chosen: tuple[int, ...]) -> None:
    """Whether they are nearly all of a range of numbers or a few of it."""
    ids = world.people(6)
    wanted = [ids[place] for place in chosen]
    with world.store.write() as tx:
        found = planning.recipients(tx, wanted, day=NOW.date(), cohort=None)
        assert [each.contact_id for each in found] == wanted


@given(names=st.tuples(st.text(), st.text(), st.text()))
def test_frozen_values_are_written_as_json_columns_are(names: tuple[str, str, str]) -> None:
    first, last, body = names
    person = planning.Recipient(1, "a@ville.example", first, last, body, "unknown", "fr", None, "")
    assert _merge(person) == to_json({"first_name": first, "last_name": last, "organisation": body})


@given(send_id=st.integers(1, 2**40), contact_id=st.integers(1, 2**40))
def test_a_key_is_the_base32_of_its_digest(send_id: int, contact_id: int) -> None:
    signer = Signer(b"only-for-tests-only-for-tests-32")
    digest = signer.digest("delivery", f"{send_id}|{contact_id}".encode())
    assert signer.delivery_key(send_id, contact_id) == b32encode(digest)[:26].decode().lower()


def test_keys_are_the_same_for_ever_and_different_for_everybody(world: World) -> None:
    ids = world.people(5)
    begin(world, send_id := world.schedule())
    assert [row.key for row in world.rows(send_id)] == [
        world.signer.delivery_key(send_id, each) for each in ids
    ]
    assert len({row.key for row in world.rows(send_id)}) == 5


def test_a_membership_that_begins_tomorrow_does_not_hold_today(world: World) -> None:
    world.people(2)
    with world.store.write() as tx:
        tx.execute(membership.update().values(from_on=date(2026, 6, 12)))
    begin(world, send_id := world.schedule(segment=MEMBERS))
    assert world.rows(send_id) == []


@pytest.mark.parametrize(
    ("held", "planned"),
    [
        ({"until_on": date(2026, 6, 11)}, 0),
        ({"until_on": date(2026, 6, 12)}, 2),
        ({"from_on": date(2026, 6, 12)}, 2),
        ({"from_on": date(2026, 6, 13)}, 0),
    ],
)
def test_a_membership_begins_and_ends_at_midnight_where_the_people_are(
    world: World, held: dict[str, date], planned: int
) -> None:
    """22:30 in UTC is half past midnight in Paris; the rule, the ledger and every intent count days alike."""
    world.people(2)
    with world.store.write() as tx:
        tx.execute(membership.update().values(**held))
    world.later(hours=15.5)
    send_id, provider = world.schedule(segment=MEMBERS), Scripted()
    world.sender(provider).run(send_id)
    assert len(provider.journal) == len(world.rows(send_id)) == planned
