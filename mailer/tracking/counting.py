"""What is written of a group of hits: unique opens by person (consented) or by token (anonymous), never more."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from mailer.model.events import Verdict
from mailer.model.ledger import Send
from mailer.model.people import TrackingConsent
from mailer.model.workspace import Tracking
from mailer.store import Tx, opens, sends
from mailer.store.opens import Copy
from mailer.tracking.verdicts import classify, is_better

#: Send's public id (8), cohort (1), digest (12): see mailer.sending.copies.
_ANONYMOUS_BYTES = 21
#: The tokens of an ended send count for this long; older hits change no figure.
_COUNTED_FOR = timedelta(days=30)


class Hit(Protocol):
    """What a hit tells; see mailer.tracking.hits."""

    @property
    def payload(self) -> bytes: ...
    @property
    def user_agent(self) -> str: ...
    @property
    def method(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def link(self) -> int | None: ...
    @property
    def is_scan(self) -> bool: ...


def write(tx: Tx, hits: Sequence[Hit]) -> None:
    """Count each hit in this transaction; hits for nobody we know are nothing."""
    known: dict[str, Send | None] = {}
    for hit in hits:
        if hit.link is not None:
            _click(tx, hit)
        elif len(hit.payload) == _ANONYMOUS_BYTES:
            _anonymous_open(tx, hit, known)
        else:
            _consented_open(tx, hit)


def _anonymous_open(tx: Tx, hit: Hit, known: dict[str, Send | None]) -> None:
    public_id, cohort = hit.payload[:8].hex(), hit.payload[8]
    if public_id not in known:
        known[public_id] = sends.find_by_public_id(tx, public_id)
    send = known[public_id]
    if send is None or send.id is None or send.started_at is None or send.tracking != Tracking.ANONYMOUS:
        return
    if hit.at - send.started_at > _COUNTED_FOR:
        return
    verdict = classify(hit.user_agent, method=hit.method, since_delivery=_since(hit, send.handed_over_at))
    digest = hashlib.sha256(hit.payload).hexdigest()[:32]
    before = opens.see_token(tx, send.id, digest=digest, verdict=verdict, on=hit.at.date(), better=is_better)
    _count(tx, send.id, cohort, hit, send.started_at, verdict, before)


def _consented_open(tx: Tx, hit: Hit) -> None:
    copy = _consenting_copy(tx, hit)
    if copy is None:
        return
    verdict = classify(hit.user_agent, method=hit.method, since_delivery=_since(hit, copy.handed_over_at))
    _open(tx, copy, hit, verdict)


def _open(tx: Tx, copy: Copy, hit: Hit, verdict: Verdict) -> None:
    before = opens.see_opening(
        tx, copy.delivery_id, send_id=copy.send_id, verdict=verdict, on=hit.at.date(), better=is_better
    )
    _count(tx, copy.send_id, copy.cohort, hit, copy.started_at, verdict, before)


def _click(tx: Tx, hit: Hit) -> None:
    """A click counts once per person and link; a person's click implies that the mail was read (rules O12)."""
    copy = _consenting_copy(tx, hit)
    if copy is None or hit.link is None or copy.tracking != Tracking.CONSENTED:
        return
    verdict = classify(hit.user_agent, method=hit.method, since_delivery=_since(hit, copy.handed_over_at))
    if hit.is_scan or verdict is not Verdict.HUMAN:
        return
    opens.click(tx, copy.delivery_id, send_id=copy.send_id, link=hit.link, verdict=verdict, on=hit.at.date())
    _open(tx, copy, hit, verdict)


def _consenting_copy(tx: Tx, hit: Hit) -> Copy | None:
    """The copy, if its person agrees to be measured now: a withdrawal reaches mails already sent (rules P6)."""
    copy = opens.find_copy(tx, hit.payload.decode("ascii", "replace"))
    return copy if copy is not None and copy.consent == TrackingConsent.GRANTED else None


def _since(hit: Hit, handed_over_at: datetime | None) -> float:
    """Seconds since the hand-over; 0 while it is still going on, so that a prefetch is seen as one."""
    return (hit.at - handed_over_at).total_seconds() if handed_over_at else 0.0


def _count(
    tx: Tx,
    send_id: int,
    cohort: int,
    hit: Hit,
    started_at: datetime,
    verdict: Verdict,
    before: Verdict | None,
) -> None:
    """Each level once per copy: at the hour in which the copy first reached it."""
    levels = {
        "loaded": before is None,
        "high": verdict is not Verdict.MACHINE and before in {None, Verdict.MACHINE},
        "low": verdict is Verdict.HUMAN and before is not Verdict.HUMAN,
    }
    reached = {name: 1 for name, is_new in levels.items() if is_new}
    if reached:
        hour = max(0, int((hit.at - started_at).total_seconds() // 3600))
        opens.count(tx, send_id, cohort=cohort, hour=hour, reached=reached)
