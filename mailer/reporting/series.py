"""Letters that left, side by side: the same figures as in their reports, from a handful of statements."""

from datetime import datetime

from mailer.model.ledger import DeliveryState
from mailer.model.report import LetterFigures
from mailer.rendering import generic_text
from mailer.reporting.statistics import rate, told, wilson
from mailer.store import Tx, fates, series, tallies
from mailer.store.fates import Fates
from mailer.store.series import Begun, Opens

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
    became = {send_id: fates.of(counted) for send_id, counted in tallies.counts(tx, ids).items()}
    opens = series.opens(tx, ids)
    clicks, left = series.clicks(tx, ids), series.unsubscribed(tx, ids)
    return tuple(
        letter(
            each,
            became[each.send_id],
            opens.get(each.send_id, _NOTHING),
            sum(clicks.get(each.send_id, {}).values()),
            left.get(each.send_id, 0),
        )
        for each in begun
        if became[each.send_id].states.get(DeliveryState.ACCEPTED, 0)
    )


def letter(send: Begun, became: Fates, opens: Opens, clicks: int, left: int) -> LetterFigures:
    """One letter's counts, for its own report and for those beside it.

    Delivered = accepted without the bounced (rules O1); measured = delivered copies that carry a pixel (O3). The
    interval is that of `rate_high`. A copy may be opened and bounce afterwards: no rate is above one for that.
    """

    def of(state: DeliveryState) -> int:
        return became.states.get(state, 0)

    accepted, measured = of(DeliveryState.ACCEPTED), became.measured
    low, high, loaded = (told(each, measured) for each in (opens.low, opens.high, opens.loaded))
    rated = measured if high is not None else 0
    return LetterFigures(
        send_id=send.send_id,
        campaign=send.campaign,
        issue=send.issue,
        erratum_of=send.erratum_of,
        number=send.number,
        title=send.title,
        subject=generic_text(send.subject),
        state=send.state,
        started_at=send.started_at,
        planned=send.planned,
        accepted=accepted,
        refused=of(DeliveryState.REFUSED),
        excluded=of(DeliveryState.EXCLUDED),
        in_doubt=of(DeliveryState.IN_DOUBT),
        delivered=accepted - became.bounced,
        bounced=became.bounced,
        complained=became.complained,
        unsubscribed=left,
        tracking=send.tracking,
        measured=measured,
        opens_low=low,
        opens_high=high,
        loaded=loaded,
        clicks=told(clicks, measured),
        rate_low=rate(min(opens.low, rated), rated),
        rate_high=rate(min(opens.high, rated), rated),
        interval=wilson(min(opens.high, rated), rated),
    )
