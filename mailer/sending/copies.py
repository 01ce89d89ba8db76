"""One delivery as finished bytes: the frozen issue joined with the person's frozen values and own links."""

import hashlib
import hmac
from uuid import UUID

from mailer.addresses import domain
from mailer.model.ledger import Delivery, Send, Snapshot
from mailer.model.mail import Envelope, Links, Mailbox, Message, Person
from mailer.model.workspace import Tracking
from mailer.rendering import Copies
from mailer.settings import Settings
from mailer.tokens import Purpose, Signer


class CopyRoom:
    """Makes the copies of one send; prepared once, the same delivery gives the same bytes at every attempt."""

    def __init__(
        self, send: Send, snapshot: Snapshot, *, secret: bytearray, settings: Settings, signer: Signer
    ) -> None:
        """`secret` is that of an anonymous send, else empty; it is this room's, which overwrites it in `forget`."""
        self._send = send
        self._snapshot = snapshot
        self._signer = signer
        self._base_url = settings.base_url
        self._domain = settings.provider.domain or domain(snapshot.sender_address)
        self._secret = secret
        self._public_id = bytes.fromhex(send.public_id)
        # Of two subjects, each person has the one that the ledger says.
        self._copies = {
            second: Copies.of(snapshot, second=second, day=send.day) for second in _subjects(snapshot)
        }

    def forget(self) -> None:
        """No more copies: the secret is overwritten, wherever else this room is still held."""
        self._secret[:] = bytes(len(self._secret))
        self._secret.clear()

    def message(self, delivery: Delivery) -> Message:
        """The whole message of one delivery."""
        person = Person(address=delivery.address, **delivery.merge)
        links = self._links(delivery)
        return self._copies[delivery.second_subject].message(
            person, links, self._envelope(delivery, links), tag=f"{self._send.campaign}-{self._send.id}"
        )

    def _links(self, delivery: Delivery) -> Links:
        key = delivery.key.encode()
        tracked = None
        if delivery.tracked:
            numbers = range(len(self._snapshot.links))
            tracked = tuple(self._url(Purpose.CLICK, key + b"|%d" % number) for number in numbers)
        return Links(
            unsubscribe=self._url(Purpose.UNSUBSCRIBE, key),
            preferences=self._url(Purpose.PREFERENCES, key),
            view=self._url(Purpose.VIEW, key),
            consent_yes=self._url(Purpose.CONSENT_YES, key),
            consent_no=self._url(Purpose.CONSENT_NO, key),
            pixel=self._url(Purpose.OPEN, self._pixel(delivery)) + ".gif" if delivery.measured else None,
            tracked=tracked,
        )

    def _pixel(self, delivery: Delivery) -> bytes:
        """`consented`: the delivery's key. `anonymous`: nothing that anybody can tie to a person once the secret is gone."""
        if self._send.tracking == Tracking.CONSENTED:
            return delivery.key.encode()
        assert self._secret, "without its secret the tokens of an anonymous send would name people"
        digest = hmac.digest(self._secret, delivery.key.encode(), hashlib.sha256)[:12]
        return self._public_id + bytes([delivery.cohort]) + digest

    def _url(self, purpose: Purpose, payload: bytes) -> str:
        return self._signer.url(self._base_url, purpose, payload)

    def _envelope(self, delivery: Delivery, links: Links) -> Envelope:
        snapshot = self._snapshot
        sender_domain = domain(snapshot.sender_address)
        name = " ".join(
            part for part in (delivery.merge.get("first_name"), delivery.merge.get("last_name")) if part
        )
        return Envelope(
            key=delivery.key,
            domain=self._domain,
            sender=Mailbox(snapshot.sender_name, snapshot.sender_address),
            to=Mailbox(name, delivery.address),
            reply_to=snapshot.reply_to,
            # Fixed for all attempts; an issue frozen on Monday for Thursday must not look three days old.
            date=self._send.started_at or snapshot.frozen_at,
            list_name=snapshot.title,
            list_id=f"{snapshot.campaign}.{sender_domain}",
            feedback_id=f"{self._send.id}:{snapshot.campaign}:relais:{sender_domain.partition('.')[0]}",
            unsubscribe_url=links.unsubscribe,
            unsubscribe_mailto=snapshot.reply_to or snapshot.sender_address,
        )


def _subjects(snapshot: Snapshot) -> tuple[bool, ...]:
    return (False, True) if snapshot.second_subject else (False,)


def request_hash(message: Message) -> str:
    """What an attempt's bytes must repeat (I7)."""
    return hashlib.sha256(message.mime).hexdigest()


def attempt_key(delivery: Delivery, *, n: int) -> UUID:
    """What a provider may deduplicate this attempt by; `n` is the first attempt that it repeats, or its own number.

    After a certain refusal it is a new one: a provider that remembers the key of a call it refused would take the next
    call for a repetition, and the person would get nothing.
    """
    return UUID(bytes=hashlib.sha256(f"{delivery.key}|{n}".encode()).digest()[:16], version=4)
