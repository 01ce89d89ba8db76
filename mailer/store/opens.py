"""Unique opens and clicks: seen once, improved, counted. Concurrency-safe: each row is locked before it is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Table, func, select, type_coerce

from mailer.model.columns import Instant, table
from mailer.model.events import Click, ClickCount, OpenCount, Opening, TokenSeen, Verdict
from mailer.model.ledger import Delivery, Send
from mailer.model.people import Contact
from mailer.store.engine import Tx
from mailer.store.upserts import insert_into, insert_new

opening = table(Opening)
token_seen = table(TokenSeen)
open_count = table(OpenCount)
click_row = table(Click)
click_count = table(ClickCount)
delivery = table(Delivery)
send = table(Send)
contact = table(Contact)

Better = Callable[[Verdict, Verdict | None], bool]


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy as the measure sees it; `consent` is the person's answer of today, `handed_over_at` None while unknown."""

    delivery_id: int
    send_id: int
    cohort: int
    handed_over_at: datetime | None
    tracking: str
    started_at: datetime
    consent: str


def find_copy(tx: Tx, key: str) -> Copy | None:
    """The measured copy with this key, with the present consent of its person.

    The consent stays what it is until the end of the transaction: a withdrawal comes wholly before or wholly after.
    """
    handed_over_at = func.coalesce(delivery.c.concluded_at, delivery.c.first_attempt_at)
    columns = (
        delivery.c.id, delivery.c.send_id, delivery.c.cohort, type_coerce(handed_over_at, Instant), send.c.tracking,
        send.c.started_at, contact.c.tracking,
    )  # fmt: skip
    joined = delivery.join(send, send.c.id == delivery.c.send_id).join(
        contact, contact.c.id == delivery.c.contact_id
    )
    found = select(*columns).select_from(joined)
    measured = (delivery.c.key == key, delivery.c.measured, send.c.started_at.isnot(None))
    row = tx.execute(found.where(*measured).with_for_update(read=True, of=contact)).first()
    return None if row is None else Copy(*row)


def see_token(
    tx: Tx, send_id: int, *, digest: str, verdict: Verdict, on: date, better: Better
) -> Verdict | None:
    """Remember a token; gives the best verdict it had before, None when it is new."""
    values = {"send_id": send_id, "digest": digest, "verdict": verdict.value, "seen_on": on}
    where = (token_seen.c.send_id == send_id) & (token_seen.c.digest == digest)
    return _seen(tx, token_seen, values, where, verdict, better)


def see_opening(
    tx: Tx, delivery_id: int, *, send_id: int, verdict: Verdict, on: date, better: Better
) -> Verdict | None:
    """Remember that a copy was opened, with the first and the last day; gives the best verdict it had before."""
    days = {"first_on": on, "last_on": on}
    values = {"delivery_id": delivery_id, "send_id": send_id, "verdict": verdict.value, **days}
    before = _seen(tx, opening, values, opening.c.delivery_id == delivery_id, verdict, better)
    if before is not None:
        tx.execute(
            opening.update()
            .where(opening.c.delivery_id == delivery_id, opening.c.last_on < on)
            .values(last_on=on)
        )
    return before


def _seen(
    tx: Tx, rows: Table, values: Mapping[str, Any], where: Any, verdict: Verdict, better: Better
) -> Verdict | None:
    if insert_new(tx, rows, values):
        return None
    before = Verdict(tx.execute(select(rows.c.verdict).where(where).with_for_update()).scalar_one())
    if better(verdict, before):
        tx.execute(rows.update().where(where).values(verdict=verdict.value))
    return before


def count(tx: Tx, send_id: int, *, cohort: int, hour: int, reached: Mapping[str, int]) -> None:
    """Add to the levels reached in one hour."""
    levels = {"loaded": 0, "high": 0, "low": 0, **reached}
    statement = insert_into(tx, open_count).values(send_id=send_id, cohort=cohort, hour=hour, **levels)
    added = {name: open_count.c[name] + number for name, number in levels.items()}
    tx.execute(statement.on_conflict_do_update(index_elements=["send_id", "cohort", "hour"], set_=added))


def click(tx: Tx, delivery_id: int, *, send_id: int, link: int, verdict: Verdict, on: date) -> bool:
    """Remember one person's click on one link; whether it was the first."""
    values = {
        "delivery_id": delivery_id,
        "link": link,
        "send_id": send_id,
        "verdict": verdict.value,
        "first_on": on,
    }
    if not insert_new(tx, click_row, values):
        return False
    statement = insert_into(tx, click_count).values(send_id=send_id, link=link, clicks=1)
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=["send_id", "link"], set_={"clicks": click_count.c.clicks + 1}
        )
    )
    return True


def purge(tx: Tx, *, tokens_before: date, rows_before: date) -> None:
    """Drop tokens seen, and openings and clicks last of which, before these days."""
    tx.execute(token_seen.delete().where(token_seen.c.seen_on < tokens_before))
    tx.execute(opening.delete().where(opening.c.last_on < rows_before))
    tx.execute(click_row.delete().where(click_row.c.first_on < rows_before))
