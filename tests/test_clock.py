"""Local hours that do not exist or exist twice are refused with a proposal, and every other one is one instant."""

from datetime import UTC, datetime

import pytest

from mailer.clock import resolve_local
from mailer.errors import InputError, fill


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_an_ordinary_hour_is_one_instant() -> None:
    assert resolve_local(local("2026-06-11 09:00"), "Europe/Paris") == datetime(2026, 6, 11, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hour", "said"),
    [
        (
            "2026-03-29 02:30",
            "The hour 2026-03-29 02:30 does not exist in Europe/Paris: clocks go forward. "
            "Choose for instance 2026-03-29 03:30.",
        ),
        (
            "2026-10-25 02:30",
            "The hour 2026-10-25 02:30 exists twice in Europe/Paris: clocks go back. "
            "Choose for instance 2026-10-25 03:30.",
        ),
    ],
)
def test_a_doubtful_hour_is_refused_with_a_proposal(hour: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        resolve_local(local(hour), "Europe/Paris")
    assert str(refused.value) == said


@pytest.mark.parametrize(
    ("hour", "zone", "proposal"),
    [
        ("2026-03-29 01:30", "Antarctica/Troll", "2026-03-29 03:30"),  # two hours
        ("2026-10-04 02:15", "Australia/Lord_Howe", "2026-10-04 02:45"),  # half an hour
    ],
)
def test_the_proposal_exists_however_far_the_clocks_move(hour: str, zone: str, proposal: str) -> None:
    with pytest.raises(InputError) as refused:
        resolve_local(local(hour), zone)
    assert str(refused.value).endswith(f"for instance {proposal}.")
    assert resolve_local(local(proposal), zone)


def test_a_value_is_never_filled_again() -> None:
    assert fill("{file}: {reason} {other}", {"file": "{reason}", "reason": "why"}) == "{reason}: why {other}"
