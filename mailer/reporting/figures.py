"""The report of one send, from counts alone: no person is read."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from mailer.model.ledger import DeliveryState, Outcome, Send
from mailer.model.report import CohortFigures, HourCount, LinkFigures, Report
from mailer.reporting.statistics import SMALLEST_COHORT, rate, told, wilson
from mailer.reporting.wording import REST
from mailer.store import Tx, reports, sends, snapshots
from mailer.store.reports import DeliveryCount, OpenRow

_OPEN = {DeliveryState.PLANNED, DeliveryState.CLAIMED, DeliveryState.POSTING}


def report(tx: Tx, send_id: int, *, at: datetime) -> Report:
    """The figures of one send at this moment.

    Delivered = accepted without the bounced (rules O1); measured = delivered copies that carry a pixel (O3). The
    interval is that of `rate_high`. A copy may be opened and bounce afterwards: no rate is above one for that.
    """
    del at  # figures are counted, not estimated: they need no clock yet
    send = sends.get(tx, send_id)
    snapshot = snapshots.get(tx, send.snapshot_id)
    counted = reports.delivery_counts(tx, send_id)
    opens = reports.open_counts(tx, send_id)
    accepted = _sum(counted, lambda each: each.state == DeliveryState.ACCEPTED)
    bounced = _accepted_with(counted, Outcome.BOUNCED)
    measured = _sum(counted, _is_measured)
    low, high, loaded = (sum(getattr(row, level) for row in opens) for level in ("low", "high", "loaded"))
    clicks = reports.click_counts(tx, send_id)
    return Report(
        campaign=send.campaign,
        issue=send.issue,
        number=snapshot.number,
        title=snapshot.title,
        subject=snapshot.subject,
        state=send.state,
        started_at=send.started_at,
        ended_at=send.ended_at,
        planned=send.planned,
        accepted=accepted,
        refused=_sum(counted, lambda each: each.state == DeliveryState.REFUSED),
        excluded=_sum(counted, lambda each: each.state == DeliveryState.EXCLUDED),
        in_doubt=_sum(counted, lambda each: each.state == DeliveryState.IN_DOUBT),
        open=_sum(counted, lambda each: each.state in _OPEN),
        cancelled=_sum(counted, lambda each: each.state == DeliveryState.CANCELLED),
        told=sum(_accepted_with(counted, outcome) for outcome in Outcome),
        delivered=accepted - bounced,
        bounced=bounced,
        complained=_accepted_with(counted, Outcome.COMPLAINED),
        unsubscribed=reports.unsubscribed(tx, send_id),
        tracking=send.tracking,
        measured=measured,
        opens_low=low,
        opens_high=high,
        loaded=loaded,
        rate_low=rate(min(low, measured), measured),
        rate_high=rate(min(high, measured), measured),
        interval=wilson(min(high, measured), measured),
        clicks=told(sum(clicks.values()), measured),
        refused_by=_reasons(counted, DeliveryState.REFUSED),
        excluded_by=_reasons(counted, DeliveryState.EXCLUDED),
        left_out=dict(send.left_out),
        hours=_hours(opens),
        cohorts=_cohorts(send, counted, opens),
        links=tuple(
            LinkFigures(url=url, label=label, clicks=told(clicks.get(number, 0), measured))
            for number, (url, label) in enumerate(zip(snapshot.links, snapshot.link_labels, strict=False))
        ),
        cohort_by=snapshot.cohort,
    )


def _accepted_with(counted: Iterable[DeliveryCount], outcome: Outcome) -> int:
    """A refused copy has no fate: what is told of it later moves no figure of the statement."""
    return _sum(counted, lambda each: each.state == DeliveryState.ACCEPTED and each.outcome == outcome)


def _is_measured(each: DeliveryCount) -> bool:
    return each.measured and each.state == DeliveryState.ACCEPTED and each.outcome != Outcome.BOUNCED


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
    if len(send.cohorts) < 2:
        return ()
    groups = [_group(number, name, counted, opens) for number, name in enumerate(send.cohorts)]
    return tuple(sorted(_speakable(groups), key=lambda cohort: -cohort.copies))


def _group(
    number: int, name: str, counted: Sequence[DeliveryCount], opens: Sequence[OpenRow]
) -> CohortFigures:
    copies = _sum(counted, lambda each: _is_measured(each) and each.cohort == number)
    low = sum(row.low for row in opens if row.cohort == number)
    high = sum(row.high for row in opens if row.cohort == number)
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
