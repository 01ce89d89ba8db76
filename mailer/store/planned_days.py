"""Planned days of a rhythm: each thing is done for a day once, whichever scheduler comes first."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from mailer.model.columns import table
from mailer.model.planned import PlannedDay
from mailer.store.engine import Tx
from mailer.store.rows import all_of, first
from mailer.store.upserts import insert_new

planned = table(PlannedDay)


def find(tx: Tx, campaign: str, on: date) -> PlannedDay | None:
    return first(tx, PlannedDay, select(planned).where(_is(campaign, on)))


def prepared(tx: Tx) -> set[tuple[str, date]]:
    """Campaign and day of every day whose letter was prepared, whatever became of it since."""
    found = select(planned).where(planned.c.prepared_at.is_not(None))
    return {(each.campaign, each.planned_on) for each in all_of(tx, PlannedDay, found)}


def note_prepared(tx: Tx, campaign: str, on: date, *, issue: str, at: datetime) -> bool:
    """This letter is the one of that day; whether nobody had said so before."""
    return _note(tx, campaign, on, "prepared_at", issue=issue, prepared_at=at)


def note_reminded(tx: Tx, campaign: str, on: date, *, at: datetime) -> bool:
    """The writers are about to be reminded of that day; whether nobody had done it before."""
    return _note(tx, campaign, on, "reminded_at", reminded_at=at)


def _note(tx: Tx, campaign: str, on: date, once: str, **values: Any) -> bool:
    insert_new(tx, planned, {"campaign": campaign, "planned_on": on, "issue": ""})
    held = planned.update().where(_is(campaign, on), planned.c[once].is_(None))
    return tx.execute(held.values(**values)).rowcount == 1


def _is(campaign: str, on: date) -> Any:
    return (planned.c.campaign == campaign) & (planned.c.planned_on == on)
