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
    """Take the reports that concern us; how many were new. Commit before the provider gets its 2xx.

    People first, then deliveries, each in ascending order: the order in which senders lock them.
    """
    news = [(report, about) for report, about in _concerning_us(tx, reports) if _add(tx, report, about)]
    for report, about in news:
        _exclude(tx, report, about)
    for report, about in news:
        _apply(tx, report, about, at)
    return len(news)


def _concerning_us(tx: Tx, reports: Sequence[ProviderEvent]) -> list[tuple[ProviderEvent, Delivery]]:
    """Opens are measured here, with consent, or nowhere: those of the provider are left aside."""
    found = [(report, _find(tx, report)) for report in reports if report.kind not in {Kind.OPEN, Kind.CLICK}]
    ours = [(report, about) for report, about in found if about is not None]
    return sorted(ours, key=lambda each: (each[1].contact_id, each[1].id))


def _find(tx: Tx, report: ProviderEvent) -> Delivery | None:
    by_key = deliveries.find_by_key(tx, report.key) if report.key else None
    if by_key is not None or not report.provider_ref:
        return by_key
    return deliveries.find_by_ref(tx, report.provider_ref)


def _add(tx: Tx, report: ProviderEvent, about: Delivery) -> bool:
    """What servers say in their own words often names the address: it is not kept."""
    return events.add(
        tx,
        provider=report.provider,
        dedupe=report.dedupe,
        kind=report.kind,
        at=report.at,
        about=about,
        smtp_code=report.smtp_code or "",
    )


def _exclude(tx: Tx, report: ProviderEvent, about: Delivery) -> None:
    reason = _EXCLUDED.get(report.kind)
    if report.kind is Kind.SOFT_BOUNCE:
        sends = events.sends_with(tx, address=about.address, kind=Kind.SOFT_BOUNCE)
        reason = ExclusionReason.SOFT_BOUNCES if sends >= _SOFT_BOUNCES else None
    if reason is not None:
        exclusions.add(
            tx,
            address=about.address,
            scope=EVERYTHING,
            reason=reason.value,
            at=report.at,
            source=report.provider,
        )


def _apply(tx: Tx, report: ProviderEvent, about: Delivery, at: datetime) -> None:
    assert about.id is not None
    if report.kind in _TAKEN:
        deliveries.accept_by_event(tx, about.id, at=at, provider_ref=report.provider_ref)
    if report.kind in _OUTCOMES:
        deliveries.set_outcome(tx, about.id, _OUTCOMES[report.kind])
