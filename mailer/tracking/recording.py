"""What providers report: each report once, doubts settled, outcomes set, exclusions written, in one transaction.

Order does not matter: an outcome never moves back, an exclusion is never lifted. Somebody who knows no key of ours can
change nothing (security S11, rules M24).
"""

from collections.abc import Sequence
from datetime import datetime

from mailer.model.ledger import Delivery, Outcome
from mailer.model.mail import Kind, ProviderEvent
from mailer.model.people import EVERYTHING, ExclusionReason
from mailer.store import Tx, deliveries, events, exclusions

#: The provider has taken the mail, whatever became of it then.
_TAKEN = {
    Kind.ACCEPTED, Kind.DELIVERED, Kind.DEFERRED, Kind.SOFT_BOUNCE, Kind.HARD_BOUNCE, Kind.HELD, Kind.COMPLAINT,
    Kind.BLOCKED,
}  # fmt: skip
_OUTCOMES = {
    Kind.DELIVERED: Outcome.DELIVERED,
    Kind.HARD_BOUNCE: Outcome.BOUNCED,
    Kind.BLOCKED: Outcome.BOUNCED,
    Kind.COMPLAINT: Outcome.COMPLAINED,
}
_EXCLUDED = {Kind.HARD_BOUNCE: ExclusionReason.HARD_BOUNCE, Kind.COMPLAINT: ExclusionReason.COMPLAINT}
#: An address that bounces softly in this many sends is excluded (rules M22).
_SOFT_BOUNCES = 3


def record(tx: Tx, reports: Sequence[ProviderEvent], *, at: datetime) -> int:
    """Take the reports that concern us; how many were new. Commit before the provider gets its 2xx."""
    return sum(_record(tx, each, at) for each in reports)


def _record(tx: Tx, report: ProviderEvent, at: datetime) -> bool:
    if report.kind in {Kind.OPEN, Kind.CLICK}:
        return False  # opens are measured here, with consent, or nowhere
    about = _find(tx, report)
    if about is None or about.id is None:
        return False
    new = events.add(
        tx,
        provider=report.provider,
        dedupe=report.dedupe,
        kind=report.kind,
        at=report.at,
        about=about,
        smtp_code=report.smtp_code or "",
        detail="",  # what servers say often names the address
    )
    if new:
        _apply(tx, report, about, at)
    return new


def _find(tx: Tx, report: ProviderEvent) -> Delivery | None:
    by_key = deliveries.find_by_key(tx, report.key) if report.key else None
    if by_key is not None or not report.provider_ref:
        return by_key
    return deliveries.find_by_ref(tx, report.provider_ref)


def _apply(tx: Tx, report: ProviderEvent, about: Delivery, at: datetime) -> None:
    assert about.id is not None
    if report.kind in _TAKEN:
        deliveries.accept_by_event(tx, about.id, at=at, provider_ref=report.provider_ref)
    if report.kind in _OUTCOMES:
        deliveries.set_outcome(tx, about.id, _OUTCOMES[report.kind])
    reason = _EXCLUDED.get(report.kind)
    if report.kind is Kind.SOFT_BOUNCE:
        repeated = events.sends_with(tx, address=about.address, kind=Kind.SOFT_BOUNCE) >= _SOFT_BOUNCES
        reason = ExclusionReason.SOFT_BOUNCES if repeated else None
    if reason is not None:
        exclusions.add(
            tx,
            address=about.address,
            scope=EVERYTHING,
            reason=reason.value,
            at=report.at,
            source=report.provider,
        )
