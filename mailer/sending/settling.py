"""Doubts, and the end of a send: when nothing is left to hand over and every doubt is settled or given up."""

from datetime import datetime, timedelta

from mailer.model.ledger import Delivery, DeliveryState, Send, SendState
from mailer.model.mail import Pending, Resolved
from mailer.providers import Provider
from mailer.store import Store, Tx, deliveries, sends

_LOOKED_UP_AT_ONCE = 100


def look_up(store: Store, send: Send, provider: Provider, *, domain: str, at: datetime) -> None:
    """Class B: ask the provider about doubts that are old enough; what it surely does not have is planned again."""
    assert send.id is not None
    if not provider.caps.can_resolve:
        return
    with store.read() as tx:
        doubts = deliveries.doubtful(
            tx, send.id, before=at - provider.caps.resolve_settle, limit=_LOOKED_UP_AT_ONCE
        )
    if not doubts:
        return
    by_key = {each.key: each for each in doubts}
    for resolution in provider.resolve([_pending(each, domain, at) for each in doubts]):
        with store.write() as tx:
            _write(tx, by_key[resolution.key], resolution.found, resolution.provider_ref, at)


def _pending(delivery: Delivery, domain: str, at: datetime) -> Pending:
    return Pending(
        key=delivery.key,
        message_id=f"{delivery.key}@{domain}",
        address=delivery.address,
        first_attempt_at=delivery.first_attempt_at or at,
    )


def _write(tx: Tx, doubt: Delivery, found: Resolved, provider_ref: str | None, at: datetime) -> None:
    assert doubt.id is not None
    if found is Resolved.PRESENT:
        deliveries.accept_by_event(tx, doubt.id, at=at, provider_ref=provider_ref)
    elif found is Resolved.ABSENT:
        deliveries.conclude(
            tx,
            doubt.id,
            epoch=doubt.epoch,
            expected=DeliveryState.IN_DOUBT,
            state=DeliveryState.PLANNED,
            at=at,
            in_doubt_since=None,
            not_before=None,
            reason="looked-up-absent",
        )


def advance(tx: Tx, send_id: int, *, settling: timedelta, at: datetime) -> SendState:
    """sending -> settling -> done, as far as the deliveries allow; gives the state it has now.

    The secret of the anonymous measure is overwritten in the transaction that ends the send: from then on nobody can
    tie a pixel's token to a person.
    """
    counted = deliveries.counts(tx, send_id)
    if any(counted.get(state.value, 0) for state in deliveries.UNCONCLUDED):
        return SendState(sends.get(tx, send_id).state)
    sends.transition(tx, send_id, before=[SendState.SENDING], after=SendState.SETTLING, handed_over_at=at)
    send = sends.get(tx, send_id)
    waited = at - (send.handed_over_at or at)
    if send.state == SendState.SETTLING and (
        not counted.get(DeliveryState.IN_DOUBT.value) or waited >= settling
    ):
        sends.transition(
            tx, send_id, before=[SendState.SETTLING], after=SendState.DONE, ended_at=at, secret=None
        )
        return SendState.DONE
    return SendState(send.state)
