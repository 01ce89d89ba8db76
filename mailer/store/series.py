"""Counts of many sends at once: a campaign's letters, a year. A handful of grouped statements, however many letters."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, select

from mailer.model.columns import table
from mailer.model.events import ClickCount, Event, OpenCount
from mailer.model.ledger import Send, Snapshot
from mailer.model.mail import Kind
from mailer.store.engine import Tx
from mailer.store.literals import spelled_out

send = table(Send)
snapshot = table(Snapshot)
event = table(Event)
open_count = table(OpenCount)
click_count = table(ClickCount)


@dataclass(frozen=True, slots=True)
class Begun:
    """A send that was started, with what its frozen issue says."""

    send_id: int
    campaign: str
    issue: str
    #: The issue that it corrects; empty for an ordinary letter.
    erratum_of: str
    state: str
    tracking: str
    started_at: datetime
    planned: int
    number: int | None
    title: str
    subject: str
    links: tuple[str, ...]
    link_labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Opens:
    """Unique opens of one send at each level of certainty."""

    loaded: int = 0
    high: int = 0
    low: int = 0


def begun(
    tx: Tx, *, campaign: str | None = None, since: datetime | None = None, until: datetime | None = None
) -> list[Begun]:
    """Sends that started in [since, until), the earliest first."""
    found = _sends().where(send.c.started_at.isnot(None)).order_by(send.c.started_at, send.c.id)
    if campaign is not None:
        found = found.where(send.c.campaign == campaign)
    if since is not None:
        found = found.where(send.c.started_at >= since)
    if until is not None:
        found = found.where(send.c.started_at < until)
    return [_begun(row) for row in tx.execute(found)]


def one(tx: Tx, send_id: int) -> Begun:
    """One send; `started_at` of one that has not begun is when it is due."""
    return _begun(tx.execute(_sends().where(send.c.id == send_id)).one())


def _sends() -> Select[Any]:
    columns = ("campaign", "issue", "state", "tracking", "started_at", "send_at", "planned")
    frozen = ("erratum_of", "number", "title", "subject", "links", "link_labels")
    found = select(send.c.id, *(send.c[name] for name in columns), *(snapshot.c[name] for name in frozen))
    return found.join(snapshot, snapshot.c.id == send.c.snapshot_id)


def _begun(row: Row[Any]) -> Begun:
    return Begun(
        send_id=row.id,
        campaign=row.campaign,
        issue=row.issue,
        erratum_of=row.erratum_of,
        state=row.state,
        tracking=row.tracking,
        started_at=row.started_at or row.send_at,
        planned=row.planned,
        number=row.number,
        title=row.title,
        subject=row.subject,
        links=tuple(row.links),
        link_labels=tuple(row.link_labels),
    )


def opens(tx: Tx, send_ids: Sequence[int]) -> dict[int, Opens]:
    """Send -> its opens; a send without any is not in it."""
    levels = (func.sum(open_count.c[name]) for name in ("loaded", "high", "low"))
    found = select(open_count.c.send_id, *levels).where(open_count.c.send_id.in_(send_ids))
    rows = tx.execute(found.group_by(open_count.c.send_id))
    return {send_id: Opens(int(loaded), int(high), int(low)) for send_id, loaded, high, low in rows}


def opens_by_hour(tx: Tx, send_ids: Sequence[int], *, before: int) -> dict[int, dict[int, int]]:
    """Send -> hour since its departure -> opens by the broad count, of the hours before the given one."""
    counts = open_count.c
    found = select(counts.send_id, counts.hour, func.sum(counts.high))
    found = found.where(counts.send_id.in_(send_ids), counts.hour < before)
    hours: dict[int, dict[int, int]] = {each: {} for each in send_ids}
    for send_id, hour, count in tx.execute(found.group_by(counts.send_id, counts.hour)):
        hours[send_id][hour] = int(count)
    return hours


def clicks(tx: Tx, send_ids: Sequence[int]) -> dict[int, dict[int, int]]:
    """Send -> index of a link -> unique clicks."""
    found = select(click_count.c.send_id, click_count.c.link, click_count.c.clicks)
    counted: dict[int, dict[int, int]] = defaultdict(dict)
    for send_id, link, count in tx.execute(found.where(click_count.c.send_id.in_(send_ids))):
        counted[send_id][link] = count
    return counted


def unsubscribed(tx: Tx, send_ids: Sequence[int]) -> dict[int, int]:
    """Send -> people who left because of it, each once; also those whose delivery is no longer named."""
    person = func.coalesce(event.c.delivery_id, -event.c.id)
    left = event.c.kind == spelled_out(Kind.UNSUBSCRIBE)
    found = select(event.c.send_id, func.count(func.distinct(person)))
    found = found.where(event.c.send_id.in_(send_ids), left)
    return {send_id: int(count) for send_id, count in tx.execute(found.group_by(event.c.send_id))}


def years(tx: Tx) -> tuple[datetime, datetime] | None:
    """When the first and the last send started; None before there is one."""
    first, last = tx.execute(select(func.min(send.c.started_at), func.max(send.c.started_at))).one()
    return (first, last) if first is not None else None
