"""From a provider's answer to the delivery's next state: the only table that decides what an answer means here."""

from datetime import datetime, timedelta

from mailer.errors import ProviderHalt
from mailer.model.ledger import Delivery, DeliveryState
from mailer.model.mail import SendResult, Status
from mailer.providers import Provider
from mailer.store.handovers import Next

#: A delivery is retried for a day, then refused.
RETRY_FOR = timedelta(hours=24)
_FIRST_WAIT = 30.0
_LONGEST_WAIT = 3600.0
#: For a provider whose keys never expire.
_FOR_EVER = timedelta(days=3650)


def next_state(
    delivery: Delivery, result: SendResult, *, at: datetime, key_lives: timedelta | None = None
) -> Next:
    """R3 and R4: only a listed answer means "not accepted", and a doubt once had is never reported as "not sent".

    Where the provider knows a key again for `key_lives`, a doubt is asked again while it does.
    """
    if result.status is Status.ACCEPTED:
        since = delivery.in_doubt_since
        return Next(DeliveryState.ACCEPTED, provider_ref=result.provider_ref, in_doubt_since=since)
    was_doubtful = delivery.in_doubt_since is not None
    if result.status is Status.UNKNOWN or was_doubtful:
        since = delivery.in_doubt_since or at
        wait = min(_wait(delivery, result), _while_known(delivery, at, key_lives))
        return Next(DeliveryState.IN_DOUBT, result.code or "unknown", at + wait, since)
    if result.status is Status.REJECTED:
        return Next(DeliveryState.REFUSED, result.code or "rejected")
    first = delivery.first_attempt_at or at
    if at - first > RETRY_FOR:
        return Next(DeliveryState.REFUSED, "retried-for-a-day")
    return Next(DeliveryState.PLANNED, result.code, at + _wait(delivery, result))


def _wait(delivery: Delivery, result: SendResult) -> timedelta:
    """What the provider asks for, else twice as long each time, an hour at the most."""
    if result.retry_after is not None:
        return timedelta(seconds=min(max(result.retry_after, 0.0), RETRY_FOR.total_seconds()))
    return timedelta(seconds=min(_FIRST_WAIT * 2.0 ** min(delivery.attempts, 12), _LONGEST_WAIT))


def _while_known(delivery: Delivery, at: datetime, key_lives: timedelta | None) -> timedelta:
    """Half of what is left of the key's life: each wait is followed by a next try in time, until none is left."""
    left = (delivery.first_attempt_at or at) + (key_lives or timedelta()) - at
    return left / 2 if left > timedelta() else _FOR_EVER


def given_back(delivery: Delivery, halt: ProviderHalt, *, at: datetime) -> tuple[Next, SendResult]:
    """Nothing of the call was accepted, and nobody is to blame for it: as before, free at once when the send goes on."""
    result = SendResult(delivery.key, Status.RETRY, code=halt.reason)
    doubtful = delivery.in_doubt_since is not None
    state = DeliveryState.IN_DOUBT if doubtful else DeliveryState.PLANNED
    return Next(state, halt.reason, at, delivery.in_doubt_since), result


def repeatable_after(provider: Provider, at: datetime) -> datetime | None:
    """Doubts first tried after this instant may be repeated with their key; None: none may (no class A)."""
    ttl = provider.caps.idempotency_ttl
    return None if ttl is None else at - min(ttl, _FOR_EVER)
