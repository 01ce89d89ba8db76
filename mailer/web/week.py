"""This week: what leaves when and for whom, what needs somebody, the last results, the month."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter, Request
from fastapi.responses import Response

from mailer.app import IssueSummary, Mailer
from mailer.app.slots import Slot
from mailer.clock import local_date
from mailer.errors import InputError
from mailer.i18n import Translator
from mailer.web import charts, month, words
from mailer.web.pages import page
from mailer.web.progress import Progress, progress_of
from mailer.web.recent import recent_results
from mailer.web.todo import to_do
from mailer.web.visits import Visiting

router = APIRouter()

#: Drafts are shown this long before the hour they wish for, sent letters this long after they ended.
AHEAD = timedelta(days=21)
BEHIND = timedelta(days=7)
OVER = frozenset({"done", "missed"})


@dataclass(frozen=True, slots=True)
class Departure:
    """One line of the list. `people` is None where the audience cannot be counted."""

    summary: IssueSummary
    when: str
    hour: str
    meta: str
    people: int | None
    #: Of a letter on its way, or about to leave.
    progress: Progress | None


@router.get("/", name="week")
def week(request: Request, visit: Visiting, mois: str = "") -> Response:
    mailer, t = visit.mailer, visit.t
    now = mailer.clock.now()
    today = local_date(now, t.zone)
    summaries = mailer.issues()
    shown = month.build_month(month.read_month(mois, today), summaries, today=today, zone=t.zone)
    local = month.local_now(now, t.zone)
    slots = mailer.rhythms.unprepared(summaries, local, local + AHEAD)
    listed = departures(mailer, t, summaries, now)
    return page(
        request,
        "week.html",
        visit,
        here="week",
        now=now,
        departures=listed,
        live=any(each.progress and each.progress.is_watched for each in listed),
        coming=sum(1 for each in listed if each.summary.state not in OVER),
        over=sum(1 for each in listed if each.summary.state in OVER),
        next_draft=next((each for each in listed if each.summary.state == "draft"), None),
        todo=to_do(mailer, t, summaries, slots, now, may_compose=visit.may("compose")),
        planned=_next_of_each(slots),
        results=recent_results(mailer, summaries),
        month=shown,
        look=month.look,
        campaigns=_campaigns(summaries),
        spark=charts.spark,
    )


def _next_of_each(slots: list[Slot]) -> list[Slot]:
    """The next planned day without a letter of each campaign."""
    return list({slot.campaign.slug: slot for slot in reversed(slots)}.values())


def departures(
    mailer: Mailer, t: Translator, summaries: list[IssueSummary], now: datetime
) -> list[Departure]:
    """Running letters first, then what comes, the next first, then what left in the last days."""
    local = month.local_now(now, t.zone)
    counts = _Counts(mailer)
    dated = [(month.local_departure(each, t.zone), each) for each in summaries]
    listed = [(at, each) for at, each in dated if at is not None and _is_near(each, at, local)]
    listed.sort(key=lambda item: (_rank(item[1]), _order(item[1], item[0], local)))
    return [_line(t, each, at, local, counts, _progress(mailer, t, each)) for at, each in listed]


def _progress(mailer: Mailer, t: Translator, summary: IssueSummary) -> Progress | None:
    if summary.send is None or summary.state in OVER:
        return None
    with mailer.store.read() as tx:
        found = progress_of(tx, mailer, t, summary.send, summary.counts)
    return found if found.is_watched else None


def _is_near(summary: IssueSummary, at: datetime, local: datetime) -> bool:
    if summary.state in {"draft", "cancelled"}:
        return summary.state == "draft" and local - timedelta(days=1) < at < local + AHEAD
    return at > local - BEHIND if summary.state in OVER else True


def _rank(summary: IssueSummary) -> int:
    if summary.is_running or summary.state in {"paused", "held"}:
        return 0
    return 2 if summary.state in OVER else 1


def _order(summary: IssueSummary, at: datetime, local: datetime) -> float:
    return (local - at if _rank(summary) == 2 else at - local).total_seconds()


def _line(
    t: Translator,
    summary: IssueSummary,
    at: datetime,
    local: datetime,
    counts: "_Counts",
    progress: Progress | None,
) -> Departure:
    running = summary.is_running
    hour = words.clock_hour(t, at)
    return Departure(
        summary=summary,
        when=t("Now") if running else words.short_day(t, at),
        hour=t("since {hour}", hour=hour) if running else hour,
        meta=_meta(t, summary, at - local),
        people=summary.send.planned if summary.send and summary.send.planned else counts.of(summary),
        progress=progress,
    )


def _meta(t: Translator, summary: IssueSummary, ahead: timedelta) -> str:
    if summary.state in {"draft", "scheduled"}:
        past = ahead < timedelta()
        return t("Its hour has passed") if past else t("In {distance}", distance=words.distance(t, ahead))
    if summary.state == "done":
        return t.plural("{count} accepted", "{count} accepted", summary.counts.get("accepted", 0))
    return summary.issue.subject


def _campaigns(summaries: list[IssueSummary]) -> list[IssueSummary]:
    return list({each.campaign.slug: each for each in summaries}.values())


class _Counts:
    """Audiences counted once per campaign and page; an erratum has one of its own."""

    def __init__(self, mailer: Mailer) -> None:
        self._mailer = mailer
        self._known: dict[str, int | None] = {}

    def of(self, summary: IssueSummary) -> int | None:
        campaign = summary.campaign
        if summary.issue.erratum_of:
            return self._of_erratum(summary.ref)
        if campaign.slug not in self._known:
            try:
                found = self._mailer.audience(campaign.segment, topic=campaign.topic)
            except InputError:
                self._known[campaign.slug] = None
            else:
                self._known[campaign.slug] = found.count
        return self._known[campaign.slug]

    def _of_erratum(self, ref: str) -> int | None:
        try:
            return self._mailer.departures.foresee(ref).count
        except InputError:
            return None
