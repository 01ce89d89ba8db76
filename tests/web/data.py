"""Rows of a send that is under way or over, written through the store."""

from datetime import timedelta

from mailer.app import Mailer
from mailer.model.columns import table
from mailer.model.events import ClickCount, OpenCount
from mailer.model.ledger import Attempt, Delivery, DeliveryState, Outcome, Send, SendState
from mailer.store import Tx
from tests.conftest import NOW

PEOPLE = 120
OPENED = (30, 20, 10, 0, 5)


def add_send(
    mailer: Mailer,
    ref: str = "flash/2026-06-11",
    *,
    state: SendState = SendState.DONE,
    at: str = "2026-06-11 10:00",
    hours_ago: int = 5,
    **columns: object,
) -> Send:
    """Scheduled for real, then given deliveries, openings per hour and clicks; `columns` are set as they are."""
    send = mailer.departures.schedule(ref, by="claude@reseau.example", at=at)
    assert send.id is not None
    with mailer.store.write() as tx:
        _add_deliveries(tx, mailer, send.id, done=PEOPLE if state is SendState.DONE else PEOPLE // 2)
        _add_openings(tx, send.id)
        sends = table(Send)
        changed = {"state": state.value, "planned": PEOPLE, "started_at": NOW - timedelta(hours=hours_ago)}
        known = {"left_out": {"unsubscribed": 3}, "cohorts": [""]}
        tx.execute(sends.update().where(sends.c.id == send.id).values({**changed, **known, **columns}))
    return send


def _add_deliveries(tx: Tx, mailer: Mailer, send_id: int, *, done: int) -> None:
    rows = [
        {
            "send_id": send_id,
            "contact_id": number,
            "address": f"personne.{number}@commune.example",
            "members_only": False,
            "state": (DeliveryState.ACCEPTED if number < done else DeliveryState.PLANNED).value,
            "epoch": 0,
            "owner": "",
            "attempts": 1,
            "key": mailer.signer.delivery_key(send_id, number),
            "request_hash": "",
            "reason": "",
            "outcome": Outcome.DELIVERED.value if number < done else None,
            "merge": {},
            "language": "fr",
            "measured": True,
            "tracked": True,
            "cohort": 0,
        }
        for number in range(PEOPLE)
    ]
    rows[0] |= {"state": DeliveryState.REFUSED.value, "reason": "hard_bounce", "outcome": None}
    tx.execute(table(Delivery).insert(), rows)


def _add_openings(tx: Tx, send_id: int) -> None:
    hours = [
        {"send_id": send_id, "cohort": 0, "hour": hour, "loaded": count + 2, "high": count, "low": count // 2}
        for hour, count in enumerate(OPENED)
    ]
    tx.execute(table(OpenCount).insert(), hours)
    tx.execute(table(ClickCount).insert(), [{"send_id": send_id, "link": 0, "clicks": 7}])


def add_attempts(mailer: Mailer, send_id: int, *, seconds_ago: list[float], answered: bool = True) -> None:
    """One attempt of one of its deliveries, begun and answered so many seconds ago, for each number; the oldest first."""
    with mailer.store.write() as tx:
        rows = table(Delivery)
        ids = [row.id for row in tx.execute(rows.select().where(rows.c.send_id == send_id))]
        for number, ago in enumerate(seconds_ago):
            at = mailer.clock.now() - timedelta(seconds=ago)
            values = {
                "delivery_id": ids[number],
                "n": 2,
                "epoch": 1,
                "started_at": at,
                "outcome": "",
                "code": "",
            }
            ended = at if answered else None
            tx.execute(table(Attempt).insert().values(**values, evidence="", ended_at=ended))


def doubt(mailer: Mailer, send_id: int, count: int, *, reason: str, minutes_ago: int = 0) -> None:
    """So many deliveries that were still to hand over are in doubt for this reason."""
    rows = table(Delivery)
    since = mailer.clock.now() - timedelta(minutes=minutes_ago)
    values = {"state": DeliveryState.IN_DOUBT.value, "reason": reason, "in_doubt_since": since}
    with mailer.store.write() as tx:
        waiting = rows.select().where(rows.c.send_id == send_id, rows.c.state == DeliveryState.PLANNED.value)
        ids = [row.id for row in tx.execute(waiting.order_by(rows.c.id).limit(count))]
        tx.execute(rows.update().where(rows.c.id.in_(ids)).values(values))
