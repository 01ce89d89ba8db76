"""A small ledger made by hand: people, one frozen letter, sends and deliveries, as the sender leaves them."""

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from sqlalchemy import insert

from mailer.model.columns import table
from mailer.model.ledger import Delivery, DeliveryState, Send, SendSecret, SendState, Snapshot
from mailer.model.people import Contact, Subscription, SubscriptionState, TrackingConsent
from mailer.store import Store, deliveries, sends
from mailer.tokens import Purpose, Signer

LINKS = ["https://reseau.example/agenda", "https://reseau.example/appel", "https://reseau.example/bilan"]
SECRET = bytes(range(32))


@dataclass
class Ledger:
    """Rows as they are an hour after a send began, unless told otherwise."""

    store: Store
    signer: Signer
    now: datetime
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def contact(
        self, address: str = "alix@ville.example", *, tracking: TrackingConsent = TrackingConsent.GRANTED
    ) -> int:
        values = {
            "address": address,
            "tracking": tracking.value,
            "created_at": self.now,
            "updated_at": self.now,
        }
        return self._insert(table(Contact), Contact(**values))

    def subscribe(self, contact_id: int, topic: str = "flash") -> None:
        state = SubscriptionState.SUBSCRIBED.value
        self._insert(
            table(Subscription), Subscription(contact_id=contact_id, topic=topic, state=state, at=self.now)
        )

    def send(self, tracking: str = "consented", *, html: str = "<p>Bonjour</p>") -> Send:
        number = next(self.numbers)
        snapshot_id = self._insert(
            table(Snapshot),
            Snapshot(
                campaign="flash",
                issue=f"n{number}",
                subject="Agenda",
                html=html,
                text="Bonjour",
                links=LINKS,
                topic="flash",
                segment="{}",
                tracking=tracking,
                sender_name="Réseau",
                sender_address="lettre@reseau.example",
                content_hash=f"hash{number}",
                frozen_at=self.now,
            ),
        )
        began = self.now - timedelta(hours=1)
        new = Send(
            snapshot_id=snapshot_id,
            campaign="flash",
            issue=f"n{number}",
            state=SendState.SENDING,
            send_at=began,
            content_hash=f"hash{number}",
            tracking=tracking,
            public_id=number.to_bytes(8, "big").hex(),
            cohorts=["villes", "autres"],
            created_at=began,
            started_at=began,
            handed_over_at=began,
        )
        send_id = self._insert(table(Send), new)
        if tracking == "anonymous":
            with self.store.write() as tx:
                tx.execute(table(SendSecret).insert().values(send_id=send_id, secret=SECRET))
        return self.read_send(send_id)

    def deliver(
        self,
        send: Send,
        contact_id: int,
        address: str = "alix@ville.example",
        *,
        state: DeliveryState = DeliveryState.ACCEPTED,
        cohort: int = 0,
    ) -> Delivery:
        assert send.id is not None
        new = Delivery(
            send_id=send.id,
            contact_id=contact_id,
            address=address,
            state=state,
            key=self.signer.delivery_key(send.id, contact_id),
            concluded_at=self.now - timedelta(hours=1) if state is DeliveryState.ACCEPTED else None,
            provider_ref=f"ref-{send.id}-{contact_id}" if state is DeliveryState.ACCEPTED else None,
            attempts=1,
            first_attempt_at=self.now - timedelta(hours=1),
            measured=send.tracking != "none",
            tracked=send.tracking == "consented",
            cohort=cohort,
        )
        self._insert(table(Delivery), new)
        return self.delivery(new.key)

    def delivery(self, key: str) -> Delivery:
        with self.store.read() as tx:
            found = deliveries.find_by_key(tx, key)
        assert found is not None
        return found

    def read_send(self, send_id: int) -> Send:
        with self.store.read() as tx:
            return sends.get(tx, send_id)

    def pixel(self, send: Send, delivery: Delivery) -> str:
        """The token that the copy carries (mailer.sending.copies)."""
        payload = delivery.key.encode()
        if send.tracking == "anonymous":
            digest = hmac.digest(SECRET, payload, hashlib.sha256)[:12]
            payload = bytes.fromhex(send.public_id) + bytes([delivery.cohort]) + digest
        return self.signer.sign(Purpose.OPEN, payload)

    def link(self, delivery: Delivery, number: int) -> str:
        return self.signer.sign(Purpose.CLICK, delivery.key.encode() + b"|%d" % number)

    def _insert(self, rows, record) -> int:  # type: ignore[no-untyped-def]
        with self.store.write() as tx:
            key = tx.execute(insert(rows).values(**record.model_dump(exclude={"id"}))).inserted_primary_key
        return int(key[0])
