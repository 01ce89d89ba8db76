"""Approval: somebody's yes to content, audience rule, sender and hour. Any change voids it."""

import hashlib
from datetime import datetime

from mailer.model.ledger import Snapshot
from mailer.store import Tx, snapshots


def fingerprint(snapshot: Snapshot, *, local_at: str) -> str:
    """What an approval binds: the content's hash (which holds rule and sender) and the local hour."""
    return hashlib.sha256(f"{snapshot.content_hash}|{local_at}".encode()).hexdigest()


def approve(tx: Tx, snapshot: Snapshot, *, local_at: str, by: str, at: datetime) -> None:
    """Record the approval of exactly this fingerprint; approving twice is harmless."""
    snapshots.record_approval(
        tx, of=snapshot, fingerprint=fingerprint(snapshot, local_at=local_at), by=by, at=at
    )


def is_approved(tx: Tx, snapshot: Snapshot, *, local_at: str) -> bool:
    return fingerprint(snapshot, local_at=local_at) in _approved(tx, snapshot)


def is_voided(tx: Tx, snapshot: Snapshot, *, local_at: str) -> bool:
    """The issue was approved, but as something else than it is now."""
    approved = _approved(tx, snapshot)
    return bool(approved) and fingerprint(snapshot, local_at=local_at) not in approved


def _approved(tx: Tx, snapshot: Snapshot) -> set[str]:
    return snapshots.approved_fingerprints(tx, campaign=snapshot.campaign, issue=snapshot.issue)
