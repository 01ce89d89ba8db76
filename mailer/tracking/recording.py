"""What providers report: each report once, doubts settled, outcomes set, exclusions written, in one transaction.

Order does not matter: an outcome never moves back, an exclusion is never lifted. Somebody who knows no key of ours can
change nothing (security S11, rules M24).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from mailer.failpoints import failpoint
from mailer.model.ledger import Delivery, Outcome
from mailer.model.mail import Kind, ProviderEvent
from mailer.model.people import EVERYTHING, ExclusionReason
from mailer.model.refusals import says_no_mailbox
from mailer.store import Tx, deliveries, events, exclusions, moves, snapshots, subscriptions
from mailer.tracking import complaints

#: The provider has taken the mail, whatever became of it then.
_TAKEN = {
    Kind.ACCEPTED, Kind.DELIVERED, Kind.DEFERRED, Kind.SOFT_BOUNCE, Kind.HARD_BOUNCE, Kind.HELD, Kind.COMPLAINT,
    Kind.BLOCKED,
}  # fmt: skip
_OUTCOMES = {
    Kind.DELIVERED: Outcome.DELIVERED,
    Kind.SOFT_BOUNCE: Outcome.BOUNCED,
    Kind.HARD_BOUNCE: Outcome.BOUNCED,
    Kind.BLOCKED: Outcome.BOUNCED,
    Kind.COMPLAINT: Outcome.COMPLAINED,
}
#: An address that bounces without being dead in this many sends is excluded (rules M22).
_SOFT_BOUNCES = 3


def record(tx: Tx, reports: Sequence[ProviderEvent], *, at: datetime) -> int:
    """Take the reports that concern us; how many were new. Commit before the provider gets its 2xx.

    People first, then deliveries, each in ascending order: the order in which senders lock them.
    """
    news = [(report, about) for report, about in _concerning_us(tx, reports) if _add(tx, report, about)]
    complained = [about.send_id for report, about in news if report.kind is Kind.COMPLAINT]
    complaints.lock(tx, complained)
    for report, about in news:
        _exclude(tx, report, about)
    for report, about in news:
        _apply(tx, report, about, at)
    complaints.weigh(tx, complained)
    failpoint("event-during")
    return len(news)


def _concerning_us(tx: Tx, reports: Sequence[ProviderEvent]) -> list[tuple[ProviderEvent, Delivery]]:
    """Opens are measured here, with consent, or nowhere: those of the provider are left aside."""
    told = [_weighed(report) for report in reports if report.kind not in {Kind.OPEN, Kind.CLICK}]
    found = [(report, _find(tx, report)) for report in told]
    ours = [(report, about) for report, about in found if about is not None]
    return sorted(ours, key=lambda each: (each[1].contact_id, each[1].id))


def _weighed(report: ProviderEvent) -> ProviderEvent:
    """A hard bounce only where the mailbox is dead, or no code is told; else it counts towards three, as a soft one."""
    code = report.smtp_code
    if report.kind is Kind.HARD_BOUNCE and code and not says_no_mailbox(code):
        return replace(report, kind=Kind.SOFT_BOUNCE)
    return report


def _find(tx: Tx, report: ProviderEvent) -> Delivery | None:
    """By our key; by the provider's reference only where it names no key: its numbers may begin anew."""
    if report.key:
        return deliveries.find_by_key(tx, report.key)
    return deliveries.find_by_ref(tx, report.provider_ref) if report.provider_ref else None


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
    """On PostgreSQL whoever is excluded is locked first: two reports at once see each other's soft bounces."""
    scope, reason = EVERYTHING, None
    if report.kind is Kind.HARD_BOUNCE:
        reason = ExclusionReason.HARD_BOUNCE
    elif report.kind is Kind.COMPLAINT:
        reason = ExclusionReason.COMPLAINT
    elif report.kind is Kind.UNSUBSCRIBE:
        scope, reason = snapshots.topic_of_send(tx, about.send_id), ExclusionReason.UNSUBSCRIBED
        _close_subscription(tx, report, about, scope)
    elif report.kind is Kind.SOFT_BOUNCE:
        exclusions.lock_person(tx, about.contact_id)
        bounced = events.sends_with(tx, address=about.address, kind=Kind.SOFT_BOUNCE)
        reason = ExclusionReason.SOFT_BOUNCES if bounced >= _SOFT_BOUNCES else None
    if reason is not None:
        source = report.provider
        exclusions.add(
            tx, address=about.address, scope=scope, reason=reason.value, at=report.at, source=source
        )
        moves.follow(tx, about.address, scope=scope, reason=reason.value, at=report.at)


def _close_subscription(tx: Tx, report: ProviderEvent, about: Delivery, topic: str) -> None:
    """As if they had left by our own page: the log proves it, and other programs are told."""
    person = moves.owner(tx, about)
    if exclusions.lock_person(tx, person) is not None:
        subscriptions.leave(tx, person, [topic], delivery_id=about.id, at=report.at, source=report.provider)


def _apply(tx: Tx, report: ProviderEvent, about: Delivery, at: datetime) -> None:
    assert about.id is not None
    if report.kind in _TAKEN:
        deliveries.accept_by_event(tx, about.id, at=at, provider_ref=report.provider_ref)
    if report.kind in _OUTCOMES:
        deliveries.set_outcome(tx, about.id, _OUTCOMES[report.kind])
