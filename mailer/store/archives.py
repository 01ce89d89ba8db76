"""Letters that have left and were for everybody."""

from sqlalchemy import select

from mailer.model.columns import table
from mailer.model.ledger import Send, SendState, Snapshot
from mailer.store.engine import Tx
from mailer.store.rows import all_of

send = table(Send)
snapshot = table(Snapshot)
#: Everything has been handed over: nobody reads on a page what might still be stopped.
_LEFT = (SendState.SETTLING.value, SendState.DONE.value)


def letters(tx: Tx, campaign: str) -> list[tuple[Send, Snapshot]]:
    """Each send of the campaign that is over, with its frozen letter, the latest first; none that was for members."""
    is_public = (
        send.c.campaign == campaign,
        send.c.state.in_(_LEFT),
        send.c.started_at.is_not(None),
        ~send.c.members_only,
    )
    found = all_of(
        tx, Send, select(send).where(*is_public).order_by(send.c.started_at.desc(), send.c.id.desc())
    )
    wanted = select(snapshot).where(
        snapshot.c.id.in_([each.snapshot_id for each in found]), ~snapshot.c.members_only
    )
    frozen = {each.id: each for each in all_of(tx, Snapshot, wanted)}
    return [(each, frozen[each.snapshot_id]) for each in found if each.snapshot_id in frozen]
