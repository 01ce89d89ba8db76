"""Every hour from 2026 to 2030 at which some zone's clocks change: what is not one instant is refused, with a proposal."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest

from mailer.clock import resolve_local
from mailer.errors import InputError
from mailer.store import sends
from tests.sending.world import World
from tests.sending.world import campaign as a_campaign

FIRST, LAST = datetime(2026, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
#: No zone changes twice within so little.
STEP = timedelta(days=5)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True)
class Change:
    """Clocks of `zone` go from `before` to `after` (offsets from UTC) at the instant `at`."""

    zone: str
    at: datetime
    before: timedelta
    after: timedelta

    @property
    def doubtful(self) -> tuple[datetime, datetime]:
        """The local hours that do not exist, or exist twice: from, and up to."""
        ends = [self.at.replace(tzinfo=None) + offset for offset in (self.before, self.after)]
        return min(ends), max(ends)

    @property
    def is_gap(self) -> bool:
        return self.after > self.before


def offset(zone: ZoneInfo, at: datetime) -> timedelta:
    found = at.astimezone(zone).utcoffset()
    assert found is not None
    return found


def changes_of(name: str) -> Iterator[Change]:
    """Steps of five days, and halving where the offset differs; to the second."""
    zone, at = ZoneInfo(name), FIRST
    while at < LAST:
        after = at + STEP
        if offset(zone, at) != offset(zone, after):
            low, high = at, after
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) // 2
                middle = middle.replace(microsecond=0)
                low, high = (middle, high) if offset(zone, middle) == offset(zone, low) else (low, middle)
            yield Change(name, high, offset(zone, low), offset(zone, high))
        at = after


@cache
def changes() -> tuple[Change, ...]:
    return tuple(change for name in sorted(available_timezones()) for change in changes_of(name))


def inside(change: Change) -> list[datetime]:
    """The first and last minute of what is doubtful, and its middle."""
    first, end = change.doubtful
    return [first, first + (end - first) // 2, end - MINUTE]


def beside(change: Change) -> list[datetime]:
    """The hour before, the last minute before, the first after, and the hour after."""
    first, end = change.doubtful
    return [first - HOUR, first - MINUTE, end, end + HOUR - MINUTE]


def test_the_changes_that_everybody_knows_are_among_them() -> None:
    paris = [change for change in changes() if change.zone == "Europe/Paris"]
    assert [f"{change.at:%Y-%m-%d %H:%M}" for change in paris[:2]] == ["2026-03-29 01:00", "2026-10-25 01:00"]
    assert [change.is_gap for change in paris] == [True, False] * 5
    assert len({change.zone for change in changes()}) > 100
    assert {abs(change.after - change.before) for change in changes()} >= {
        HOUR,
        HOUR / 2,
    }  # Lord Howe: 30 minutes


def test_every_doubtful_hour_of_every_zone_is_refused_with_an_hour_that_is_accepted() -> None:
    for change in changes():
        for local in inside(change):
            with pytest.raises(InputError) as refused:
                resolve_local(local, change.zone)
            said = str(refused.value)
            assert ("does not exist" if change.is_gap else "exists twice") in said, (change, local)
            proposal = datetime.strptime(said.rpartition("instance ")[2], "%Y-%m-%d %H:%M.")  # noqa: DTZ007
            assert resolve_local(proposal, change.zone)


def test_every_hour_beside_a_change_is_one_instant() -> None:
    for change in changes():
        first, _ = change.doubtful
        for local in beside(change):
            expected = (local - (change.before if local < first else change.after)).replace(tzinfo=UTC)
            assert resolve_local(local, change.zone) == expected, (change, local)


def test_a_send_at_an_hour_beside_a_change_is_due_at_its_instant(sqlite_world: World) -> None:
    """Not a second earlier. Of zones that change alike, one; of the changes, every third."""
    alike = {(change.at, change.before, change.after): change for change in changes()}
    due = {}
    for number, change in enumerate(list(alike.values())[::3]):
        local = beside(change)[number % 4]
        at = resolve_local(local, change.zone)
        here = a_campaign(slug=f"l{number}", zone=change.zone)
        due[sqlite_world.schedule(campaign=here, slug="un", send_at=at)] = at
    assert len(due) > 30
    with sqlite_world.store.read() as tx:
        for instant in set(due.values()):
            expected = {send_id for send_id, at in due.items() if at <= instant}
            assert set(sends.to_look_after(tx, at=instant)) == expected
            just_before = set(sends.to_look_after(tx, at=instant - timedelta(seconds=1)))
            assert just_before == {send_id for send_id in expected if due[send_id] < instant}
