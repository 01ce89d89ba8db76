"""Complaints: providers and mailbox hosts judge a sender by them (rules, bulk-sender thresholds)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import structlog

from mailer.store import Tx, deliveries, guards, sends

_log = structlog.get_logger()
#: Of what was accepted: from here on a warning, from there on a pause and a question.
WARNS, PAUSES = 0.001, 0.003
#: Why a send waits.
COMPLAINTS = "complaints"


@dataclass(frozen=True, slots=True)
class Complaints:
    """How many complained, of how many copies that were accepted."""

    complained: int
    accepted: int

    @property
    def share(self) -> float:
        return self.complained / max(self.accepted, 1)

    @property
    def is_worth_a_warning(self) -> bool:
        return self.share >= WARNS


def of_send(tx: Tx, send_id: int) -> Complaints | None:
    """What a person is warned of; None below one in a thousand."""
    found = Complaints(*deliveries.complaints(tx, send_id))
    return found if found.is_worth_a_warning else None


def lock(tx: Tx, send_ids: Iterable[int]) -> None:
    """Before anybody is locked, as senders do it: complaints that come at once see each other."""
    for send_id in sorted(set(send_ids)):
        guards.lock_send(tx, send_id, exclusive=True)


def weigh(tx: Tx, send_ids: Iterable[int]) -> None:
    """One send id per new complaint. A share that crosses a threshold is told; one that stays above it is known."""
    for send_id, new in sorted(Counter(send_ids).items()):
        complained, accepted = deliveries.complaints(tx, send_id)
        before, now = (max(complained - new, 0) / max(accepted, 1), complained / max(accepted, 1))
        if before < WARNS <= now:
            _log.warning("complaints", send=send_id, complained=complained, accepted=accepted)
        if before < PAUSES <= now:
            sends.pause_running(tx, send_id, reason=COMPLAINTS)
