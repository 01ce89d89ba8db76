"""From a provider's answer to the delivery's next state: the only table that decides what an answer means here."""

from datetime import datetime, timedelta

from mailer.errors import ProviderHalt
from mailer.model.ledger import Delivery, DeliveryState
from mailer.model.mail import SendResult, Status
from mailer.providers import Provider
from mailer.sending.waiting import concerns_everybody
from mailer.store.attempts import Repeatable
from mailer.store.guards import SENT_AGAIN
from mailer.store.handovers import Next

#: A delivery that the provider puts off is retried for a day, then refused.
RETRY_FOR = timedelta(hours=24)
_FIRST_WAIT = 30.0
_LONGEST_WAIT = 3600.0
#: For a provider whose keys never expire.
_FOR_EVER = timedelta(days=3650)


def next_state(
    delivery: Delivery,
    result: SendResult,
    *,
    at: datetime,
    key_lives: timedelta | None = None,
    doubted: datetime | None = None,
) -> Next:
    """R3 and R4: only a listed answer means "not accepted", and a doubt once had is never reported as "not sent".

    Where the provider knows a key again for `key_lives`, a doubt is asked again while it does; it has known the key since
    `doubted`, the first attempt that it may have taken (None: this one).
    """
    if result.status is Status.ACCEPTED:
        since = delivery.in_doubt_since
        return Next(DeliveryState.ACCEPTED, provider_ref=result.provider_ref, in_doubt_since=since)
    was_doubtful = delivery.in_doubt_since is not None
    repeats = was_doubtful and delivery.reason != SENT_AGAIN
    if result.status is Status.NOT_TRIED or (concerns_everybody(result) and not repeats):
        return _as_before(delivery, result.code, at + _wait(delivery, result))
    if result.status is Status.UNKNOWN or was_doubtful:
        # Each lost answer begins the time anew after which a look-up may say "absent".
        since = None if result.status is Status.UNKNOWN else delivery.in_doubt_since
        wait = min(_wait(delivery, result), _while_known(doubted or at, at, key_lives))
        return Next(DeliveryState.IN_DOUBT, result.code or "unknown", at + wait, since or at)
    if result.status is Status.REJECTED:
        return Next(DeliveryState.REFUSED, result.code or "rejected")
    first = delivery.first_attempt_at or at
    if at - first > RETRY_FOR:
        return Next(DeliveryState.REFUSED, "retried-for-a-day")
    return Next(DeliveryState.PLANNED, result.code, at + _wait(delivery, result))


def _wait(delivery: Delivery, result: SendResult) -> timedelta:
    """What the provider asks for, else twice as long each time, an hour at the most; none where nothing left."""
    if result.status is Status.NOT_TRIED and result.retry_after is None:
        return timedelta()
    if result.retry_after is not None:
        return timedelta(seconds=min(max(result.retry_after, 0.0), RETRY_FOR.total_seconds()))
    return timedelta(seconds=min(_FIRST_WAIT * 2.0 ** min(delivery.attempts, 12), _LONGEST_WAIT))


def _while_known(since: datetime, at: datetime, key_lives: timedelta | None) -> timedelta:
    """Half of what is left of the key's life: each wait is followed by a next try in time, until none is left."""
    left = since + (key_lives or timedelta()) - at
    return left / 2 if left > timedelta() else _FOR_EVER


def given_back(delivery: Delivery, halt: ProviderHalt, *, at: datetime) -> tuple[Next, SendResult]:
    """Nothing of the call was accepted, and nobody is to blame for it."""
    result = SendResult(delivery.key, Status.RETRY, code=halt.reason)
    return _as_before(delivery, halt.reason, at), result


def _as_before(delivery: Delivery, reason: str, free_at: datetime) -> Next:
    """Not before then, as it was; no day of retries passes by it. What a person released stays released."""
    since = delivery.in_doubt_since
    if delivery.reason == SENT_AGAIN:
        return Next(DeliveryState.PLANNED, SENT_AGAIN, free_at, since, counts=False)
    state = DeliveryState.PLANNED if since is None else DeliveryState.IN_DOUBT
    return Next(state, reason, free_at, since, counts=False)


def repeatable(provider: Provider, at: datetime, *, account: str) -> Repeatable | None:
    """The doubts that may be repeated with their key; None: none may (no class A)."""
    ttl = provider.caps.idempotency_ttl
    return None if ttl is None else Repeatable(at - min(ttl, _FOR_EVER), account)
