"""How many mails people get in seven days, past and planned, and another day where it is too many."""

from datetime import date, timedelta

import pytest

from mailer.model.columns import table
from mailer.model.ledger import Delivery, DeliveryState
from mailer.sending import Pressure, cancel, foresee_pressure, resume
from mailer.sending.pressure import mails, of_person
from tests.sending.scripted import Scripted
from tests.sending.world import World, campaign

PARIS = "Europe/Paris"
THURSDAY = date(2026, 6, 11)
EVERY_HOUR = campaign(one_per_day=False)


def foreseen(
    world: World, ids: list[int], *, on: date = THURSDAY, limit: int = 1, bearable: int = 0, but: str = ""
) -> Pressure | None:
    with world.store.read() as tx:
        return foresee_pressure(tx, ids, on=on, limit=limit, bearable=bearable, zone=PARIS, but=but)


def planned(world: World, issue: str, *, days: int) -> int:
    return world.schedule(campaign=EVERY_HOUR, send_at=world.now + timedelta(days=days), slug=issue)


def test_what_left_and_what_is_planned_count_alike(world: World) -> None:
    ids = world.people(3)
    assert foreseen(world, ids) is None
    world.sender(Scripted()).run(planned(world, "left", days=0))
    assert foreseen(world, ids) == Pressure(THURSDAY, 1, 3, date(2026, 6, 18))
    assert foreseen(world, ids, limit=2) is None
    planned(world, "to-come", days=3)
    assert foreseen(world, ids, limit=2) == Pressure(THURSDAY, 2, 3, date(2026, 6, 18))
    assert foreseen(world, ids, limit=2, bearable=3) is None


def test_any_seven_days_around_the_day_count(sqlite_world: World) -> None:
    ids = sqlite_world.people(1)
    planned(sqlite_world, "before", days=2)
    planned(sqlite_world, "after", days=8)
    for day, people in ((0, 0), (5, 1), (9, 0)):
        found = foreseen(sqlite_world, ids, on=THURSDAY + timedelta(days=day), limit=2)
        assert (found.people if found else 0) == people


def test_a_weekend_is_not_proposed(sqlite_world: World) -> None:
    ids = sqlite_world.people(1)
    planned(sqlite_world, "one", days=1)
    found = foreseen(sqlite_world, ids, on=THURSDAY)
    assert found is not None
    assert found.other_day == date(2026, 6, 19)
    planned(sqlite_world, "two", days=9)
    found = foreseen(sqlite_world, ids, on=THURSDAY)
    assert found is not None
    assert found.other_day is None


def test_a_missed_letter_counts_on_the_day_on_which_it_left(world: World) -> None:
    ids = world.people(2)
    late = planned(world, "late", days=0)
    world.later(days=10)
    world.sender(Scripted()).run_due()
    world.do(resume, late)
    world.sender(Scripted()).run_due()
    assert foreseen(world, ids) is None
    found = foreseen(world, ids, on=THURSDAY + timedelta(days=11))
    assert found is not None
    assert found.people == 2


def test_who_does_not_get_it_does_not_count(world: World) -> None:
    ids = world.people(3)
    send_id = planned(world, "left", days=0)
    world.sender(Scripted()).run(send_id)
    row = world.rows(send_id)[0]
    copies = table(Delivery)
    with world.store.write() as tx:
        tx.execute(copies.update().where(copies.c.id == row.id).values(state=DeliveryState.REFUSED.value))
    found = foreseen(world, ids)
    assert found is not None
    assert found.people == 2
    with world.store.read() as tx:
        assert of_person(tx, row.contact_id, first=THURSDAY, last=THURSDAY, zone=PARIS) == []
        assert of_person(tx, ids[-1], first=THURSDAY, last=THURSDAY, zone=PARIS) == [THURSDAY]


def test_the_letter_itself_and_what_was_cancelled_do_not_count(sqlite_world: World) -> None:
    ids = sqlite_world.people(2)
    send_id = planned(sqlite_world, "same", days=0)
    ref = f"{EVERY_HOUR.slug}/same"
    assert foreseen(sqlite_world, ids, but=ref) is None
    assert foreseen(sqlite_world, ids) is not None
    sqlite_world.do(cancel, send_id)
    assert foreseen(sqlite_world, ids) is None


def test_the_people_of_an_audience_are_counted_by_their_mails(world: World) -> None:
    ids = world.people(3)
    world.sender(Scripted()).run(planned(world, "left", days=0))
    more = world.people(2, start=3)
    planned(world, "to-come", days=3)
    with world.store.read() as tx:
        found = mails(tx, ids + more, first=THURSDAY, last=THURSDAY + timedelta(days=6), zone=PARIS)
    assert found.counted(THURSDAY, THURSDAY) == {1: 3, 0: 2}
    assert found.counted(THURSDAY, THURSDAY + timedelta(days=6)) == {2: 3, 1: 2}


def test_without_any_mail_everybody_has_none(sqlite_world: World) -> None:
    ids = sqlite_world.people(2)
    with sqlite_world.store.read() as tx:
        found = mails(tx, ids, first=THURSDAY, last=THURSDAY, zone=PARIS)
        assert found.counted(THURSDAY, THURSDAY) == {0: 2}
        assert of_person(tx, ids[0], first=THURSDAY, last=THURSDAY, zone=PARIS) == []


@pytest.mark.parametrize(("hour", "day"), [(23, THURSDAY + timedelta(days=1)), (21, THURSDAY)])
def test_days_are_those_of_the_people_here(sqlite_world: World, hour: int, day: date) -> None:
    (person,) = sqlite_world.people(1)
    sqlite_world.schedule(send_at=sqlite_world.now.replace(hour=hour))
    with sqlite_world.store.read() as tx:
        found = of_person(tx, person, first=THURSDAY, last=THURSDAY + timedelta(days=2), zone=PARIS)
    assert found == [day]
