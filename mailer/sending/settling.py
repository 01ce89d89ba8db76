"""Doubts, and the end of a send: when nothing is left to hand over and every doubt is settled or given up."""

from datetime import datetime, timedelta

import structlog

from mailer.errors import ProviderHalt
from mailer.model.ledger import Delivery, DeliveryState, Send, SendState
from mailer.model.mail import Pending, Resolution, Resolved
from mailer.model.workspace import Tracking
from mailer.providers import Provider
from mailer.sending.errata import is_corrected
from mailer.sending.events import is_outdated
from mailer.store import Store, Tx, claims, deliveries, guards, send_secrets, sends
from mailer.store.attempts import Repeatable

_log = structlog.get_logger()
_LOOKED_UP_AT_ONCE = 100
#: Why a send rests whose first copies have left.
STAGED = "staged"
#: A doubt that a look-up could not settle is asked about again after so long.
_ASKED_AGAIN_AFTER = timedelta(minutes=5)


def look_up(store: Store, send: Send, provider: Provider, *, account: str, domain: str, at: datetime) -> None:
    """Class B: ask the provider about doubts that are old enough; what it surely does not have is planned again."""
    assert send.id is not None
    if not provider.caps.can_resolve:
        return
    with store.read() as tx:
        old = at - provider.caps.resolve_settle
        doubts = deliveries.doubtful(
            tx, send.id, account=account, before=old, at=at, limit=_LOOKED_UP_AT_ONCE
        )
    if not doubts:
        return
    told = {each.key: each for each in _ask(provider, [_pending(doubt, domain, at) for doubt in doubts])}
    with store.write() as tx:
        untrue = is_corrected(tx, send) or is_outdated(tx, send)
        guards.lock_send(tx, send.id, exclusive=False)
        # It may have ended while the provider was asked.
        state = SendState(sends.get(tx, send.id).state)
        stopped = state is SendState.CANCELLED or (state is SendState.SETTLING and untrue)
        for doubt in doubts:
            _write(tx, doubt, told.get(doubt.key), at, stopped=stopped, ended=state is SendState.DONE)


def _ask(provider: Provider, asked: list[Pending]) -> list[Resolution]:
    try:
        return provider.resolve(asked)
    except ProviderHalt as halt:  # the doubts stay what they are, and the send may still end
        _log.warning("look-up refused", reason=halt.reason)
    except Exception as failure:  # noqa: BLE001  # R3: whatever an adapter does, a look-up that fails settles nothing
        _log.error("look-up failed", failure=type(failure).__name__)
    return []


def _pending(delivery: Delivery, domain: str, at: datetime) -> Pending:
    return Pending(
        key=delivery.key,
        message_id=f"{delivery.key}@{domain}",
        address=delivery.address,
        first_attempt_at=delivery.first_attempt_at or at,
    )


def _write(
    tx: Tx, doubt: Delivery, told: Resolution | None, at: datetime, *, stopped: bool, ended: bool
) -> None:
    """What the provider surely does not have is planned again; not once the letter is cancelled or corrected."""
    assert doubt.id is not None
    if told is not None and told.found is Resolved.PRESENT:
        deliveries.accept_by_event(tx, doubt.id, at=at, provider_ref=told.provider_ref)
    elif told is not None and told.found is Resolved.ABSENT and not ended:
        deliveries.conclude(
            tx,
            doubt.id,
            epoch=doubt.epoch,
            expected=DeliveryState.IN_DOUBT,
            state=DeliveryState.CANCELLED if stopped else DeliveryState.PLANNED,
            at=at,
            in_doubt_since=None,
            not_before=None,
            request_hash="",
            reason="looked-up-absent",
        )
    else:
        deliveries.defer(tx, doubt.id, epoch=doubt.epoch, until=at + _ASKED_AGAIN_AFTER)


def tidy(tx: Tx, send_id: int, *, at: datetime) -> None:
    """A paused or cancelled send: what a killed process left on its way is given back, or shown as a doubt."""
    claims.release_lapsed(tx, send_id, at=at)
    if sends.get(tx, send_id).state == SendState.CANCELLED:
        deliveries.cancel_planned(tx, send_id, at=at)


def reopen(tx: Tx, send_id: int, *, repeatable: Repeatable | None, settling: timedelta, at: datetime) -> bool:
    """settling -> sending, when something may leave again: a doubt with its key, or what a look-up found absent.

    Doubts are repeated until the send gives up waiting for them, an erratum corrects what they hold, or an event makes it
    untrue; whether it is sending now. What a look-up had planned before that never leaves, so that the send can end.
    """
    guards.lock_send(tx, send_id, exclusive=True)
    send = sends.get(tx, send_id)
    if send.state != SendState.SETTLING:
        return send.state == SendState.SENDING
    if is_corrected(tx, send) or is_outdated(tx, send):
        deliveries.cancel_planned(tx, send_id, at=at)
        return False
    in_time = at - (send.handed_over_at or at) < settling
    if not deliveries.is_open(tx, send_id, at=at, repeatable=repeatable if in_time else None):
        return False
    return sends.transition(tx, send_id, before=[SendState.SETTLING], after=SendState.SENDING)


def rest(tx: Tx, send_id: int, *, repeatable: Repeatable | None, at: datetime) -> None:
    """sending -> paused, once nothing of the first stage can be handed over any more: a person looks before the others leave."""
    guards.lock_send(tx, send_id, exclusive=True)
    send = sends.get(tx, send_id)
    if send.state != SendState.SENDING or send.stage_until is None:
        return
    if deliveries.next_wake(tx, send_id, at=at, repeatable=repeatable) is None:
        sends.pause_running(tx, send_id, reason=STAGED)


def untie(tx: Tx, send: Send) -> None:
    """The end of an anonymous send: from now on nobody can tie a pixel's token to a person.

    Its secret is removed, and so are the hashes of the copies that hold a token. Safe to repeat.
    """
    assert send.id is not None
    if send.tracking == Tracking.ANONYMOUS:
        send_secrets.forget(tx, send.id)
        deliveries.forget_bytes(tx, send.id)


def advance(tx: Tx, send_id: int, *, settling: timedelta, at: datetime) -> SendState:
    """sending -> settling -> done, as far as the deliveries allow; gives the state it has now.

    The transaction that ends an anonymous send unties its tokens from people.
    """
    guards.lock_send(tx, send_id, exclusive=True)
    counted = deliveries.counts(tx, send_id)
    if any(counted.get(state.value, 0) for state in deliveries.UNCONCLUDED):
        return SendState(sends.get(tx, send_id).state)
    send = sends.get(tx, send_id)
    first = send.handed_over_at or at
    sends.transition(tx, send_id, before=[SendState.SENDING], after=SendState.SETTLING, handed_over_at=first)
    send = sends.get(tx, send_id)
    waited = at - (send.handed_over_at or at)
    if send.state == SendState.SETTLING and (
        not counted.get(DeliveryState.IN_DOUBT.value) or waited >= settling
    ):
        sends.transition(tx, send_id, before=[SendState.SETTLING], after=SendState.DONE, ended_at=at)
        untie(tx, send)
        return SendState.DONE
    return SendState(send.state)
