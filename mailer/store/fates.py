"""What became of the copies of sends, counted: each copy is looked at once, and is in exactly one count."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, String, cast, func, literal, null, select, union_all

from mailer.model.columns import table
from mailer.model.ledger import Delivery, DeliveryState, Outcome
from mailer.store.engine import Tx
from mailer.store.literals import spelled_out

delivery = table(Delivery)

#: States whose rows say why.
_REASONED = (DeliveryState.REFUSED.value, DeliveryState.EXCLUDED.value)


@dataclass(frozen=True, slots=True)
class DeliveryCount:
    """How many deliveries share these facts.

    `reason` is told of refused and excluded ones; outcome (None while nothing is known), pixel and cohort of accepted.
    """

    state: str
    outcome: str | None
    reason: str
    measured: bool
    cohort: int
    count: int

    @property
    def is_measured(self) -> bool:
        """Whether these copies are in the base of a rate: delivered, and with a pixel (rules O1, O3)."""
        return self.measured and self.state == DeliveryState.ACCEPTED and self.outcome != Outcome.BOUNCED


@dataclass(frozen=True, slots=True)
class Fates:
    """What became of one send's copies. `states` has every state; the others are of accepted copies only."""

    states: Mapping[str, int]
    bounced: int
    complained: int
    measured: int


def of(counted: Iterable[DeliveryCount]) -> Fates:
    """A refused copy has no fate: what is told of it later moves no figure of the statement."""
    states: Counter[str] = Counter()
    outcomes: Counter[str | None] = Counter()
    measured = 0
    for each in counted:
        states[each.state] += each.count
        if each.state == DeliveryState.ACCEPTED:
            outcomes[each.outcome] += each.count
        measured += each.count if each.is_measured else 0
    return Fates(states, outcomes[Outcome.BOUNCED.value], outcomes[Outcome.COMPLAINED.value], measured)


def count(tx: Tx, send_ids: Sequence[int]) -> dict[int, list[DeliveryCount]]:
    """Every delivery of these sends is in exactly one count of its send, at one moment.

    One statement, so that the sums are right while a send runs, in three parts that indexes answer: at a million
    deliveries the rows themselves take seconds.
    """
    of_sends = delivery.c.send_id.in_(send_ids)
    parts = (_accepted(of_sends), _with_reason(of_sends), _others(of_sends))
    found: defaultdict[int, list[DeliveryCount]] = defaultdict(list)
    for send_id, state, outcome, reason, measured, cohort, copies in tx.execute(union_all(*parts)):
        found[send_id].append(DeliveryCount(state, outcome, reason, bool(measured), cohort, copies))
    return {each: found[each] for each in send_ids}


def _accepted(of_sends: Any) -> Select[Any]:
    accepted = spelled_out(DeliveryState.ACCEPTED)
    facts = (delivery.c.send_id, delivery.c.outcome, delivery.c.measured, delivery.c.cohort)
    send_id, outcome, *others = facts
    state = literal(DeliveryState.ACCEPTED.value)
    counted = select(send_id, state, outcome, literal(""), *others, func.count())
    return counted.where(of_sends, delivery.c.state == accepted).group_by(*facts)


def _with_reason(of_sends: Any) -> Select[Any]:
    facts = (delivery.c.send_id, delivery.c.state, delivery.c.reason)
    send_id, state, reason = facts
    counted = select(send_id, state, cast(null(), String), reason, literal(False), literal(0), func.count())
    return counted.where(of_sends, state.in_(_REASONED)).group_by(*facts)


def _others(of_sends: Any) -> Select[Any]:
    told = {DeliveryState.ACCEPTED.value, *_REASONED}
    states = [each.value for each in DeliveryState if each.value not in told]
    facts = (delivery.c.send_id, delivery.c.state)
    counted = select(*facts, cast(null(), String), literal(""), literal(False), literal(0), func.count())
    return counted.where(of_sends, delivery.c.state.in_(states)).group_by(*facts)
