"""What a person is asked before an issue leaves: the number of people, and whether the audience is meant to have moved."""

import pytest

from mailer.clock import local_date
from mailer.errors import UnconfirmedError
from mailer.model.segment import Segment
from mailer.model.workspace import Campaign
from mailer.sending import UNATTENDED, Answers, Foreseen, cancel, foresee, require, require_number
from tests.sending.scripted import Scripted
from tests.sending.world import CAMPAIGN, EVERYBODY, World, campaign


def foreseen(world: World, *, of: Campaign = CAMPAIGN, segment: Segment = EVERYBODY) -> Foreseen:
    with world.store.read() as tx:
        return foresee(tx, of, segment, day=local_date(world.now, of.zone), language="fr")


def moved(world: World) -> tuple[int, int, int] | None:
    found = foreseen(world).moved
    return (found.arrivals, found.departures, found.former) if found else None


def sent_to(world: World, count: int) -> list[int]:
    ids = world.people(count)
    world.sender(Scripted()).run(world.schedule())
    return ids


def test_up_to_500_people_nobody_types_a_number(sqlite_world: World) -> None:
    sqlite_world.people(500)
    require(foreseen(sqlite_world), Answers())


def test_above_500_the_number_is_typed(sqlite_world: World) -> None:
    sqlite_world.people(501)
    found = foreseen(sqlite_world)
    for wrong in (None, 500, 502):
        with pytest.raises(UnconfirmedError, match="501 people"):
            require(found, Answers(recipients=wrong))
    require(found, Answers(recipients=501))


def test_a_script_may_be_silent_but_not_wrong(world: World) -> None:
    world.people(3)
    found = foreseen(world)
    require(found, UNATTENDED)
    require(found, Answers(recipients=3, attended=False))
    with pytest.raises(UnconfirmedError, match="3 people"):
        require(found, Answers(recipients=2, attended=False))


def test_nobody_can_be_expected(world: World) -> None:
    with pytest.raises(UnconfirmedError, match="3 people"):
        require_number(3, Answers(recipients=0, attended=False), must_type=False)


def test_the_guard_of_the_campaign_counts_too(world: World) -> None:
    world.people(2)
    world.people(3, member=False, start=10)
    assert foreseen(world).count == 5
    assert foreseen(world, of=campaign(members_only=True)).count == 2


def test_a_first_send_has_nothing_to_compare_with(world: World) -> None:
    world.people(3)
    assert moved(world) is None


def test_arrivals_and_departures_are_counted_since_the_last_send(world: World) -> None:
    sent_to(world, 10)
    assert moved(world) == (0, 0, 10)
    world.people(2, start=20)
    world.exclude("p0@ville.example")
    assert moved(world) == (2, 1, 10)


def test_a_move_of_a_fifth_asks_nothing_and_more_does(world: World) -> None:
    sent_to(world, 10)
    world.people(2, start=20)
    require(foreseen(world), Answers())
    world.exclude("p0@ville.example")
    with pytest.raises(UnconfirmedError, match="2 arrivals, 1 departures since 2026-06"):
        require(foreseen(world), Answers())
    require(foreseen(world), Answers(moved=True))
    require(foreseen(world), UNATTENDED)


def test_what_was_cancelled_is_not_compared_with(world: World) -> None:
    sent_to(world, 4)
    world.people(1, start=20)
    world.later(days=1)
    world.do(cancel, world.schedule(slug="2026-07", subject="Juillet"))
    assert moved(world) == (1, 0, 4)


def test_another_campaign_is_not_compared_with(world: World) -> None:
    sent_to(world, 4)
    assert foreseen(world, of=campaign(slug="flash")).moved is None
