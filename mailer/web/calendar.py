"""The calendar: a month of all campaigns, with holidays, planned days, and letters that reach the same people."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from fastapi import APIRouter, Request
from fastapi.responses import Response

from mailer.app import IssueSummary, almanac
from mailer.app.collisions import Collision, Collisions
from mailer.app.school_years import SchoolYears, school_years
from mailer.app.slots import Slot
from mailer.clock import local_date
from mailer.web import month
from mailer.web.pages import page
from mailer.web.visits import Visit, Visiting

router = APIRouter(prefix="/calendrier")

#: States in which a letter can be given another day.
MOVABLE = frozenset({"draft", "scheduled", "missed", "cancelled"})


@dataclass(frozen=True, slots=True)
class Line:
    """One letter on its day; `at` is naive, in the desk's zone."""

    summary: IssueSummary
    at: datetime
    can_move: bool

    @property
    def own_hour(self) -> str:
        """The hour in the campaign's zone, which dragging keeps."""
        own = self.summary.local_at(self.summary.campaign.zone)
        return f"{own:%H:%M}" if own else ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One day. `school` is the name of the school holidays in `zones`; both are empty where there are none."""

    day: month.Day
    public: str
    school: str
    zones: tuple[str, ...]
    lines: tuple[Line, ...]
    slots: tuple[Slot, ...]
    collisions: tuple[Collision, ...]

    @property
    def is_bare(self) -> bool:
        return not (self.lines or self.slots or self.public)


@router.get("", name="calendar")
def calendar(request: Request, visit: Visiting, mois: str = "", fait: str = "", lettre: str = "") -> Response:
    mailer, t = visit.mailer, visit.t
    today = local_date(mailer.clock.now(), t.zone)
    summaries = mailer.issues()
    shown = month.build_month(month.read_month(mois, today), summaries, today=today, zone=t.zone)
    years, problems = school_years(mailer.settings.workspace)
    weeks = _weeks(visit, shown, summaries, today, years)
    cells = [cell for week in weeks for cell in week]
    return page(
        request,
        "calendar.html",
        visit,
        here="week",
        script="calendar.js",
        month=shown,
        weeks=weeks,
        today=today,
        look=month.look,
        campaigns={each.campaign.slug: each for each in summaries}.values(),
        watched=[cell for cell in cells if cell.collisions or (cell.public and _comes(cell, today))],
        unknown=_unknown(shown, years),
        years=years,
        problems=problems,
        undated=[each for each in summaries if each.state == "draft" and each.issue.send_at is None],
        moved=next((each for each in summaries if each.ref == lettre), None),
        done=fait,
    )


def can_move(visit: Visit, summary: IssueSummary) -> bool:
    """Whether this user may give the letter another day; a departure is the sender's."""
    route = "schedule" if summary.state == "scheduled" else "move_letter"
    return summary.state in MOVABLE and visit.may(route)


def _weeks(
    visit: Visit, shown: month.Month, summaries: Sequence[IssueSummary], today: date, years: SchoolYears
) -> list[list[Cell]]:
    days = [day.on for week in shown.weeks for day in week]
    first, last = datetime.combine(days[0], time.min), datetime.combine(days[-1], time.max)
    slots = visit.mailer.rhythms.unprepared(summaries, first, last)
    collisions = Collisions(visit.mailer.departures)
    return [[_cell(visit, day, slots, collisions, today, years) for day in week] for week in shown.weeks]


def _cell(
    visit: Visit,
    day: month.Day,
    slots: Iterable[Slot],
    collisions: Collisions,
    today: date,
    years: SchoolYears,
) -> Cell:
    language = visit.t.language
    school, zones = years.holiday(day.on, language)
    dated = [(month.local_departure(each, visit.t.zone), each) for each in day.letters]
    lines = [Line(each, at, can_move(visit, each)) for at, each in dated if at is not None]
    lines.sort(key=lambda line: line.at)
    return Cell(
        day=day,
        public=almanac.public_holiday(day.on, language),
        school=school,
        zones=zones,
        lines=tuple(lines),
        slots=tuple(slot for slot in slots if slot.at.date() == day.on),
        collisions=tuple(collisions.among([line.summary for line in lines])) if day.on >= today else (),
    )


def _comes(cell: Cell, today: date) -> bool:
    """Whether something is to leave on it."""
    coming = any(line.summary.state in MOVABLE for line in cell.lines)
    return cell.day.on >= today and (coming or bool(cell.slots))


def _unknown(shown: month.Month, years: SchoolYears) -> bool:
    """Whether the school holidays of some day of the month are not known."""
    inside = [day.on for week in shown.weeks for day in week if day.is_inside]
    return not all(years.is_known(day) for day in inside)
