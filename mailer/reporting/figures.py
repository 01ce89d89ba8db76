"""The report of one send, from counts alone: no person is read."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from mailer.model.ledger import DeliveryState, Outcome, Send
from mailer.model.measuring import SMALLEST_COHORT
from mailer.model.report import CohortFigures, HourCount, LinkFigures, Report
from mailer.reporting.series import letter
from mailer.reporting.statistics import rate, told, wilson
from mailer.reporting.trials import trial_figures
from mailer.reporting.wording import REST
from mailer.store import Tx, fates, reports, sends, series, snapshots, tallies
from mailer.store.fates import DeliveryCount
from mailer.store.reports import OpenRow
from mailer.store.series import Opens

_OPEN = {DeliveryState.PLANNED, DeliveryState.CLAIMED, DeliveryState.POSTING}


def report(tx: Tx, send_id: int, *, at: datetime) -> Report:
    """The figures of one send at this moment."""
    send = sends.get(tx, send_id)
    snapshot = snapshots.get(tx, send.snapshot_id)
    counted = tallies.counts(tx, [send_id])[send_id]
    opens = reports.open_counts(tx, send_id)
    clicks = series.clicks(tx, [send_id]).get(send_id, {})
    own = letter(
        series.one(tx, send_id),
        fates.of(counted),
        Opens(*(sum(getattr(row, level) for row in opens) for level in ("loaded", "high", "low"))),
        sum(clicks.values()),
        series.unsubscribed(tx, [send_id]).get(send_id, 0),
    )
    is_told = own.opens_high is not None
    return Report(
        letter=own,
        started_at=send.started_at,
        ended_at=send.ended_at,
        open=_sum(counted, lambda each: each.state in _OPEN),
        cancelled=_sum(counted, lambda each: each.state == DeliveryState.CANCELLED),
        told=sum(_accepted_with(counted, outcome) for outcome in Outcome),
        refused_by=_reasons(counted, DeliveryState.REFUSED),
        excluded_by=_reasons(counted, DeliveryState.EXCLUDED),
        left_out=dict(send.left_out),
        hours=_hours(opens) if is_told else (),
        cohorts=_cohorts(send, counted, opens) if is_told else (),
        links=tuple(
            LinkFigures(url=url, label=label, clicks=told(clicks.get(number, 0), own.measured))
            for number, (url, label) in enumerate(zip(snapshot.links, snapshot.link_labels, strict=False))
        ),
        cohort_by=snapshot.cohort,
        trial=trial_figures(send, snapshot, _by_cohort(counted), opens, at=at),
    )


def _by_cohort(counted: Iterable[DeliveryCount]) -> Counter[int]:
    """Cohort -> its measured copies."""
    found: Counter[int] = Counter()
    for each in (each for each in counted if each.is_measured):
        found[each.cohort] += each.count
    return found


def _accepted_with(counted: Iterable[DeliveryCount], outcome: Outcome) -> int:
    """A refused copy has no fate: what is told of it later moves no figure of the statement."""
    return _sum(counted, lambda each: each.state == DeliveryState.ACCEPTED and each.outcome == outcome)


def _sum(counted: Iterable[DeliveryCount], matches: Callable[[DeliveryCount], bool]) -> int:
    return sum(each.count for each in counted if matches(each))


def _reasons(counted: Iterable[DeliveryCount], state: DeliveryState) -> dict[str, int]:
    found: Counter[str] = Counter()
    for each in counted:
        if each.state == state:
            found[each.reason] += each.count
    return dict(found.most_common())


def _hours(opens: Sequence[OpenRow]) -> tuple[HourCount, ...]:
    """Every hour from the first to the last, empty ones included."""
    if not opens:
        return ()
    levels = {hour: [0, 0, 0] for hour in range(max(row.hour for row in opens) + 1)}
    for row in opens:
        for place, count in enumerate((row.loaded, row.high, row.low)):
            levels[row.hour][place] += count
    return tuple(HourCount(hour, *counts) for hour, counts in levels.items())


def _cohorts(
    send: Send, counted: Sequence[DeliveryCount], opens: Sequence[OpenRow]
) -> tuple[CohortFigures, ...]:
    """Cohorts large enough to be spoken of, the largest first; none where the campaign has no cohorts."""
    names = list(dict.fromkeys(send.cohorts))  # with two subjects each stands there twice
    if len(names) < 2:
        return ()
    groups = [_group(send.cohorts, name, counted, opens) for name in names]
    return tuple(sorted(_speakable(groups), key=lambda cohort: -cohort.copies))


def _group(
    names: Sequence[str], name: str, counted: Sequence[DeliveryCount], opens: Sequence[OpenRow]
) -> CohortFigures:
    numbers = {number for number, each in enumerate(names) if each == name}
    copies = _sum(counted, lambda each: each.is_measured and each.cohort in numbers)
    low = sum(row.low for row in opens if row.cohort in numbers)
    high = sum(row.high for row in opens if row.cohort in numbers)
    return _figures(name, copies, low, high)


def _figures(name: str, copies: int, low: int, high: int) -> CohortFigures:
    opened = min(high, copies)
    return CohortFigures(name, copies, low, high, rate(opened, copies), wilson(opened, copies))


def _speakable(groups: Iterable[CohortFigures]) -> list[CohortFigures]:
    """Small groups are told together with everybody else, and with the next smallest until that is large enough.

    To leave them out would not hide them: whoever takes the groups shown from the whole has them.
    """
    shown = sorted((each for each in groups if each.copies), key=lambda each: (-each.copies, each.name))
    rest = [each for each in shown if each.copies < SMALLEST_COHORT]
    if not rest:
        return shown
    rest += [each for each in shown if each.name == REST and each not in rest]
    shown = [each for each in shown if each not in rest]
    while shown and sum(each.copies for each in rest) < SMALLEST_COHORT:
        rest.append(shown.pop())
    if not shown:
        return []  # the rest is the whole
    copies, low, high = (
        sum(getattr(each, name) for each in rest) for name in ("copies", "opens_low", "opens_high")
    )
    return [*shown, _figures(REST, copies, low, high)]
