"""Letters that left, side by side: the same figures as in their reports, from a handful of statements."""

from collections.abc import Mapping
from datetime import datetime

from mailer.model.ledger import DeliveryState
from mailer.model.series import LetterFigures
from mailer.reporting.statistics import rate, told, wilson
from mailer.store import Tx, series
from mailer.store.series import Begun, Fates, Opens

_NOTHING = Opens()


def letters(
    tx: Tx, *, campaign: str | None = None, since: datetime | None = None, until: datetime | None = None
) -> tuple[LetterFigures, ...]:
    """Every send that started in [since, until) and of which the provider took at least one copy, the earliest first.

    One that was stopped on its way is among them: people have got it.
    """
    return figures(tx, series.begun(tx, campaign=campaign, since=since, until=until))


def figures(tx: Tx, begun: list[Begun]) -> tuple[LetterFigures, ...]:
    """The figures of these sends, without those that reached nobody."""
    ids = [each.send_id for each in begun]
    fates, opens = series.fates(tx, ids), series.opens(tx, ids)
    clicks, left = series.clicks(tx, ids), series.unsubscribed(tx, ids)
    return tuple(
        _letter(
            each,
            fates[each.send_id],
            opens.get(each.send_id, _NOTHING),
            sum(clicks.get(each.send_id, {}).values()),
            left.get(each.send_id, 0),
        )
        for each in begun
        if fates[each.send_id].states.get(DeliveryState.ACCEPTED, 0)
    )


def _letter(send: Begun, fates: Fates, opens: Opens, clicks: int, left: int) -> LetterFigures:
    def of(states: Mapping[str, int], state: DeliveryState) -> int:
        return states.get(state, 0)

    accepted, measured = of(fates.states, DeliveryState.ACCEPTED), fates.measured
    return LetterFigures(
        send_id=send.send_id,
        campaign=send.campaign,
        issue=send.issue,
        erratum_of=send.erratum_of,
        number=send.number,
        title=send.title,
        subject=send.subject,
        state=send.state,
        started_at=send.started_at,
        planned=send.planned,
        accepted=accepted,
        refused=of(fates.states, DeliveryState.REFUSED),
        excluded=of(fates.states, DeliveryState.EXCLUDED),
        in_doubt=of(fates.states, DeliveryState.IN_DOUBT),
        delivered=accepted - fates.bounced,
        bounced=fates.bounced,
        complained=fates.complained,
        unsubscribed=left,
        tracking=send.tracking,
        measured=measured,
        opens_low=opens.low,
        opens_high=opens.high,
        loaded=opens.loaded,
        clicks=told(clicks, measured),
        rate_low=rate(min(opens.low, measured), measured),
        rate_high=rate(min(opens.high, measured), measured),
        interval=wilson(min(opens.high, measured), measured),
    )
