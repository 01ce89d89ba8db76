"""What an answer means: the table, and that a doubt once had sticks."""

from datetime import timedelta

import pytest

from mailer.errors import ProviderHalt
from mailer.i18n import Translator
from mailer.model.ledger import Delivery, DeliveryState
from mailer.model.mail import SendResult, Status
from mailer.sending.outcomes import given_back, next_state
from tests.conftest import NOW
from tests.sending.scripted import DROP, HALT, RAISE, REJECT, RETRY, Scripted
from tests.sending.world import World, addresses


def made(**values: object) -> Delivery:
    return Delivery(send_id=1, contact_id=1, address="a@ville.example", key="k", **values)  # type: ignore[arg-type]


def result(status: Status, **values: object) -> SendResult:
    return SendResult("k", status, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (Status.ACCEPTED, DeliveryState.ACCEPTED),
        (Status.REJECTED, DeliveryState.REFUSED),
        (Status.RETRY, DeliveryState.PLANNED),
        (Status.UNKNOWN, DeliveryState.IN_DOUBT),
        (Status.NOT_TRIED, DeliveryState.PLANNED),
    ],
)
def test_what_an_answer_means(status: Status, state: DeliveryState) -> None:
    assert next_state(made(), result(status), at=NOW).state is state


def test_each_lost_answer_begins_the_doubt_anew() -> None:
    """A look-up counts from it: what was handed over a minute ago is not listed yet."""
    since = NOW - timedelta(hours=1)
    found = next_state(made(in_doubt_since=since, first_attempt_at=since), result(Status.UNKNOWN), at=NOW)
    assert (found.state, found.in_doubt_since) == (DeliveryState.IN_DOUBT, NOW)


@pytest.mark.parametrize("status", [Status.REJECTED, Status.RETRY, Status.NOT_TRIED])
def test_a_doubt_once_had_is_never_reported_as_not_sent(status: Status) -> None:
    since = NOW - timedelta(minutes=3)
    found = next_state(made(in_doubt_since=since, first_attempt_at=since), result(status), at=NOW)
    assert (found.state, found.in_doubt_since) == (DeliveryState.IN_DOUBT, since)


def test_a_doubt_ends_when_the_provider_takes_it() -> None:
    found = next_state(made(in_doubt_since=NOW), result(Status.ACCEPTED, provider_ref="r"), at=NOW)
    assert (found.state, found.provider_ref) == (DeliveryState.ACCEPTED, "r")


@pytest.mark.parametrize(
    ("attempts", "asked", "seconds"),
    [
        (0, None, 30),
        (1, None, 60),
        (3, None, 240),
        (50, None, 3600),
        (0, 7.0, 7),
        (0, -5.0, 0),
        (0, 1e9, 86400),
    ],
)
def test_how_long_a_retry_waits(attempts: int, asked: float | None, seconds: float) -> None:
    found = next_state(made(attempts=attempts), result(Status.RETRY, retry_after=asked), at=NOW)
    assert found.not_before == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("status", "age", "seconds"),
    [
        (Status.UNKNOWN, 0, 240),  # as any retry, while the key is young
        (Status.UNKNOWN, 700, 100),
        (Status.RETRY, 898, 1),
        (Status.UNKNOWN, 900, 240),  # nothing is known of the key any more: a person decides
    ],
)
def test_a_doubt_is_asked_again_while_its_key_lives(status: Status, age: float, seconds: float) -> None:
    first = NOW - timedelta(seconds=age)
    delivery = made(attempts=3, first_attempt_at=NOW - timedelta(hours=2), in_doubt_since=first)
    found = next_state(delivery, result(status), at=NOW, key_lives=timedelta(minutes=15), doubted=first)
    assert (found.state, found.not_before) == (DeliveryState.IN_DOUBT, NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize(("hours", "state"), [(24, DeliveryState.PLANNED), (24.1, DeliveryState.REFUSED)])
def test_retries_end_after_a_day(hours: float, state: DeliveryState) -> None:
    first = NOW - timedelta(hours=hours)
    assert next_state(made(first_attempt_at=first), result(Status.RETRY), at=NOW).state is state


def test_a_halt_refuses_nobody_however_old_the_first_attempt_is() -> None:
    halt = ProviderHalt("credentials", "No.")
    found, _ = given_back(made(first_attempt_at=NOW - timedelta(days=3)), halt, at=NOW)
    assert (found.state, found.not_before) == (DeliveryState.PLANNED, NOW)
    found, _ = given_back(made(in_doubt_since=NOW), halt, at=NOW)
    assert found.state is DeliveryState.IN_DOUBT


# --- in a run -------------------------------------------------------------------------------------


def test_a_refused_person_is_refused_with_the_code_and_the_others_get_it(world: World) -> None:
    world.people(5)
    send_id = world.schedule()
    provider = Scripted(script={"p2@ville.example": [REJECT]})
    world.sender(provider).run(send_id)
    row = world.row(send_id, "p2@ville.example")
    assert (row.state, row.reason, row.concluded_at is not None) == ("refused", "reject", True)
    assert world.states(send_id) == {"accepted": 4, "refused": 1}


def test_a_retry_is_waited_for_within_a_run_and_repeats_the_same_bytes(world: World) -> None:
    """I7."""
    world.people(3)
    send_id = world.schedule()
    provider = Scripted(script={"p1@ville.example": [RETRY, RETRY]})
    world.sender(provider).run(send_id)
    row = world.row(send_id, "p1@ville.example")
    assert (row.state, row.attempts) == ("accepted", 3)
    assert [each.outcome for each in world.attempts(row.id)] == ["retry", "retry", "accepted"]
    assert {len(each) for each in provider.bytes_by_key.values()} == {1}
    assert provider.addresses == addresses(range(3))


def test_a_halt_pauses_and_gives_everything_back(world: World) -> None:
    world.people(40)
    send_id = world.schedule()
    provider = Scripted(otherwise=HALT)
    summary = world.sender(provider).run(send_id)
    assert (summary.state, summary.counts) == ("paused", {"planned": 40})
    assert Translator("en").noted(summary.pause_reason) == "The provider refuses our key."
    assert world.send(send_id).epoch == 1
    assert len(provider.calls) <= 8
    assert not world.row(send_id, "p0@ville.example").first_attempt_at  # the day of retries has not begun


@pytest.mark.parametrize("act", [RAISE, DROP])
def test_what_nobody_foresaw_is_a_doubt(world: World, act: str) -> None:
    world.people(3)
    send_id = world.schedule()
    world.sender(Scripted(script={"p1@ville.example": [act]})).run(send_id)
    row = world.row(send_id, "p1@ville.example")
    assert (row.state, row.in_doubt_since is not None) == ("in_doubt", True)
    assert world.send(send_id).state == "settling"
    assert world.states(send_id) == {"accepted": 2, "in_doubt": 1}
