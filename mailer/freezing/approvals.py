"""Approval: somebody's yes or no to content, audience rule, sender and hour. Any change voids it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mailer.model.ledger import Approval, Snapshot
from mailer.model.proofs import Verdict
from mailer.store import Tx, snapshots


class State(StrEnum):
    """How an issue stands with those who read it before it leaves."""

    NONE = "none"
    APPROVED = "approved"
    REFUSED = "refused"
    CHANGED = "changed"  # somebody answered, to something else than it is now


@dataclass(frozen=True, slots=True)
class Standing:
    """The present state and the answer that it comes from."""

    state: State
    last: Approval | None = None


def fingerprint(snapshot: Snapshot, *, local_at: str) -> str:
    """What an approval binds: the content's hash (which holds rule and sender) and the local hour."""
    return hashlib.sha256(f"{snapshot.content_hash}|{local_at}".encode()).hexdigest()


def approve(tx: Tx, snapshot: Snapshot, *, local_at: str, by: str, at: datetime, link_id: str = "") -> None:
    """Record the approval of exactly this fingerprint; approving twice is harmless."""
    _record(tx, snapshot, Verdict.APPROVED, local_at=local_at, by=by, at=at, link_id=link_id)


def refuse(tx: Tx, snapshot: Snapshot, *, local_at: str, by: str, at: datetime, link_id: str = "") -> None:
    """Record that somebody wants this content not to leave, at whatever hour."""
    _record(tx, snapshot, Verdict.REFUSED, local_at=local_at, by=by, at=at, link_id=link_id)


def is_approved(tx: Tx, snapshot: Snapshot, *, local_at: str) -> bool:
    """Somebody said yes to exactly this, and nobody has refused the content since."""
    wanted = fingerprint(snapshot, local_at=local_at)
    given = _verdicts(tx, snapshot)
    return refusal(tx, snapshot) is None and any(each.fingerprint == wanted for each in _yes(given))


def is_voided(tx: Tx, snapshot: Snapshot, *, local_at: str) -> bool:
    """The issue was approved, but as something else than it is now."""
    approved = {each.fingerprint for each in _yes(_verdicts(tx, snapshot))}
    return bool(approved) and fingerprint(snapshot, local_at=local_at) not in approved


def refusal(tx: Tx, snapshot: Snapshot) -> Approval | None:
    """The refusal of this content that no later approval has taken back."""
    last = standing(tx, snapshot)
    return last.last if last.state is State.REFUSED else None


def standing(tx: Tx, snapshot: Snapshot) -> Standing:
    """The last answer to this very content, else that some answer was for another one."""
    given = _verdicts(tx, snapshot)
    if not given:
        return Standing(State.NONE)
    same = next((each for each in given if each.content_hash == snapshot.content_hash), None)
    return Standing(State(same.verdict), same) if same else Standing(State.CHANGED, given[0])


def _record(
    tx: Tx, snapshot: Snapshot, verdict: Verdict, *, local_at: str, by: str, at: datetime, link_id: str
) -> None:
    new = Approval(
        campaign=snapshot.campaign,
        issue=snapshot.issue,
        fingerprint=fingerprint(snapshot, local_at=local_at),
        approved_by=by,
        approved_at=at,
        verdict=verdict.value,
        content_hash=snapshot.content_hash,
        local_at=local_at,
        link_id=link_id,
    )
    snapshots.record_verdict(tx, new)


def _verdicts(tx: Tx, snapshot: Snapshot) -> list[Approval]:
    return snapshots.verdicts(tx, campaign=snapshot.campaign, issue=snapshot.issue)


def _yes(given: list[Approval]) -> list[Approval]:
    return [each for each in given if each.verdict == Verdict.APPROVED]
