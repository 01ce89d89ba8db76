"""A reader's yes or no by a link, and what a no does to a departure that was planned before."""

from datetime import datetime
from enum import StrEnum

from mailer import sending
from mailer.freezing import reviewing
from mailer.model.ledger import Send, SendState
from mailer.model.proofs import ProofLink, Verdict
from mailer.store import Tx, acts, guards, sends, snapshots

#: What has not begun: a refusal can still keep it here.
_WAITING = (SendState.SCHEDULED, SendState.HELD, SendState.MISSED)


class Effect(StrEnum):
    """What an answer did beside being kept."""

    KEPT = "kept"
    CANCELLED = "cancelled"
    TOO_LATE = "too-late"  # some copies have left, or leave now


def answer(tx: Tx, link: ProofLink, verdict: Verdict, *, by: str, text: str, at: datetime) -> Effect:
    """Keep the answer; a no cancels the departure of the very content that was refused, if it has not begun.

    The issue is locked first, as by whoever schedules it: a no is seen there, or sees the departure here.
    """
    sends.lock_issue(tx, _ref(link))
    reviewing.decide(tx, link, verdict, by=by, text=text, at=at)
    send = _departure(tx, link) if verdict is Verdict.REFUSED else None
    if send is None:
        return Effect.KEPT
    if send.state not in _WAITING or send.started_at is not None:
        return Effect.TOO_LATE
    assert send.id is not None
    sending.cancel(tx, send.id, by=by, at=at)
    acts.record(tx, at=at, by=by, act="cancel-link", object=_ref(link))
    return Effect.CANCELLED


def _departure(tx: Tx, link: ProofLink) -> Send | None:
    """The latest send of the issue as it stands until the commit; None where it is over or of another content."""
    latest = sends.latest(tx, _ref(link))
    if latest is None or latest.id is None:
        return None
    guards.lock_send(tx, latest.id, exclusive=True)
    send = sends.get(tx, latest.id)
    refused = snapshots.get(tx, link.snapshot_id).content_hash
    is_other = send.content_hash != refused
    is_taken_back = send.state == SendState.CANCELLED and send.started_at is None
    return None if is_other or is_taken_back else send


def _ref(link: ProofLink) -> str:
    return f"{link.campaign}/{link.issue}"
