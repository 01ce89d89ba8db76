"""Events as last seen, and the sends that speak of them."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from mailer.model.calendar_state import CalendarState
from mailer.model.columns import table
from mailer.model.ledger import Send, SendState, Snapshot
from mailer.store.engine import Tx
from mailer.store.rows import all_of, first
from mailer.store.upserts import insert_new

state = table(CalendarState)
send = table(Send)
snapshot = table(Snapshot)


def find(tx: Tx, campaign: str, slug: str) -> CalendarState | None:
    return first(tx, CalendarState, select(state).where(state.c.campaign == campaign, state.c.slug == slug))


def all_states(tx: Tx) -> list[CalendarState]:
    return all_of(tx, CalendarState, select(state).order_by(state.c.campaign, state.c.slug))


def observe(
    tx: Tx, campaign: str, slug: str, seen: CalendarState | None, *, promise: str, content: str, at: datetime
) -> bool:
    """Note how the event stands now; whether that is news. Safe to repeat.

    `seen` is the row as it was before the event's file was read: whoever has noted anything since knows better.
    """
    values = {"promise": promise, "content": content, "changed_at": at}
    if seen is None:
        return insert_new(tx, state, {"campaign": campaign, "slug": slug, "sequence": 0, **values})
    as_seen = (state.c.campaign == campaign, state.c.slug == slug, state.c.sequence == seen.sequence)
    is_other = (state.c.promise != promise) | (state.c.content != content)
    changed = state.update().where(*as_seen, is_other).values(**values, sequence=state.c.sequence + 1)
    return tx.execute(changed).rowcount == 1


def promised(tx: Tx, snapshot_id: int) -> dict[str, str]:
    """Event -> what the frozen letter promises about it."""
    found = tx.execute(select(snapshot.c.events).where(snapshot.c.id == snapshot_id))
    return dict(found.scalar_one_or_none() or {})


def sends_about(
    tx: Tx, campaign: str, slug: str, *, states: Iterable[SendState]
) -> list[tuple[Send, dict[str, str]]]:
    """The sends in these states whose frozen letter speaks of the event, the earliest first; with what it promises."""
    frozen = select(snapshot.c.id, snapshot.c.events).where(snapshot.c.campaign == campaign)
    promised = {row.id: row.events for row in tx.execute(frozen) if slug in row.events}
    wanted = (
        select(send)
        .where(
            send.c.snapshot_id.in_(list(promised)),
            send.c.state.in_([each.value for each in states]),
        )
        .order_by(send.c.id)
    )
    return [(each, promised[each.snapshot_id]) for each in all_of(tx, Send, wanted)]
