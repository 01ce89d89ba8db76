"""Unique opens and clicks: seen once, improved, counted; a whole group of hits in a handful of statements.

Safe beside other writers: what is new is decided by the unique constraint, what is known is locked before it is read,
and rows are taken in ascending order.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import Column, ColumnElement, Table, func, select, true, type_coerce

from mailer.model.columns import Instant, table
from mailer.model.events import Click, ClickCount, OpenCount, Opening, TokenSeen, Verdict
from mailer.model.ledger import Delivery, Send
from mailer.model.people import Contact, TrackingConsent
from mailer.model.workspace import Tracking
from mailer.store.engine import Tx
from mailer.store.upserts import insert_into

opening = table(Opening)
token_seen = table(TokenSeen)
open_count = table(OpenCount)
click_row = table(Click)
click_count = table(ClickCount)
delivery = table(Delivery)
send = table(Send)
contact = table(Contact)

Key = TypeVar("Key", int, str)


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy as the measure sees it; `handed_over_at` is None while unknown."""

    key: str
    delivery_id: int
    send_id: int
    cohort: int
    handed_over_at: datetime | None
    started_at: datetime
    contact_id: int
    #: Whether the day of the person's last opening is kept.
    last_open: bool
    address: str


@dataclass(slots=True)
class Seen:
    """What a group of hits says of one copy: its best verdict, its days, and the hour it reached each level."""

    cohort: int
    first_on: date
    last_on: date
    verdict: Verdict = Verdict.MACHINE
    hours: dict[Verdict, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LinkSeen:
    """A person's click on one link of one copy."""

    delivery_id: int
    link: int
    send_id: int


def find_copies(tx: Tx, keys: Sequence[str]) -> dict[str, Copy]:
    """The measured copies of `consented` sends with these keys whose people agree to be measured now.

    Their answer stays what it is until the end of the transaction: a withdrawal comes wholly before or wholly after.
    """
    handed_over_at = func.coalesce(delivery.c.concluded_at, delivery.c.first_attempt_at)
    columns = (
        delivery.c.key, delivery.c.id, delivery.c.send_id, delivery.c.cohort, type_coerce(handed_over_at, Instant),
        send.c.started_at, delivery.c.contact_id, send.c.last_open, delivery.c.address,
    )  # fmt: skip
    joined = delivery.join(send, send.c.id == delivery.c.send_id).join(
        contact, contact.c.id == delivery.c.contact_id
    )
    measured = (
        delivery.c.key.in_(keys),
        delivery.c.measured,
        send.c.started_at.isnot(None),
        send.c.tracking == Tracking.CONSENTED.value,
        contact.c.tracking == TrackingConsent.GRANTED.value,
    )
    found = select(*columns).select_from(joined).where(*measured).order_by(contact.c.id)
    return {row.key: Copy(*row) for row in tx.execute(found.with_for_update(read=True, of=contact))}


def see_tokens(tx: Tx, send_id: int, seen: Mapping[str, Seen]) -> dict[str, Verdict]:
    """Remember tokens by their digests; gives the verdict before, of those that were known."""
    values = [
        {"send_id": send_id, "digest": digest, "verdict": each.verdict.value, "seen_on": each.first_on}
        for digest, each in sorted(seen.items())
    ]
    return _see(tx, token_seen, token_seen.c.digest, values, seen, of=token_seen.c.send_id == send_id)


def see_openings(tx: Tx, send_id: int, seen: Mapping[int, Seen]) -> dict[int, Verdict]:
    """Remember opened deliveries, with their first and last day; gives the verdict before, of those that were known."""
    values = [
        {
            "delivery_id": delivery_id,
            "send_id": send_id,
            "verdict": each.verdict.value,
            "first_on": each.first_on,
            "last_on": each.last_on,
        }
        for delivery_id, each in sorted(seen.items())
    ]
    before = _see(tx, opening, opening.c.delivery_id, values, seen, of=true())
    for day in sorted({seen[delivery_id].last_on for delivery_id in before}):
        again = [delivery_id for delivery_id in sorted(before) if seen[delivery_id].last_on == day]
        older = opening.update().where(opening.c.delivery_id.in_(again), opening.c.last_on < day)
        tx.execute(older.values(last_on=day))
    return before


def _see(
    tx: Tx,
    rows: Table,
    key: Column[Any],
    values: Sequence[Mapping[str, Any]],
    seen: Mapping[Key, Seen],
    *,
    of: ColumnElement[bool],
) -> dict[Key, Verdict]:
    """Insert what is new, improve what is known, forget nothing."""
    fresh = set(tx.execute(insert_into(tx, rows).on_conflict_do_nothing().returning(key), values).scalars())
    known = sorted(each for each in seen if each not in fresh)
    if not known:
        return {}
    stored = select(key, rows.c.verdict).where(of, key.in_(known)).order_by(key).with_for_update()
    before: dict[Key, Verdict] = {each: Verdict(verdict) for each, verdict in tx.execute(stored)}
    for verdict in Verdict:
        better = [
            each
            for each, was in before.items()
            if seen[each].verdict is verdict and verdict.certainty > was.certainty
        ]
        if better:
            tx.execute(rows.update().where(of, key.in_(better)).values(verdict=verdict.value))
    return before


def count(tx: Tx, send_id: int, reached: Mapping[tuple[int, int], Mapping[str, int]]) -> None:
    """Add to the levels reached, per cohort and hour."""
    rows = [
        {"send_id": send_id, "cohort": cohort, "hour": hour, "loaded": 0, "high": 0, "low": 0, **levels}
        for (cohort, hour), levels in sorted(reached.items())
    ]
    if rows:
        statement = insert_into(tx, open_count)
        added = {name: open_count.c[name] + statement.excluded[name] for name in ("loaded", "high", "low")}
        tx.execute(
            statement.on_conflict_do_update(index_elements=["send_id", "cohort", "hour"], set_=added), rows
        )


def see_clicks(tx: Tx, seen: Mapping[LinkSeen, date]) -> None:
    """Remember people's clicks, each person and link once, and count the new ones."""
    if not seen:
        return
    values = [
        {
            "delivery_id": each.delivery_id,
            "link": each.link,
            "send_id": each.send_id,
            "verdict": Verdict.HUMAN.value,
            "first_on": on,
        }
        for each, on in sorted(seen.items(), key=lambda item: (item[0].delivery_id, item[0].link))
    ]
    new = insert_into(tx, click_row).on_conflict_do_nothing().returning(click_row.c.send_id, click_row.c.link)
    fresh = Counter((row.send_id, row.link) for row in tx.execute(new, values))
    rows = [
        {"send_id": send_id, "link": link, "clicks": number}
        for (send_id, link), number in sorted(fresh.items())
    ]
    if rows:
        statement = insert_into(tx, click_count)
        added = {"clicks": click_count.c.clicks + statement.excluded.clicks}
        tx.execute(statement.on_conflict_do_update(index_elements=["send_id", "link"], set_=added), rows)


def purge(tx: Tx, *, tokens_before: date, rows_before: date) -> None:
    """Drop tokens seen, openings last seen, and clicks made before these days."""
    tx.execute(token_seen.delete().where(token_seen.c.seen_on < tokens_before))
    tx.execute(opening.delete().where(opening.c.last_on < rows_before))
    tx.execute(click_row.delete().where(click_row.c.first_on < rows_before))
