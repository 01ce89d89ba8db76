"""Subscribing and unsubscribing somebody at another program's word.

Whoever has said nothing of a topic yet may be subscribed, as by an import. Whoever left comes back by a new consent
only: with its proof, of after they left, or by the mail with a link. After a bounce, a complaint, an exclusion by hand
or an erasure nobody does. Members-only letters ask for the membership at every send, whatever is written here.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from mailer import subscribing
from mailer.app.directory.contacts import get
from mailer.app.mailer import Mailer
from mailer.errors import InputError, NotFoundError, RefusedError
from mailer.model.people import EVERYTHING, ExclusionReason, SubscriptionState
from mailer.store import Tx, acts, directory, exclusions, subscriptions
from mailer.store.directory import Record
from mailer.subscribing import Wish

_SUBSCRIBED, _UNSUBSCRIBED = SubscriptionState.SUBSCRIBED, SubscriptionState.UNSUBSCRIBED


@dataclass(frozen=True, slots=True)
class Consent:
    """What proves that the person asked: the words that they agreed to, and when."""

    wording: str
    given_at: datetime


class TooManyRequests(RefusedError):
    """This address was asked too often today."""


def of_contact(mailer: Mailer, number: int) -> list[Record]:
    with mailer.store.read() as tx:
        get(tx, number)
        return directory.subscriptions_after(tx, 0, limit=1000, contact_id=number)


def subscribe(
    mailer: Mailer, number: int, topic: str, *, consent: Consent | None, source: str, by: str
) -> Record:
    """Subscribe at once; safe to repeat. Raises RefusedError where a new consent is missing, or nothing may be sent."""
    at = mailer.clock.now()
    _require_topic(mailer, topic)
    if consent is not None and consent.given_at > at:
        raise InputError("consent.given_at: this moment is yet to come.")
    with mailer.store.write() as tx:
        held = get(tx, number, to_write=True)
        _require_open(tx, held["address"], topic, mailer.signer.erased(held["address"]))
        left_at = _left_at(tx, held, topic)
        if left_at is not None:
            if consent is None or consent.given_at <= left_at:
                raise RefusedError(
                    "This person has left. Only a consent that they gave afterwards brings them back: send its wording "
                    "and its moment, or ask for a confirmation by mail."
                )
            exclusions.lift_own(
                tx, address=held["address"], topic=topic, known=mailer.topics(), at=at, source=source
            )
        evidence = f"{consent.given_at:%Y-%m-%d %H:%M} UTC: {consent.wording}" if consent else ""
        is_news = subscriptions.set_state(
            tx,
            contact_id=number,
            topic=topic,
            state=_SUBSCRIBED,
            at=at,
            source=source,
            evidence=evidence,
        )
        if is_news:
            acts.record(tx, at=at, by=by, act="api-subscribe", object=f"contact {number}", detail=topic)
        return _one(tx, number, topic)


def ask(mailer: Mailer, number: int, topic: str, *, by: str) -> None:
    """Send the mail with a link: only their click subscribes (double opt-in). Raises RefusedError, TooManyRequests.

    Whoever left gets one such mail, whatever its topic, and no second one until they have come back and left again.
    """
    at, chosen = mailer.clock.now(), mailer.settings.signup
    _require_topic(mailer, topic)
    with mailer.store.write() as tx:
        held = get(tx, number, to_write=True)
        _require_open(tx, held["address"], topic, mailer.signer.erased(held["address"]))
        left_at = _left_at(tx, held, topic)
        if left_at is not None and acts.was_done(tx, "api-ask", f"contact {number}", since=left_at):
            raise RefusedError(
                "This person has left, and was asked since whether they want to come back. They are not asked again: "
                "only they come back, by the sign-up form or their preference page."
            )
        wish = Wish(held["address"], (topic,), held["language"])
        valid = timedelta(hours=chosen.valid_hours)
        if not subscribing.ask(tx, wish, valid=valid, most=chosen.per_address, at=at):
            raise TooManyRequests("This address was asked too often today. Try again tomorrow.")
        acts.record(tx, at=at, by=by, act="api-ask", object=f"contact {number}", detail=topic)


def unsubscribe(mailer: Mailer, number: int, topic: str, *, source: str, by: str) -> None:
    """Leave one topic, or everything (`*`), at once; safe to repeat."""
    at = mailer.clock.now()
    if topic != EVERYTHING:
        _require_topic(mailer, topic)
    with mailer.store.write() as tx:
        held = get(tx, number, to_write=True)
        reason = ExclusionReason.UNSUBSCRIBED.value
        news = exclusions.add(tx, address=held["address"], scope=topic, reason=reason, at=at, source=source)
        topics = subscriptions.states(tx, number) if topic == EVERYTHING else [topic]
        for each in topics:
            subscriptions.set_state(
                tx, contact_id=number, topic=each, state=_UNSUBSCRIBED, at=at, source=source
            )
        if news:
            acts.record(tx, at=at, by=by, act="api-unsubscribe", object=f"contact {number}", detail=topic)


def _require_topic(mailer: Mailer, topic: str) -> None:
    if topic not in mailer.topics():
        raise NotFoundError("There is no topic of this name.")


def _require_open(tx: Tx, address: str, topic: str, erased: str) -> None:
    if exclusions.barred_scopes(tx, [address, erased]) & {topic, EVERYTHING}:
        raise RefusedError(
            "Nothing may be sent to this person: letters came back, they complained, or somebody excluded them."
        )


def _left_at(tx: Tx, held: Record, topic: str) -> datetime | None:
    """When they last left the topic or everything; None where they did not."""
    ends = [
        each["at"]
        for each in held["exclusions"]
        if each["reason"] == ExclusionReason.UNSUBSCRIBED.value and each["scope"] in {topic, EVERYTHING}
    ]
    theirs = directory.subscriptions_after(tx, 0, limit=1, contact_id=held["id"], topic=topic)
    ends += [each["at"] for each in theirs if each["state"] == _UNSUBSCRIBED.value]
    return max(ends, default=None)


def _one(tx: Tx, number: int, topic: str) -> Record:
    return directory.subscriptions_after(tx, 0, limit=1, contact_id=number, topic=topic)[0]
