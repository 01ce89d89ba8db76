"""Letters that have left and were for everybody: what a list says of them, without their text."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from mailer.model.columns import table
from mailer.model.ledger import Send, SendState, Snapshot
from mailer.store.engine import Tx

send = table(Send)
snapshot = table(Snapshot)
#: Everything has been handed over: nobody reads on a page what might still be stopped.
_LEFT = (SendState.SETTLING.value, SendState.DONE.value)


@dataclass(frozen=True, slots=True)
class Sent:
    """One letter of a list. Subject and preheader have their marks."""

    campaign: str
    issue: str
    snapshot_id: int
    started_at: datetime
    number: int | None
    subject: str
    preheader: str


def letters(tx: Tx, campaign: str) -> list[Sent]:
    """What the campaign has sent, the latest first; nothing that was for members."""
    columns = (
        send.c.campaign,
        send.c.issue,
        send.c.snapshot_id,
        send.c.started_at,
        snapshot.c.number,
        snapshot.c.subject,
        snapshot.c.preheader,
    )
    found = (
        select(*columns)
        .join(snapshot, snapshot.c.id == send.c.snapshot_id)
        .where(
            send.c.campaign == campaign,
            send.c.state.in_(_LEFT),
            send.c.started_at.is_not(None),
            ~send.c.members_only,
            ~snapshot.c.members_only,
        )
        .order_by(send.c.started_at.desc(), send.c.id.desc())
    )
    return [Sent(**row._mapping) for row in tx.execute(found)]
