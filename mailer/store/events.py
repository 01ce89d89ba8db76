"""What happened to deliveries: each report once."""

from datetime import datetime

from sqlalchemy import ColumnElement, String, and_, cast, exists, func, literal, or_, select

from mailer.model.columns import table
from mailer.model.events import Event
from mailer.model.ledger import Delivery
from mailer.model.mail import Kind
from mailer.store.engine import Tx
from mailer.store.upserts import insert_new

event = table(Event)
delivery = table(Delivery)
later = event.alias("later")


def add(
    tx: Tx,
    *,
    provider: str,
    dedupe: str,
    kind: Kind,
    at: datetime,
    about: Delivery,
    smtp_code: str = "",
    detail: str = "",
) -> bool:
    """Record one report about one delivery; whether it was new."""
    values = {
        "provider": provider,
        "provider_event_id": dedupe,
        "kind": kind.value,
        "at": at,
        "send_id": about.send_id,
        "delivery_id": about.id,
        "smtp_code": smtp_code[:16],
        "detail": detail[:250],
    }
    return insert_new(tx, event, values)


def sends_with(tx: Tx, *, address: str, kind: Kind) -> int:
    """In how many different sends this address had such a report."""
    joined = event.join(delivery, delivery.c.id == event.c.delivery_id)
    counted = select(func.count(func.distinct(event.c.send_id))).select_from(joined)
    return int(
        tx.execute(counted.where(delivery.c.address == address, event.c.kind == kind.value)).scalar_one()
    )


def sends_told_of(tx: Tx, kind: Kind) -> set[int]:
    """The sends about which such a report came; reports are kept for a while only, see `purge`."""
    found = select(event.c.send_id).where(event.c.kind == kind.value, event.c.send_id.isnot(None)).distinct()
    return set(tx.execute(found).scalars())


def purge(tx: Tx, *, before: datetime) -> None:
    """Drop older reports. Of an unsubscription the count stays, without the delivery: the report's sum is kept.

    Of several about one delivery, told by the provider and by us, the last one stays: nameless, each would count.
    """
    left = event.c.kind == Kind.UNSUBSCRIBE.value
    tx.execute(event.delete().where(event.c.at < before, left, _is_told_later()))
    nameless = {"delivery_id": None, "provider_event_id": literal("forgotten:") + cast(event.c.id, String)}
    tx.execute(event.delete().where(event.c.at < before, ~left))
    tx.execute(
        event.update().where(event.c.at < before, left, event.c.delivery_id.isnot(None)).values(nameless)
    )


def _is_told_later() -> ColumnElement[bool]:
    """Another report says the same of the same delivery, at a later instant."""
    same = and_(later.c.delivery_id == event.c.delivery_id, later.c.kind == event.c.kind)
    follows = or_(later.c.at > event.c.at, and_(later.c.at == event.c.at, later.c.id > event.c.id))
    return exists(select(later.c.id).where(same, follows).correlate(event))
