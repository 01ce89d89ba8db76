"""Frozen issues and their approvals."""

from sqlalchemy import select

from mailer.model.columns import table
from mailer.model.ledger import Approval, Send, Snapshot
from mailer.store.engine import Tx
from mailer.store.rows import all_of, first, one

snapshot = table(Snapshot)
approval = table(Approval)
send = table(Send)


def get(tx: Tx, snapshot_id: int) -> Snapshot:
    return one(
        tx,
        Snapshot,
        select(snapshot).where(snapshot.c.id == snapshot_id),
        missing="This issue is not frozen.",
    )


def create(tx: Tx, new: Snapshot) -> Snapshot:
    """Store a snapshot, or give the one that already holds this content: safe to repeat."""
    found = _same(tx, new)
    if found is not None:
        return found
    tx.execute(snapshot.insert().values(**new.model_dump(exclude={"id"})))
    stored = _same(tx, new)
    assert stored is not None
    return stored


def _same(tx: Tx, new: Snapshot) -> Snapshot | None:
    """The snapshot of this very content, if it was frozen before; under another number, which no copy may show, it is
    another one: lists and reports show it."""
    same = (
        snapshot.c.campaign == new.campaign,
        snapshot.c.issue == new.issue,
        snapshot.c.content_hash == new.content_hash,
        snapshot.c.number.is_not_distinct_from(new.number),
    )
    return first(tx, Snapshot, select(snapshot).where(*same).order_by(snapshot.c.id))


def record_verdict(tx: Tx, new: Approval) -> None:
    tx.execute(approval.insert().values(**new.model_dump(exclude={"id"})))


def verdicts(tx: Tx, *, campaign: str, issue: str) -> list[Approval]:
    """Who approved or refused which version of this issue, the latest first."""
    found = select(approval).where(approval.c.campaign == campaign, approval.c.issue == issue)
    return all_of(tx, Approval, found.order_by(approval.c.id.desc()))


def links_of_send(tx: Tx, send_id: int) -> list[str]:
    """The targets that the frozen issue of a send holds, in their order."""
    found = (
        select(snapshot.c.links).join(send, send.c.snapshot_id == snapshot.c.id).where(send.c.id == send_id)
    )
    return list(tx.execute(found).scalar_one_or_none() or [])


def topic_of_send(tx: Tx, send_id: int) -> str:
    """The topic that the people of a send subscribe to and leave."""
    found = (
        select(snapshot.c.topic).join(send, send.c.snapshot_id == snapshot.c.id).where(send.c.id == send_id)
    )
    return str(tx.execute(found).scalar_one())
