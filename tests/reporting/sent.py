"""A send with as many deliveries of each sort as a test names, written as the sender leaves them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from mailer import reporting
from mailer.model.columns import table
from mailer.model.events import ClickCount, Event, OpenCount
from mailer.model.ledger import Delivery, Send, SendState, Snapshot
from mailer.model.mail import Kind
from mailer.model.report import Report
from mailer.store import Store, Tx

#: A Thursday, 09:00 in Paris.
BEGAN = datetime(2026, 6, 11, 7, 0, tzinfo=UTC)
LINKS = ["https://reseau.example/agenda", "https://reseau.example/appel"]


@dataclass
class Sent:
    """`add` deliveries, opens and reports, then ask for the `report`."""

    store: Store
    tracking: str = "consented"
    cohorts: list[str] = field(default_factory=lambda: ["autres"])
    public_id: str = "0102030405060708"
    campaign: str = "flash"
    issue: str = "2026-06-11"
    title: str = "Le Flash"
    erratum_of: str = ""
    began: datetime = BEGAN
    state: SendState = SendState.DONE
    send_id: int = 0
    _numbers: Any = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        with self.store.write() as tx:
            snapshot_id = _insert(tx, self._snapshot())
            self.send_id = _insert(tx, self._send(snapshot_id))

    def add(self, number: int, state: str = "accepted", **facts: Any) -> list[int]:
        """So many deliveries alike; gives their ids."""
        with self.store.write() as tx:
            ids = [_insert(tx, self._delivery(next(self._numbers), state, facts)) for _ in range(number)]
            sends = table(Send)
            planned = {"planned": sends.c.planned + number}
            tx.execute(sends.update().where(sends.c.id == self.send_id).values(planned))
        return ids

    def opened(
        self, *, high: int, low: int = 0, loaded: int | None = None, hour: int = 0, cohort: int = 0
    ) -> None:
        levels = {"loaded": high if loaded is None else loaded, "high": high, "low": low}
        with self.store.write() as tx:
            _insert(tx, OpenCount(send_id=self.send_id, cohort=cohort, hour=hour, **levels))

    def clicked(self, link: int, clicks: int) -> None:
        with self.store.write() as tx:
            _insert(tx, ClickCount(send_id=self.send_id, link=link, clicks=clicks))

    def left(self, delivery_id: int, *, by: str = "relais") -> None:
        values = {"provider": by, "provider_event_id": f"left:{delivery_id}", "kind": Kind.UNSUBSCRIBE.value}
        with self.store.write() as tx:
            _insert(tx, Event(**values, at=BEGAN, send_id=self.send_id, delivery_id=delivery_id))

    @property
    def report(self) -> Report:
        with self.store.read() as tx:
            return reporting.report(tx, self.send_id, at=BEGAN)

    def _snapshot(self) -> Snapshot:
        return Snapshot(
            campaign=self.campaign, issue=self.issue, erratum_of=self.erratum_of, number=47, title=self.title, subject="Agenda de juin", html="",
            text="", links=LINKS, link_labels=["L’agenda", ""], topic="flash", segment="{}", tracking=self.tracking,
            sender_name="Réseau", sender_address="lettre@reseau.example", content_hash="0", frozen_at=BEGAN,
        )  # fmt: skip

    def _send(self, snapshot_id: int) -> Send:
        return Send(
            snapshot_id=snapshot_id, campaign=self.campaign, issue=self.issue, state=self.state, send_at=self.began,
            content_hash="0", tracking=self.tracking, public_id=self.public_id, cohorts=self.cohorts,
            left_out={"not_subscribed": 5}, created_at=self.began, started_at=self.began,
        )  # fmt: skip

    def _delivery(self, number: int, state: str, facts: dict[str, Any]) -> Delivery:
        address = f"p{number}@ville.example"
        own = {
            "send_id": self.send_id,
            "contact_id": number,
            "address": address,
            "key": f"{self.public_id}{number:010}",
        }
        return Delivery(**{**own, "state": state, "measured": self.tracking != "none", **facts})


def _insert(tx: Tx, record: Any) -> int:
    rows = table(type(record))
    values = {name: value for name, value in record.model_dump().items() if name != "id"}
    key = tx.execute(rows.insert().values(**values)).inserted_primary_key
    return int(key[0])
