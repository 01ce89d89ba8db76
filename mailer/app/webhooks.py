"""Telling other programs: endpoints made by an administrator, messages signed as Standard Webhooks says, retried for a day.

A message is claimed before its first byte and concluded afterwards: two senders at once are harmless. One whose sender died is
tried again once its claim is over, so a receiver may see it twice, under the same `webhook-id`.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable
from datetime import timedelta

import structlog

from mailer.app.mailer import Mailer
from mailer.errors import InputError, NotFoundError
from mailer.lookups.guard import asked, is_literal
from mailer.lookups.net import Net
from mailer.lookups.posts import post
from mailer.model.outgoing import Endpoint, Happening, Notice, NoticeState
from mailer.store import acts, outbox
from mailer.tokens import Signer, random_text

_log = structlog.get_logger()
SECONDS = 10.0
_PER_ENDPOINT = 5
#: After how many seconds each attempt follows the one before; the last wait repeats.
_WAITS = (5, 60, 300, 1800, 7200, 18000)
_FOR = timedelta(hours=24)
_CLAIM = timedelta(seconds=60)
_MOST_URL = 500


def secret(signer: Signer, endpoint: Endpoint) -> str:
    """`whsec_…`: made again each time, so that a copy of the database signs nothing."""
    return "whsec_" + base64.b64encode(signer.digest("outgoing", endpoint.salt.encode())).decode()


def signature(key: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`, under the bytes of the secret."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    made = hmac.digest(base64.b64decode(key.removeprefix("whsec_")), signed, hashlib.sha256)
    return "v1," + base64.b64encode(made).decode()


def create(mailer: Mailer, *, url: str, events: Iterable[str], by: str) -> tuple[int, str]:
    """The number and the secret of a new endpoint; raises InputError."""
    parts = asked(url) if len(url) <= _MOST_URL and url.isprintable() else None
    if parts is None or parts.scheme != "https" or is_literal(parts.hostname or ""):
        raise InputError(
            "The address begins with https:// and a name, without a password or an unusual port."
        )
    wanted = sorted(set(events))
    if not wanted or not {each.value for each in Happening}.issuperset(wanted):
        raise InputError("Choose what the other program is told of.")
    at = mailer.clock.now()
    new = Endpoint(url=url, events=f" {' '.join(wanted)} ", salt=random_text(), created_at=at, created_by=by)
    with mailer.store.write() as tx:
        number = outbox.create(tx, new)
        acts.record(tx, at=at, by=by, act="webhook", object=f"webhook {number}", detail=" ".join(wanted))
    return number, secret(mailer.signer, new)


def end(mailer: Mailer, number: int, *, by: str) -> None:
    at = mailer.clock.now()
    with mailer.store.write() as tx:
        if not outbox.end(tx, number, at=at):
            raise NotFoundError("There is no such address to end.")
        acts.record(tx, at=at, by=by, act="end-webhook", object=f"webhook {number}")


def replay(mailer: Mailer, number: int, *, by: str) -> int:
    """Try again, for another day, what failed; how many."""
    at = mailer.clock.now()
    with mailer.store.write() as tx:
        count = outbox.replay(tx, number, at=at)
        acts.record(tx, at=at, by=by, act="replay-webhook", object=f"webhook {number}", detail=str(count))
    return count


def listed(mailer: Mailer) -> list[tuple[Endpoint, dict[str, int]]]:
    """Every endpoint with its messages by state."""
    with mailer.store.read() as tx:
        found, counted = outbox.every(tx), outbox.counts(tx)
    return [(each, {state: counted.get((each.id or 0, state), 0) for state in NoticeState}) for each in found]


def deliver_due(mailer: Mailer, net: Net | None = None) -> int:
    """Hand over what is due, of each endpoint a few; how many were taken. Safe in any number of processes."""
    with mailer.store.read() as tx:
        found = outbox.due(tx, at=mailer.clock.now(), per_endpoint=_PER_ENDPOINT)
    silent: set[int] = set()
    taken = 0
    for each in found:
        # Who did not answer a moment ago is not waited for again and again.
        if each.endpoint_id not in silent:
            is_taken = _deliver(mailer, each, net or Net())
            taken += is_taken
            silent |= set() if is_taken else {each.endpoint_id}
    return taken


def purge(mailer: Mailer) -> None:
    with mailer.store.write() as tx:
        outbox.purge(tx, at=mailer.clock.now())


def _deliver(mailer: Mailer, found: Notice, net: Net) -> bool:
    assert found.id is not None
    at = mailer.clock.now()
    with mailer.store.write() as tx:
        endpoint = outbox.get(tx, found.endpoint_id)
        if endpoint is None or not outbox.claim(tx, found, at=at, until=at + _CLAIM):
            return False
    result = post(endpoint.url, *_message(mailer, endpoint, found), net, seconds=SECONDS)
    is_taken = result.isdigit() and 200 <= int(result) < 300
    now = mailer.clock.now()
    wait = timedelta(seconds=_WAITS[min(found.attempts, len(_WAITS) - 1)])
    state = NoticeState.DELIVERED if is_taken else NoticeState.WAITING
    if not is_taken and now + wait > (found.began_at if found.attempts else at) + _FOR:
        state = NoticeState.FAILED
        _log.warning("webhook failed", endpoint=found.endpoint_id, notice=found.id, result=result)
    with mailer.store.write() as tx:
        outbox.conclude(tx, found.id, state=state, result=result, not_before=now + wait)
    return is_taken


def _message(mailer: Mailer, endpoint: Endpoint, found: Notice) -> tuple[bytes, dict[str, str]]:
    """Body and headers; the id is the same at every attempt and tells nothing."""
    values = {"type": found.event, "timestamp": found.at.isoformat(), "data": found.data}
    body = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
    name = f"msg_{mailer.signer.digest('outgoing-id', str(found.id).encode()).hex()[:26]}"
    timestamp = int(mailer.clock.now().timestamp())
    return body, {
        "Content-Type": "application/json",
        "User-Agent": "Relais webhooks",
        "webhook-id": name,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(secret(mailer.signer, endpoint), name, timestamp, body),
    }
