"""A refusal on the spot that says "nobody lives there" is a hard bounce: that address is written to no more."""

from collections.abc import Sequence
from datetime import datetime

from mailer.errors import ProviderHalt
from mailer.model.mail import Status
from mailer.model.people import EVERYTHING, ExclusionReason
from mailer.model.refusals import says_no_mailbox
from mailer.sending.flights import Answer
from mailer.store import Tx, exclusions


def exclude_unknown(tx: Tx, answers: Sequence[Answer], *, source: str, at: datetime) -> None:
    """Call it in the transaction that concludes these answers, before their deliveries are touched.

    People before deliveries, in ascending order, as whoever records reports does. An erased person stays erased.
    """
    unknown = [
        prepared.delivery
        for prepared, result in answers
        if not isinstance(result, ProviderHalt)
        and result.status is Status.REJECTED
        and says_no_mailbox(result.code)
    ]
    for delivery in sorted(unknown, key=lambda each: each.contact_id):
        if exclusions.lock_person(tx, delivery.contact_id) is not None:
            reason = ExclusionReason.HARD_BOUNCE.value
            exclusions.add(
                tx, address=delivery.address, scope=EVERYTHING, reason=reason, at=at, source=source
            )
