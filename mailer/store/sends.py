"""Sends: their states change by conditional updates that report whether they happened."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from mailer.model.columns import table
from mailer.model.ledger import Send, SendState
from mailer.store.engine import Tx
from mailer.store.rows import all_of, first, one
from mailer.store.upserts import insert_new

send = table(Send)


def get(tx: Tx, send_id: int) -> Send:
    return one(tx, Send, select(send).where(send.c.id == send_id), missing="This send does not exist.")


def find_by_public_id(tx: Tx, public_id: str) -> Send | None:
    return first(tx, Send, select(send).where(send.c.public_id == public_id))


def create(tx: Tx, new: Send) -> Send | None:
    """Store a send; None when its slot (the campaign's day) is taken."""
    if not insert_new(tx, send, new.model_dump(exclude={"id"})):
        return None
    return find_by_public_id(tx, new.public_id)


def latest(tx: Tx, ref: str) -> Send | None:
    """The latest send of `campaign/issue`, cancelled ones included."""
    campaign, _, issue = ref.partition("/")
    found = select(send).where(send.c.campaign == campaign, send.c.issue == issue)
    return first(tx, Send, found.order_by(send.c.id.desc()).limit(1))


def latest_by_ref(tx: Tx) -> dict[str, Send]:
    """`campaign/issue` -> its latest send."""
    newest = select(func.max(send.c.id)).group_by(send.c.campaign, send.c.issue)
    return {
        f"{each.campaign}/{each.issue}": each
        for each in all_of(tx, Send, select(send).where(send.c.id.in_(newest)))
    }


def of_issue(tx: Tx, *, campaign: str, issue: str, states: Iterable[SendState]) -> Send | None:
    """A send of this issue in one of these states."""
    found = select(send).where(send.c.campaign == campaign, send.c.issue == issue)
    return first(tx, Send, found.where(send.c.state.in_([each.value for each in states])))


def to_look_after(tx: Tx, *, at: datetime) -> list[int]:
    """Ids of what is due, and of what was begun and not ended; the earliest first."""
    begun = send.c.state.in_([SendState.STARTING, SendState.SENDING, SendState.SETTLING])
    due = (send.c.state == SendState.SCHEDULED) & (send.c.send_at <= at)
    return list(
        tx.execute(select(send.c.id).where(begun | due).order_by(send.c.send_at, send.c.id)).scalars()
    )


def transition(tx: Tx, send_id: int, *, before: Iterable[SendState], after: SendState, **values: Any) -> bool:
    """Change the state if it is one of `before`; whether it happened."""
    held = send.update().where(send.c.id == send_id, send.c.state.in_([each.value for each in before]))
    return tx.execute(held.values(state=after.value, **values)).rowcount == 1
