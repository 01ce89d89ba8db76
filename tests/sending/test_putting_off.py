"""Whom a provider puts off is retried for a day; time in which nothing could leave is nobody's day."""

from datetime import datetime, timedelta

import pytest

from mailer.i18n import Translator
from mailer.model.ledger import DeliveryState
from mailer.model.mail import Message, SendResult, Status
from mailer.providers.brake import Brake
from mailer.sending import Sender, pause, resume
from mailer.sending.outcomes import next_state
from tests.conftest import NOW
from tests.sending.scripted import ACCEPT, Act, Scripted
from tests.sending.test_outcomes import made, result
from tests.sending.world import World

TOO_MANY = SendResult("", Status.RETRY, retry_after=86_400.0, http_status=429, code="too-many-requests")


@pytest.mark.parametrize(
    "answer",
    [
        result(Status.RETRY, http_status=429, code="too-many-requests"),
        result(Status.RETRY, code="name-not-found"),
        result(Status.RETRY, code="connection-refused"),
        result(Status.RETRY, code="connect-timeout"),
        result(Status.NOT_TRIED, retry_after=60.0, code="slow-down"),
    ],
)
def test_what_is_said_of_no_mail_uses_nobodys_day_up(answer: SendResult) -> None:
    found = next_state(made(first_attempt_at=NOW - timedelta(days=3)), answer, at=NOW)
    assert (found.state, found.counts) == (DeliveryState.PLANNED, False)
    assert found.not_before is not None
    assert found.not_before >= NOW + timedelta(seconds=30)


def test_a_server_that_puts_one_person_off_for_a_day_refuses_them() -> None:
    answer = result(Status.RETRY, code="4.2.0", retry_after=600.0)
    found = next_state(made(first_attempt_at=NOW - timedelta(hours=25)), answer, at=NOW)
    assert (found.state, found.reason) == (DeliveryState.REFUSED, "retried-for-a-day")


def test_two_daily_quotas_in_a_row_refuse_nobody(world: World) -> None:
    world.people(100)
    send_id = world.schedule()
    sender = world.sender(provider := Scripted(otherwise=TOO_MANY))
    for answer in (TOO_MANY, TOO_MANY, ACCEPT):
        provider.otherwise = answer
        sender.run_due()
        world.later(hours=24, minutes=1)
    assert world.states(send_id) == {"accepted": 100}


def test_the_day_begins_anew_after_the_server_was_not_reached(world: World) -> None:
    """Put off three times within more than a day, most of which the server was away."""
    later = SendResult("", Status.RETRY, retry_after=600.0, code="4.2.0")
    away: list[Act] = [SendResult("", Status.RETRY, retry_after=3600.0, code="connect-timeout")] * 12
    world.people(1)
    send_id = world.schedule()
    sender = world.sender(
        provider := Scripted(script={"p0@ville.example": [later, *away, later, *away, later]})
    )
    for _ in range(29):
        sender.run_due()
        world.later(minutes=61)
    assert (world.states(send_id), len(provider.calls)) == ({"accepted": 1}, 28)


def test_a_pause_over_a_weekend_refuses_nobody(world: World) -> None:
    """Put off on Friday, paused by a person, and put off once more on Monday."""
    later = SendResult("", Status.RETRY, retry_after=600.0, code="4.2.0")
    world.people(2)
    send_id = world.schedule()
    sender = world.sender(Scripted(script={"p0@ville.example": [later, later]}))
    sender.run(send_id)
    world.do(pause, send_id)
    world.later(days=3)
    world.do(resume, send_id)
    for _ in range(3):
        sender.run_due()
        world.later(minutes=20)
    assert world.states(send_id) == {"accepted": 2}


DOWN = SendResult("", Status.RETRY, code="connection-refused")


def hours_pass(world: World, sender: Sender, hours: float) -> None:
    for _ in range(int(hours * 2)):
        sender.run_due()
        world.later(minutes=30)


def test_a_provider_that_is_not_reached_for_a_day_pauses_the_send_and_refuses_nobody(world: World) -> None:
    world.people(4)
    send_id = world.schedule()
    sender = world.sender(provider := Scripted(otherwise=DOWN))
    hours_pass(world, sender, 23.5)
    assert world.send(send_id).state == "sending"
    hours_pass(world, sender, 3)
    assert (world.send(send_id).state, world.states(send_id)) == ("paused", {"planned": 4})
    said = Translator("en").noted(world.send(send_id).pause_reason)
    assert said.startswith("The provider has not been reached for a day (connection-refused).")
    world.do(resume, send_id)  # still away: that is another day
    hours_pass(world, sender, 2)
    assert world.send(send_id).state == "sending"
    provider.otherwise = ACCEPT
    hours_pass(world, sender, 2)
    assert world.states(send_id) == {"accepted": 4}


def test_a_program_that_was_stopped_says_nothing_of_the_provider(world: World) -> None:
    """It was not reached once on Friday and once on Monday."""
    world.people(1)
    send_id = world.schedule()
    sender = world.sender(Scripted(script={"p0@ville.example": [DOWN] * 7}))
    hours_pass(world, sender, 1)
    world.later(days=3)
    hours_pass(world, sender, 3)
    assert world.states(send_id) == {"accepted": 1}


class Hosting(Scripted):
    """A mail server that takes so many mails an hour, behind the brake of the adapter that speaks to it."""

    def begin(self, world: World, *, per_hour: int) -> None:
        self.world, self.per_hour = world, per_hour
        self.brake = Brake(world.clock)
        self.took: list[datetime] = []

    def _one(self, message: Message) -> SendResult:
        if (pause := self.brake.remaining()) > 0:
            return SendResult(message.key, Status.NOT_TRIED, retry_after=pause, code="slow-down")
        now = self.world.now
        if sum(now - each < timedelta(hours=1) for each in self.took) >= self.per_hour:
            return SendResult(message.key, Status.RETRY, retry_after=self.brake.hold(), code="4.7.1")
        self.took.append(now)
        self.brake.release()
        return super()._one(message)


def test_a_server_with_an_hourly_limit_takes_everybody_in_the_end(sqlite_world: World) -> None:
    """It takes thirty hours, and most people wait for their first attempt."""
    world = sqlite_world
    world.people(60)
    send_id = world.schedule()
    world.changes["provider"] = {"rate": "1000/s", "threads": 4}
    provider = Hosting()
    provider.begin(world, per_hour=2)
    sender = world.sender(provider)
    for _ in range(4 * 36):
        sender.run_due()
        world.later(minutes=15)
    assert world.states(send_id) == {"accepted": 60}
    # What the brake keeps is asked about again by nobody before its time.
    assert max(row.attempts for row in world.rows(send_id)) < 40
