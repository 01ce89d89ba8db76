"""One letter beside its campaign's letters of the twelve months before it.

Opens are compared only with letters that were measured in the same mode: anything else would be a break drawn
as a line. A median of one letter is that letter, and `Comparison` says of how many it is.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from statistics import median
from zoneinfo import ZoneInfo

from mailer.model.ledger import SendState
from mailer.model.report import LetterFigures
from mailer.model.series import Comparison, Place
from mailer.reporting.series import figures
from mailer.store import Tx, sends, series
from mailer.store.series import Begun

#: The curve of opens is compared over so many hours.
HOURS = 72
#: A send that was stopped, or that still runs, is no measure for others.
_WHOLE = frozenset({SendState.DONE.value, SendState.SETTLING.value})
_Value = Callable[[LetterFigures], float | None]


def _of(part: str, whole: str) -> _Value:
    def value(letter: LetterFigures) -> float | None:
        base: int = getattr(letter, whole)
        return getattr(letter, part) / base if base else None

    return value


#: No clicks: one person may follow several links, so that a share of the copies would be no share of people.
#: Figure -> its value, a count for `planned`, else a rate. The bases are those of the report's table.
_ANYWHERE: Mapping[str, _Value] = {
    "planned": lambda letter: letter.planned,
    "delivered": _of("delivered", "accepted"),
    "unsubscribed": _of("unsubscribed", "accepted"),
    "bounced": _of("bounced", "accepted"),
    "complained": _of("complained", "accepted"),
    "refused": _of("refused", "planned"),
}
_SAME_MODE: Mapping[str, _Value] = {
    "opened": lambda letter: letter.rate_high,
}


def compare(tx: Tx, send_id: int, *, zone: str) -> Comparison:
    """The comparison of one send; empty before the provider has taken a copy."""
    send = sends.get(tx, send_id)
    if send.started_at is None:
        return Comparison(0, 0)
    begun = series.begun(tx, campaign=send.campaign, since=year_before(send.started_at, zone))
    # What began later is no measure for this one, nor what is still on its way: neither is counted.
    found = figures(
        tx, [each for each in begun if each.send_id == send_id or _may_be_before(each, send.started_at)]
    )
    own = next((each for each in found if each.send_id == send_id), None)
    if own is None:
        return Comparison(0, 0)
    before, alike = earlier(own, found, zone=zone)
    return Comparison(
        letters=len(before),
        alike=len(alike),
        places={**_places(own, before, _ANYWHERE), **_places(own, alike, _SAME_MODE)},
        hours=_hours(series.opens_by_hour(tx, [each.send_id for each in alike], before=HOURS)),
    )


def earlier(
    own: LetterFigures, found: Sequence[LetterFigures], *, zone: str
) -> tuple[list[LetterFigures], list[LetterFigures]]:
    """The letters of its campaign in the twelve months before it, errata aside; and those of them that have a rate of its mode."""
    since = year_before(own.started_at, zone)
    before = [
        each
        for each in found
        if each.campaign == own.campaign
        and is_whole(each)
        and since <= each.started_at < own.started_at
        and each.ref != own.ref
    ]
    alike = [each for each in before if each.tracking == own.tracking and each.rate_high is not None]
    return before, alike


def _may_be_before(other: Begun, at: datetime) -> bool:
    return is_whole(other) and other.started_at < at


def is_whole(letter: LetterFigures | Begun) -> bool:
    """Whether it is a measure for others: an erratum goes to a part of the readers of another letter."""
    return letter.state in _WHOLE and not letter.erratum_of


def year_before(at: datetime, zone: str) -> datetime:
    """The same local hour a year before; of 29 February that of the 28th."""
    local = at.astimezone(ZoneInfo(zone))
    try:
        then = local.replace(year=local.year - 1)
    except ValueError:
        then = local.replace(year=local.year - 1, day=28)
    return then.astimezone(at.tzinfo)


def _places(
    own: LetterFigures, others: Sequence[LetterFigures], values: Mapping[str, _Value]
) -> dict[str, Place]:
    places = {}
    for key, value in values.items():
        mine = value(own)
        theirs = [found for found in map(value, others) if found is not None]
        if mine is not None and theirs:
            places[key] = Place(mine, median(theirs), min(*theirs, mine), max(*theirs, mine))
    return places


def _hours(by_send: Mapping[int, Mapping[int, int]]) -> dict[int, float]:
    """The median of each hour; a letter without opens in it counts as none."""
    known: Iterable[int] = {hour for hours in by_send.values() for hour in hours}
    if not known:
        return {}
    return {hour: median(hours.get(hour, 0) for hours in by_send.values()) for hour in range(max(known) + 1)}
