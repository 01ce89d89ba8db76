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


def observe(tx: Tx, campaign: str, slug: str, *, promise: str, content: str, at: datetime) -> bool:
    """Note how the event stands now; whether that is news. Safe to repeat."""
    values = {"promise": promise, "content": content, "changed_at": at}
    if insert_new(tx, state, {"campaign": campaign, "slug": slug, "sequence": 0, **values}):
        return True
    mine = (state.c.campaign == campaign, state.c.slug == slug)
    is_other = (state.c.promise != promise) | (state.c.content != content)
    changed = state.update().where(*mine, is_other).values(**values, sequence=state.c.sequence + 1)
    return tx.execute(changed).rowcount == 1


def sends_about(
    tx: Tx, campaign: str, slug: str, *, states: Iterable[SendState]
) -> list[tuple[Send, Snapshot]]:
    """The sends in these states whose frozen letter speaks of the event, the earliest first."""
    wanted = (
        select(send)
        .where(send.c.campaign == campaign, send.c.state.in_([each.value for each in states]))
        .order_by(send.c.id)
    )
    found = all_of(tx, Send, wanted)
    frozen = {
        each.id: each
        for each in all_of(
            tx,
            Snapshot,
            select(snapshot).where(snapshot.c.id.in_([each.snapshot_id for each in found])),
        )
    }
    return [(each, frozen[each.snapshot_id]) for each in found if slug in frozen[each.snapshot_id].events]
