"""Signing up by oneself: a request, a mail with a link, and only then a contact (double opt-in, security S25).

A person's own confirmed wish is the second way in which an exclusion goes, beside the preference page, and only for the
exclusion that they made themselves: after a bounce, a complaint, an exclusion by hand or an erasure nothing is written
to the address, not even the mail with the link.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from mailer.errors import RefusedError
from mailer.i18n import marked
from mailer.model.people import EVERYTHING, SignupRequest, SubscriptionState, TrackingConsent
from mailer.store import Tx, consents, contacts, exclusions, signups, subscriptions
from mailer.tokens import random_text

#: The wording of the page that confirms; change it with its sentences (rules P7).
SIGNUP_WORDING = "signup-2026-11"
SIGNUP_SOURCE = "sign-up form"
_OVER = marked("This link is over. Fill in the form once more: you will get a new one.")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody typed; `topics` are among those that are offered, the address is in its normal form."""

    address: str
    topics: tuple[str, ...]
    language: str
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What the person read and ticked on the page behind the link, on which day, as people here count days."""

    shown: str
    accepts_measure: bool
    on: date


def ask(tx: Tx, wish: Wish, *, valid: timedelta, most: int, at: datetime) -> bool:
    """Keep the request; False, and nothing kept, after `most` of them about this address in a day."""
    if signups.count_recent(tx, wish.address, since=at - _DAY) >= most:
        return False
    signups.create(
        tx,
        SignupRequest(
            key=random_text(18),
            address=wish.address,
            topics=list(wish.topics),
            language=wish.language,
            organisation=wish.organisation,
            at=at,
            expires_at=at + valid,
            not_before=at,
        ),
    )
    return True


def open_topics(tx: Tx, request: SignupRequest, *, erased: str) -> list[str]:
    """Those of the topics asked for about which the address may be written to; `erased` is its mark of an erasure."""
    barred = exclusions.barred_scopes(tx, [request.address, erased])
    return [] if EVERYTHING in barred else [topic for topic in request.topics if topic not in barred]


def get_request(tx: Tx, key: str, *, at: datetime) -> SignupRequest:
    """The request behind a link; raises RefusedError once it is over."""
    found = signups.find(tx, key)
    if found is None or found.expires_at <= at:
        raise RefusedError(_OVER)
    return found


def confirm(
    tx: Tx, key: str, confirmation: Confirmation, *, known: Iterable[str], erased: str, at: datetime
) -> Sequence[str]:
    """Subscribe whoever clicked to what they had asked for, with the proof; the topics. Safe to repeat.

    Raises RefusedError for a link that is over, or an address that must not be written to; also for a second click by
    somebody who has left everything since: the first one was their wish, and so was leaving.
    """
    request = get_request(tx, key, at=at)
    topics = open_topics(tx, request, erased=erased)
    if not topics:
        raise RefusedError(
            "We cannot write to this address: letters to it came back, or somebody asked us not to. Write to us."
        )
    if not signups.confirm(tx, key, at=at):
        return _still_subscribed(tx, request, topics)
    exclusions.recall(tx, request.address, erased)
    contact_id = contacts.find_or_create(
        tx,
        request.address,
        language=request.language,
        source=SIGNUP_SOURCE,
        organisation=request.organisation,
        on=confirmation.on,
        at=at,
    )
    for topic in topics:
        _subscribe(tx, request, contact_id, topic, confirmation.shown, known, at)
    if confirmation.accepts_measure:
        consents.record(
            tx,
            contact_id,
            state=TrackingConsent.GRANTED,
            at=at,
            source=SIGNUP_SOURCE,
            wording=SIGNUP_WORDING,
        )
    return topics


def _still_subscribed(tx: Tx, request: SignupRequest, topics: Sequence[str]) -> list[str]:
    """Of what was confirmed before, that which the person has not left since."""
    left = exclusions.unsubscribed_scopes(tx, request.address)
    held = subscriptions.topics_of(tx, request.address)
    still = [each for each in topics if each in held and not left & {each, EVERYTHING}]
    if not still:
        raise RefusedError(_OVER)
    return still


def _subscribe(
    tx: Tx,
    request: SignupRequest,
    contact_id: int,
    topic: str,
    shown: str,
    known: Iterable[str],
    at: datetime,
) -> None:
    exclusions.lift_own(tx, address=request.address, topic=topic, known=known, at=at, source=SIGNUP_SOURCE)
    subscriptions.set_state(
        tx,
        contact_id=contact_id,
        topic=topic,
        state=SubscriptionState.SUBSCRIBED,
        again=True,
        at=at,
        source=SIGNUP_SOURCE,
        evidence=f"{SIGNUP_WORDING} ({request.language}), asked {request.at:%Y-%m-%d %H:%M} UTC, link of the mail: {shown}",
    )
