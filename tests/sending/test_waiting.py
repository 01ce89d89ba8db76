"""A provider that says "too many" is asked by nobody before the hour that it names."""

import threading
from datetime import timedelta

import pytest

from mailer.model.mail import SendResult, Status
from mailer.sending.waiting import Wait
from tests.conftest import NOW
from tests.sending.scripted import ACCEPT, Scripted
from tests.sending.world import World, addresses, campaign


def too_many(seconds: float | None) -> SendResult:
    return SendResult("", Status.RETRY, retry_after=seconds, http_status=429, code="too-many-requests")


@pytest.mark.parametrize("hours", [1, 24])
def test_nothing_is_handed_over_before_the_hour_that_the_provider_names(world: World, hours: int) -> None:
    world.people(100)
    send_id = world.schedule()
    sender = world.sender(provider := Scripted(otherwise=too_many(hours * 3600.0)))
    sender.run_due()
    asked = len(provider.calls)
    assert asked <= 2 * world.settings.provider.threads
    assert world.states(send_id) == {"planned": 100}
    for _ in range(3):
        world.later(minutes=19)
        sender.run_due()
    assert len(provider.calls) == asked
    world.later(hours=hours)
    provider.otherwise = ACCEPT
    sender.run_due()
    assert provider.addresses == addresses(range(100))
    assert world.states(send_id) == {"accepted": 100}


def test_a_short_wait_is_waited_for_within_a_run(world: World) -> None:
    world.people(30)
    send_id = world.schedule()
    provider = Scripted(script={f"p{n}@ville.example": [too_many(60.0)] for n in range(30)})
    began = world.now
    world.sender(provider).run(send_id)
    assert provider.addresses == addresses(range(30))
    assert world.now - began >= timedelta(seconds=60)
    assert world.send(send_id).state == "done"


def test_without_an_hour_half_a_minute_is_waited(world: World) -> None:
    world.people(60)
    world.schedule()
    provider = Scripted(otherwise=too_many(None))
    provider.on_send = lambda message: setattr(
        provider, "otherwise", ACCEPT if world.now > begun else provider.otherwise
    )
    begun = world.now + timedelta(seconds=29)
    world.sender(provider).run_due()
    assert len(provider.calls) <= 60 + 2 * world.settings.provider.threads
    assert provider.addresses == addresses(range(60))


def test_another_send_waits_for_the_same_provider(world: World) -> None:
    world.people(40)
    several = campaign(one_per_day=False)
    world.schedule(campaign=several)
    later = world.schedule(campaign=several, slug="2026-07", send_at=world.now + timedelta(hours=2))
    sender = world.sender(provider := Scripted(otherwise=too_many(86_400.0)))
    sender.run_due()
    asked = len(provider.calls)
    world.later(hours=3)
    sender.run_due()
    assert (len(provider.calls), world.states(later)) == (asked, {"planned": 40})


def test_a_clock_that_is_set_back_takes_the_end_of_a_wait_with_it() -> None:
    wait, ahead = Wait(), NOW + timedelta(days=30)
    wait.hear(too_many(60.0), at=ahead, wait=timedelta(seconds=60))
    assert wait.left(ahead + timedelta(seconds=20)) == timedelta(seconds=40)
    assert wait.left(NOW) == timedelta(seconds=40)
    assert wait.left(NOW + timedelta(seconds=41)) == timedelta(0)


def test_what_was_put_off_while_the_clock_was_a_month_ahead_leaves_once_it_is_right(world: World) -> None:
    world.people(20)
    send_id = world.schedule()
    world.later(days=30)
    stopping = threading.Event()
    sender = world.sender(provider := Scripted(otherwise=too_many(60.0)), stopping=stopping)
    provider.on_send = lambda message: stopping.set()
    sender.run(send_id, start_now=True)
    world.later(days=-30)
    stopping.clear()
    provider.otherwise, provider.on_send = ACCEPT, lambda message: None
    for _ in range(3):
        sender.run_due()
        world.later(minutes=1)
    assert provider.addresses == addresses(range(20))
    assert world.states(send_id) == {"accepted": 20}
