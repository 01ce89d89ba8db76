"""How many mails people get: which sends each person of an audience stands in, counted by statements over all of them.

Each send is one bit; people with the same bits are one row of the answer, so that a million of them are a few numbers.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    MetaData,
    Select,
    Table,
    and_,
    case,
    func,
    or_,
    select,
    union_all,
)

from mailer.model.columns import table
from mailer.model.ledger import TAKEN, Delivery, DeliveryState, Send, SendState
from mailer.store.engine import Tx
from mailer.store.rows import all_of
from mailer.store.upserts import insert_tuples

send = table(Send)
delivery = table(Delivery)
#: So many sends have a bit of their own in a number of both databases.
MOST_SENDS = 60
_NEVER = (DeliveryState.REFUSED, DeliveryState.EXCLUDED, DeliveryState.CANCELLED)

#: The audience with bit 0, and who stands in sends that have no ledger yet with the bit of the send.
stage = Table(
    "pressure_stage",
    MetaData(),
    Column("contact_id", Integer, nullable=False),
    Column("bit", BigInteger, nullable=False),
    prefixes=["TEMPORARY"],
)


def sends_between(tx: Tx, since: datetime, until: datetime) -> list[Send]:
    """What left, leaves or waits with an hour in that time, the earliest first; of very many only the first.

    What was cancelled on its way counts as well: some people have it.
    """
    begun = and_(send.c.state == SendState.CANCELLED.value, send.c.started_at.isnot(None))
    counts = or_(send.c.state.in_([each.value for each in TAKEN]), begun)
    found = select(send).where(counts, send.c.send_at >= since, send.c.send_at < until)
    return all_of(tx, Send, found.order_by(send.c.send_at, send.c.id).limit(MOST_SENDS))


def of_person(tx: Tx, contact_id: int, send_ids: Sequence[int]) -> set[int]:
    """Of these sends with a ledger, those that this person got, or will get."""
    return set(tx.execute(_copies(send_ids).where(delivery.c.contact_id == contact_id)).scalars())


def patterns(
    tx: Tx,
    audience: Collection[int],
    *,
    ledgers: Mapping[int, int],
    planned: Mapping[int, Collection[int]],
) -> dict[int, int]:
    """Bits -> how many people of the audience stand in exactly these sends.

    `ledgers` maps sends to their place; `planned` a place to the people of a send without a ledger.
    """
    stage.create(tx, checkfirst=False)
    insert_tuples(tx, stage, _rows(audience, planned))
    if tx.dialect.name == "postgresql":
        tx.exec_driver_sql("ANALYZE pressure_stage")
    mails: list[Select[Any]] = [select(stage.c.contact_id, stage.c.bit)]
    if ledgers:
        bits = case(
            *((delivery.c.send_id == send_id, 1 << place) for send_id, place in ledgers.items()), else_=0
        )
        mails.append(_copies(list(ledgers)).with_only_columns(delivery.c.contact_id, bits.label("bit")))
    each = union_all(*mails).subquery()
    person = select(func.sum(each.c.bit).label("bits")).group_by(each.c.contact_id)
    people = person.having(func.min(each.c.bit) == 0).subquery()
    counted = select(people.c.bits, func.count()).group_by(people.c.bits)
    found = {int(bits): int(count) for bits, count in tx.execute(counted)}
    # Not in a `finally`: after an error the caller's transaction is undone, and the table with it.
    stage.drop(tx, checkfirst=False)
    return found


def _rows(audience: Iterable[int], planned: Mapping[int, Collection[int]]) -> Iterator[tuple[int, int]]:
    yield from ((contact_id, 0) for contact_id in audience)
    for place, people in planned.items():
        yield from ((contact_id, 1 << place) for contact_id in people)


def _copies(send_ids: Sequence[int]) -> Select[Any]:
    """The sends of copies that arrive or may; what never does is looked up in the index of states, and is little."""
    never = select(delivery.c.id).where(
        delivery.c.send_id.in_(send_ids), delivery.c.state.in_([each.value for each in _NEVER])
    )
    return select(delivery.c.send_id).where(delivery.c.send_id.in_(send_ids), delivery.c.id.not_in(never))
