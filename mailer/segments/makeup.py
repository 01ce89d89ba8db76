"""Who an audience is made of, which members it misses, and who asks for it without being a member."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, exists, false, func, select

from mailer.model.people import EVERYTHING
from mailer.model.segment import Segment
from mailer.segments import compiler
from mailer.segments.audience import exclusion
from mailer.segments.fields import (
    contact,
    member_exists,
    membership,
    organisation,
    subscribed,
    valid_membership,
)
from mailer.store import Tx

_JOINED = contact.outerjoin(organisation, organisation.c.id == contact.c.organisation_id)


@dataclass(frozen=True, slots=True)
class Known:
    """One person as the officer's lists show them."""

    address: str
    name: str
    job: str
    organisation: str
    kind: str


@dataclass(frozen=True, slots=True)
class Missed:
    """A member that the audience does not reach, and whom we know there."""

    name: str
    kind: str
    departement: str
    people: tuple[Known, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many of the day's members have somebody in the audience; `missed` are the others, by name."""

    members: int
    missed: tuple[Missed, ...]

    @property
    def reached(self) -> int:
        return self.members - len(self.missed)


@dataclass(frozen=True, slots=True)
class Makeup:
    """Counts of people by what their organisation is; people without one count under the empty text."""

    kinds: Mapping[str, int] = field(default_factory=dict)
    regions: Mapping[str, int] = field(default_factory=dict)


def makeup(tx: Tx, contact_ids: Collection[int]) -> Makeup:
    """The people counted by kind and region of their organisation, the most first."""
    chosen = frozenset(contact_ids)
    kinds: Counter[str] = Counter()
    regions: Counter[str] = Counter()
    found = select(contact.c.id, organisation.c.kind, organisation.c.region).select_from(_JOINED)
    for contact_id, kind, region in tx.execute(found):
        if contact_id in chosen:
            kinds[kind or ""] += 1
            regions[region or ""] += 1
    return Makeup(dict(kinds.most_common()), dict(regions.most_common()))


def people(tx: Tx, contact_ids: Sequence[int]) -> list[Known]:
    """These contacts, a page of them, in the order of their names."""
    found = _people().where(contact.c.id.in_(list(contact_ids)))
    return [_known(row) for row in tx.execute(found.order_by(contact.c.last_name, contact.c.first_name))]


def coverage(tx: Tx, contact_ids: Collection[int], *, day: date) -> Coverage:
    """Which of the day's members the audience reaches."""
    chosen = frozenset(contact_ids)
    belongs = select(contact.c.id, contact.c.organisation_id).where(contact.c.organisation_id.isnot(None))
    reached = {row.organisation_id for row in tx.execute(belongs) if row.id in chosen}
    held = and_(membership.c.organisation_id == organisation.c.id, valid_membership(day))
    members = select(organisation).where(exists().where(held)).order_by(organisation.c.name)
    rows = list(tx.execute(members))
    missed = [row for row in rows if row.id not in reached]
    known = _by_organisation(tx, [row.id for row in missed])
    return Coverage(
        members=len(rows),
        missed=tuple(Missed(row.name, row.kind, row.departement, tuple(known[row.id])) for row in missed),
    )


def not_members(tx: Tx, segment: Segment, *, topic: str, day: date, limit: int) -> tuple[int, list[Known]]:
    """Who is subscribed and fits the rule of a members' audience but is no member: the count, and the first of them.

    Excluded people are not among them, nor those who asked for a pause: nobody may write to them.
    """
    if not segment.members_only:
        return 0, []
    asks = _asks_in_vain(segment, topic, day)
    count = tx.execute(select(func.count()).select_from(_JOINED).where(asks)).scalar_one()
    found = _people().where(asks).order_by(organisation.c.name, contact.c.last_name).limit(limit)
    return int(count), [_known(row) for row in tx.execute(found)]


def _asks_in_vain(segment: Segment, topic: str, day: date) -> ColumnElement[bool]:
    excluded = exists().where(
        exclusion.c.address == contact.c.address, exclusion.c.scope.in_((EVERYTHING, topic))
    )
    rule = func.coalesce(compiler.condition(segment, day), false())
    paused = func.coalesce(contact.c.paused_until > day, false())
    return and_(subscribed(topic), rule, ~member_exists(day), ~excluded, ~paused)


def _by_organisation(tx: Tx, ids: Sequence[int]) -> dict[int, list[Known]]:
    """The people of these organisations whom nothing forbids to call."""
    known: dict[int, list[Known]] = defaultdict(list)
    wanted = frozenset(ids)
    everything = exists().where(exclusion.c.address == contact.c.address, exclusion.c.scope == EVERYTHING)
    found = _people().where(contact.c.organisation_id.isnot(None), ~everything)
    for row in tx.execute(found.order_by(contact.c.last_name)) if wanted else ():
        if row.organisation_id in wanted:
            known[row.organisation_id].append(_known(row))
    return known


def _people() -> Select[Any]:
    columns = ("address", "first_name", "last_name", "job", "organisation_id")
    named = (organisation.c.name.label("body"), organisation.c.kind)
    return select(*(contact.c[name] for name in columns), *named).select_from(_JOINED)


def _known(row: Row[Any]) -> Known:
    name = f"{row.first_name} {row.last_name}".strip()
    return Known(row.address, name, row.job, row.body or "", row.kind or "")
