"""List health: the subscribers of a topic, who of them can be written to, who came and who left."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from mailer.clock import local_date
from mailer.model.series import ListHealth, ListMonth
from mailer.store import Tx
from mailer.store import list_health as counts

MONTHS = 12


def list_health(tx: Tx, topic: str, *, at: datetime, zone: str) -> ListHealth:
    """Today's counts, and the comings and goings of the present month and the eleven before it, in this zone."""
    firsts = _months(local_date(at, zone))
    bounds = [
        datetime.combine(first, datetime.min.time(), ZoneInfo(zone)).astimezone(UTC) for first in firsts
    ]
    consents = counts.consents(tx, topic)
    moved = counts.changes(tx, topic, bounds)
    return ListHealth(
        topic=topic,
        subscribed=sum(consents.values()),
        barred=counts.barred(tx, topic),
        barred_by=counts.barred_by(tx, topic),
        consents=consents,
        months=tuple(
            ListMonth(first, arrivals, departures)
            for first, (arrivals, departures) in zip(firsts, moved, strict=False)
        ),
    )


def _months(today: date) -> list[date]:
    """The first days of the months, and that of the next one, which ends the last."""
    present = today.year * 12 + today.month - 1
    numbers = range(present - MONTHS + 1, present + 2)
    return [date(number // 12, number % 12 + 1, 1) for number in numbers]
