"""Two subjects: only where the numbers can decide; each person has one of them, the same at every attempt."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from mailer.errors import RefusedError
from mailer.model.ledger import Delivery, SendState
from mailer.model.mail import Capabilities
from mailer.model.measuring import copies_needed, is_more_than_chance, smallest_difference
from mailer.sending import subjects
from mailer.sending.copies import CopyRoom
from mailer.sending.starting import start
from mailer.store import sends, snapshots
from mailer.store.rows import all_of
from tests.sending.scripted import LOST_REPLY, RETRY, Scripted
from tests.sending.world import Tracking, World, campaign, contact, delivery

CONSENTED = campaign(tracking=Tracking.CONSENTED)
TWO = {"subject": "Juin", "second_subject": "Ce que juin prépare"}


#: A campaign that nobody opens needs the fewest copies: few enough for a test.
NOBODY_OPENS = 0.0
ENOUGH = subjects.needed(NOBODY_OPENS)


def begin(world: World, send_id: int) -> SendState:
    with world.store.write() as tx:
        return start(tx, send_id, signer=world.signer, state=world.settings.state, at=world.now)


def subjects_of(world: World, send_id: int) -> dict[str, str]:
    """Address -> the subject of the finished mail."""
    with world.store.read() as tx:
        send = sends.get(tx, send_id)
        room = CopyRoom(
            send,
            snapshots.get(tx, send.snapshot_id),
            secret=bytearray(),
            settings=world.settings,
            signer=world.signer,
        )
        rows = all_of(tx, Delivery, select(delivery).where(delivery.c.send_id == send_id))
    return {each.address: room.message(each).content.subject for each in rows}


@pytest.mark.parametrize(("rate", "difference"), [(0.5, 0.05), (0.2, 0.05), (0.37, 0.1)])
def test_what_is_needed_is_the_inverse_of_what_can_be_told(rate: float, difference: float) -> None:
    each = copies_needed(rate, difference)
    found = smallest_difference(rate, each)
    before = smallest_difference(rate, each - 1)
    assert found is not None
    assert before is not None
    assert found <= difference + 1e-9
    assert before > difference


def test_more_than_chance_is_what_a_table_says() -> None:
    """Two-sided 5 %, pooled z: 45 and 55 of 100 have z = 1.41, 40 and 55 of 100 have z = 2.12."""
    assert not is_more_than_chance(45, 100, 55, 100)
    assert is_more_than_chance(40, 100, 55, 100)
    assert not is_more_than_chance(0, 0, 5, 10)
    assert not is_more_than_chance(0, 10, 0, 10)


def test_too_few_measured_copies_are_refused_with_both_numbers(world: World) -> None:
    world.people(30, tracking="granted")
    world.people(5, tracking="unknown", start=30)
    with pytest.raises(RefusedError) as refused:
        world.schedule(campaign=CONSENTED, **TWO)
    assert refused.value.values["measured"] == 30
    assert refused.value.values["needed"] == 2 * copies_needed(0.5, 0.05)
    with world.store.read() as tx:
        assert sends.latest(tx, "lettre/2026-06") is None


def test_a_known_rate_makes_the_answer_less_careful(world: World) -> None:
    assert subjects.needed(0.1) < subjects.needed(0.4) < subjects.needed(None)


@pytest.mark.parametrize("asks", [False, True])
def test_where_nothing_is_measured_nothing_can_decide(world: World, asks: bool) -> None:
    world.people(ENOUGH)
    mode = CONSENTED if asks else campaign()
    with pytest.raises(RefusedError, match="nothing is measured"):
        world.schedule(campaign=mode, asks=asks, usual_rate=NOBODY_OPENS, **TWO)


@pytest.mark.parametrize(("mode", "count"), [(Tracking.CONSENTED, 0), (Tracking.ANONYMOUS, 3)])
def test_each_mode_counts_the_copies_that_would_carry_a_pixel(
    world: World, mode: Tracking, count: int
) -> None:
    ids = world.people(3) + world.people(2, tracking="denied", start=3)
    with world.store.read() as tx:
        assert subjects.trial(tx, ids, tracking=mode, usual_rate=None).measured == count


def test_each_person_gets_one_subject_and_about_half_get_each(world: World) -> None:
    world.people(ENOUGH, tracking="granted")
    begin(world, send_id := world.schedule(campaign=CONSENTED, usual_rate=NOBODY_OPENS, **TWO))
    found = subjects_of(world, send_id)
    assert set(found.values()) == {"Juin", "Ce que juin prépare"}
    assert 0.35 < list(found.values()).count("Juin") / ENOUGH < 0.65  # five standard deviations
    seconds = {row.address for row in world.rows(send_id) if row.second_subject}
    assert seconds == {address for address, subject in found.items() if subject != "Juin"}
    assert subjects_of(world, send_id) == found


def test_the_halves_are_drawn_anew_for_every_letter(world: World) -> None:
    """Not from the person: nobody always has the second one."""
    world.people(ENOUGH, tracking="granted")
    free = campaign(tracking=Tracking.CONSENTED, one_per_day=False)
    halves = []
    for slug in ("2026-06", "2026-07"):
        begin(world, send_id := world.schedule(campaign=free, slug=slug, usual_rate=NOBODY_OPENS, **TWO))
        halves.append({row.contact_id for row in world.rows(send_id) if row.second_subject})
    assert halves[0] != halves[1]


def test_what_leaves_has_the_subject_of_the_ledger(world: World) -> None:
    world.people(ENOUGH, tracking="granted")
    send_id = world.schedule(campaign=CONSENTED, usual_rate=NOBODY_OPENS, **TWO)
    provider = Scripted()
    world.sender(provider).run(send_id)
    left = {each.envelope.to.address: each.content.subject for each in provider.journal}
    assert len(left) == len(provider.journal) == ENOUGH
    assert left == subjects_of(world, send_id)


def test_an_audience_that_shrank_too_far_gets_the_first_subject(world: World) -> None:
    ids = world.people(ENOUGH, tracking="granted")
    send_id = world.schedule(campaign=CONSENTED, usual_rate=NOBODY_OPENS, **TWO)
    with world.store.write() as tx:
        tx.execute(contact.update().where(contact.c.id == ids[0]).values(tracking="denied"))
    begin(world, send_id)
    assert set(subjects_of(world, send_id).values()) == {"Juin"}
    assert world.send(send_id).split_above == 0


def test_each_half_of_a_cohort_is_at_least_twenty_copies(world: World) -> None:
    """Else the measure would count a handful: 30 people are two halves of about fifteen."""
    world.people(30, job="maire")
    world.people(ENOUGH, job="agent", start=30)
    anonymous = campaign(tracking=Tracking.ANONYMOUS, cohort="contact.job")
    begin(world, send_id := world.schedule(campaign=anonymous, usual_rate=NOBODY_OPENS, **TWO))
    assert world.send(send_id).cohorts == ["autres", "agent", "autres", "agent"]
    mayors = {f"p{number}@ville.example" for number in range(30)}
    for row in world.rows(send_id):
        name = 0 if row.address in mayors else 1
        assert row.cohort == name + (2 if row.second_subject else 0)


def test_an_erratum_repeats_the_subject_that_each_person_had(world: World) -> None:
    world.people(ENOUGH, tracking="granted")
    first = world.schedule(campaign=CONSENTED, usual_rate=NOBODY_OPENS, **TWO)
    world.sender(Scripted()).run(first)
    world.later(days=2)
    begin(
        world,
        second := world.schedule(
            campaign=CONSENTED, slug="2026-06-erratum", erratum_of="2026-06",
            subject="Correction : Juin", second_subject="Correction : Ce que juin prépare",
        ),
    )  # fmt: skip
    before, after = subjects_of(world, first), subjects_of(world, second)
    assert after == {address: f"Correction : {subject}" for address, subject in before.items()}
    assert world.send(second).split_above == 0


def test_an_erratum_of_one_subject_has_one(world: World) -> None:
    world.people(3, tracking="granted")
    world.sender(Scripted()).run(world.schedule(campaign=CONSENTED))
    world.later(days=2)
    with pytest.raises(RefusedError, match="left with one"):
        world.schedule(campaign=CONSENTED, slug="2026-06-erratum", erratum_of="2026-06", **TWO)


def test_a_copy_that_is_handed_over_again_has_the_same_subject(world: World) -> None:
    """After a refusal that may be retried, and after a lost answer: nobody gets the other one."""
    world.people(ENOUGH, tracking="granted")
    first, second = "p0@ville.example", "p1@ville.example"
    caps = Capabilities(idempotency_ttl=timedelta(minutes=15))
    provider = Scripted(caps=caps, script={first: [RETRY, RETRY], second: [LOST_REPLY, LOST_REPLY]})
    send_id = world.schedule(campaign=CONSENTED, usual_rate=NOBODY_OPENS, **TWO)
    world.sender(provider).run(send_id)
    for _ in range(3):
        world.later(minutes=3)
        world.sender(provider).run(send_id)
    for address in (first, second):
        handed = [each for each in provider.calls if each.envelope.to.address == address]
        assert len(handed) == 3
        assert len({each.content.subject for each in handed}) == 1
        assert len({each.mime for each in handed}) == 1
    assert len(provider.journal) == ENOUGH
