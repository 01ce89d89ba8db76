"""How many mails people get: which sends each person of an audience stands in.

Each send is one bit. People with the same bits are one number of the answer; on the way there a ledger is one text of
its people's numbers: a million rows would take seconds to be handed over one by one.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, String, and_, cast, func, or_, select

from mailer.model.columns import table
from mailer.model.ledger import TAKEN, Delivery, DeliveryState, Send, SendState
from mailer.store.engine import Tx
from mailer.store.rows import all_of

send = table(Send)
delivery = table(Delivery)
#: So many sends have a bit of their own in a number of both databases.
MOST_SENDS = 60
_NEVER = (DeliveryState.REFUSED, DeliveryState.EXCLUDED, DeliveryState.CANCELLED)


def sends_between(tx: Tx, since: datetime, until: datetime) -> list[Send]:
    """What left, leaves or waits with an hour in that time, the earliest first; of very many only the first.

    What was cancelled on its way counts as well: some people have it.
    """
    begun = and_(send.c.state == SendState.CANCELLED.value, send.c.started_at.isnot(None))
    counts = or_(send.c.state.in_([each.value for each in TAKEN]), begun)
    # What was missed and goes on later arrives later.
    leaves_at = func.coalesce(send.c.started_at, send.c.send_at)
    found = select(send).where(counts, leaves_at >= since, leaves_at < until)
    return all_of(tx, Send, found.order_by(leaves_at, send.c.id).limit(MOST_SENDS))


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
    bits = dict.fromkeys(audience, 0)
    for send_id, place in ledgers.items():
        _mark(bits, _holders(tx, send_id), 1 << place)
    for place, people in planned.items():
        _mark(bits, people, 1 << place)
    return dict(Counter(bits.values()))


def _mark(bits: dict[int, int], people: Iterable[int], bit: int) -> None:
    for each in people:
        if each in bits:
            bits[each] |= bit


def _holders(tx: Tx, send_id: int) -> list[int]:
    """The contacts of this ledger; who was erased or merged since has a negative number."""
    listed = func.aggregate_strings(cast(delivery.c.contact_id, String), ",")
    found = _copies([send_id]).with_only_columns(listed)
    people: list[int] = json.loads(f"[{tx.execute(found).scalar_one() or ''}]")
    return people


def _copies(send_ids: Sequence[int]) -> Select[Any]:
    """The sends of copies that arrive or may; what never does is looked up in the index of states, and is little."""
    never = select(delivery.c.id).where(
        delivery.c.send_id.in_(send_ids), delivery.c.state.in_([each.value for each in _NEVER])
    )
    return select(delivery.c.send_id).where(delivery.c.send_id.in_(send_ids), delivery.c.id.not_in(never))
