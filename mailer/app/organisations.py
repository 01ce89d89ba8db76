"""Organisations at the desk: the list, one of them, and its periods of membership."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from mailer.app import local_days
from mailer.app.mailer import Mailer
from mailer.errors import NotFoundError, RefusedError
from mailer.i18n import marked
from mailer.store import Tx, acts, mandates, organisation_pages
from mailer.store.organisation_pages import Listed

_PER_PAGE = 50
_MOST_PEOPLE = 200
_OVER = marked("Another period of membership covers these days. End that one first.")


@dataclass(frozen=True, slots=True)
class Found:
    """One page of the list; `number` counts from 1."""

    organisations: tuple[Listed, ...]
    number: int
    has_more: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """One organisation: its row, its periods (the latest first), its people."""

    row: Any
    periods: Sequence[Any]
    people: Sequence[Any]
    #: Functions that end or have ended, with who follows.
    functions: Sequence[Any]
    today: date


def search(mailer: Mailer, words: str, *, kind: str = "", page: int = 1) -> Found:
    with mailer.store.read() as tx:
        rows = organisation_pages.listed(
            tx,
            words.strip(),
            kind=kind,
            day=local_days.today(mailer),
            limit=_PER_PAGE + 1,
            first=(page - 1) * _PER_PAGE,
        )
    return Found(tuple(rows[:_PER_PAGE]), page, has_more=len(rows) > _PER_PAGE)


def view(mailer: Mailer, organisation_id: int) -> Shown:
    """Raises NotFoundError."""
    with mailer.store.read() as tx:
        row = organisation_pages.find(tx, organisation_id)
        if row is None:
            raise NotFoundError("There is no organisation {number}.", number=organisation_id)
        return Shown(
            row,
            organisation_pages.periods(tx, organisation_id),
            organisation_pages.people(tx, organisation_id, limit=_MOST_PEOPLE),
            mandates.of_organisation(tx, organisation_id),
            local_days.today(mailer),
        )


def begin_membership(
    mailer: Mailer, organisation_id: int, *, from_on: str, until_on: str = "", by: str
) -> None:
    """A new period; raises RefusedError for days that are none, and for one over another."""
    first, last = local_days.written(from_on), local_days.written(until_on) if until_on else None
    if last is not None and last < first:
        raise RefusedError("The membership ends before it begins.")
    view(mailer, organisation_id)
    at = mailer.clock.now()
    with mailer.store.write() as tx:
        organisation_pages.touch(tx, organisation_id, at=at)
        if organisation_pages.overlaps(tx, organisation_id, from_on=first, until_on=last):
            raise RefusedError(_OVER)
        organisation_pages.add_period(tx, organisation_id, from_on=first, until_on=last)
        acts.record(tx, at=at, by=by, act="begin-membership", object=str(organisation_id), detail=from_on)


def end_membership(mailer: Mailer, organisation_id: int, period_id: int, *, until_on: str, by: str) -> None:
    """The last day on which the membership holds; raises RefusedError for one before the first."""
    last, at = local_days.written(until_on), mailer.clock.now()
    with mailer.store.write() as tx:
        organisation_pages.touch(tx, organisation_id, at=at)
        _require_free(tx, organisation_id, period_id, last)
        if not organisation_pages.end_period(tx, organisation_id, period_id, until_on=last):
            raise RefusedError("The membership ends before it begins.")
        acts.record(tx, at=at, by=by, act="end-membership", object=str(organisation_id), detail=until_on)


def _require_free(tx: Tx, organisation_id: int, period_id: int, last: date) -> None:
    """Raise RefusedError where a later last day would reach into another period."""
    periods = organisation_pages.periods(tx, organisation_id)
    longer = [each for each in periods if each.id == period_id and each.until_on and last > each.until_on]
    for each in longer:
        if organisation_pages.overlaps(
            tx, organisation_id, from_on=each.from_on, until_on=last, besides=period_id
        ):
            raise RefusedError(_OVER)
