"""Results: the list of what was sent, and the report of one letter."""

from collections.abc import Sequence
from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import Response

from mailer.app import Mailer
from mailer.clock import local_date
from mailer.model.report import CohortFigures, Report
from mailer.model.workspace import Tracking
from mailer.store import sends
from mailer.store.progress import Doubt, doubts
from mailer.web import charts, month, recent, words
from mailer.web.pages import page
from mailer.web.progress import Progress, progress_of
from mailer.web.visits import Visit, Visiting

router = APIRouter()

#: Reports of the latest letters are read for the list; the others show what their deliveries say.
MEASURED = 24


@router.get("/resultats", name="results")
def results(request: Request, visit: Visiting) -> Response:
    sent = [each for each in visit.mailer.status() if each.send and each.send.planned]
    return page(
        request,
        "results.html",
        visit,
        here="results",
        reports=[(each, visit.mailer.report(each.ref)) for each in sent[:MEASURED]],
        others=sent[MEASURED:],
        at=lambda each: month.local_departure(each, visit.t.zone),
        this_year=local_date(visit.mailer.clock.now(), visit.t.zone).year,
    )


@router.get("/resultats/{campaign}/{issue}", name="result")
def result(request: Request, visit: Visiting, campaign: str, issue: str) -> Response:
    """The report; while the letter leaves, the part that says how far it is renews itself."""
    ref = f"{campaign}/{issue}"
    _, series, _ = visit.mailer.find(ref)
    report = visit.mailer.report(ref)
    under_way, doubtful = _standing(visit, ref)
    receivers = visit.mailer.recipients_by_receiver(ref)
    interval = (report.interval.low, report.interval.high) if report.interval else None
    rated = report.rate_low is not None and report.rate_high is not None and interval is not None
    before = recent.rates_before(visit.mailer, report)
    return page(
        request,
        "result.html",
        visit,
        here="results",
        report=report,
        series=series,
        ref=ref,
        figures=figures(report),
        band=charts.band(report.rate_low, report.rate_high, interval) if rated else None,  # type: ignore[arg-type]  # checked above
        median=recent.median_of(before),
        before=len(before),
        curve=charts.curve(report.hours, elapsed=_elapsed(visit.mailer, report)),
        hour_at=lambda hour: report.started_at + timedelta(hours=hour) if report.started_at else None,
        bars=[(each, _bar(each)) for each in sorted(report.cohorts, key=_is_rest)],
        progress=under_way,
        live=under_way.is_watched,
        doubts=doubtful,
        doubt_class=visit.mailer.provider.caps.doubt_class,
        receivers=receivers,
        over=[each for each in receivers if each.is_over],
        followed=is_followed(report),
        measured=report.tracking != Tracking.NONE.value,
        anonymous=report.tracking == Tracking.ANONYMOUS.value,
    )


def _standing(visit: Visit, ref: str) -> tuple[Progress, Sequence[Doubt]]:
    """How far the latest send of this letter is, and what is in doubt."""
    with visit.mailer.store.read() as tx:
        send = sends.latest(tx, ref)
        assert send is not None
        assert send.id is not None
        return progress_of(tx, visit.mailer, visit.t, send), doubts(tx, send.id)


def _elapsed(mailer: Mailer, report: Report) -> int:
    """The hour since the departure that is running now."""
    return int((mailer.clock.now() - report.started_at) / timedelta(hours=1)) if report.started_at else 0


def _is_rest(cohort: CohortFigures) -> bool:
    """The group of everybody else comes last, however large it is."""
    return cohort.name == words.REST


def is_followed(report: Report) -> bool:
    """Whether this letter counts clicks: in the mode `consented` only."""
    return report.tracking == Tracking.CONSENTED.value


def figures(report: Report) -> list[tuple[str, int, float | None]]:
    """The table's lines: key, number, rate of the base that the page names."""

    def of(part: int, whole: int) -> float | None:
        return part / whole if whole else None

    lines: list[tuple[str, int, float | None]] = [
        ("planned", report.planned, None),
        ("accepted", report.accepted, of(report.accepted, report.planned)),
        ("delivered", report.delivered, of(report.delivered, report.accepted)),
    ]
    if report.rate_high is not None:
        lines.append(("opened", report.opens_high, report.rate_high))
    if is_followed(report):
        lines.append(("clicks", report.clicks, None))
    return [
        *lines,
        ("unsubscribed", report.unsubscribed, of(report.unsubscribed, report.accepted)),
        ("bounced", report.bounced, of(report.bounced, report.accepted)),
        ("complained", report.complained, of(report.complained, report.accepted)),
        ("refused", report.refused, of(report.refused, report.planned)),
        ("excluded", report.excluded, of(report.excluded, report.planned)),
        ("in_doubt", report.in_doubt, of(report.in_doubt, report.planned)),
        *([("open", report.open, of(report.open, report.planned))] if report.open else []),
        *(
            [("cancelled", report.cancelled, of(report.cancelled, report.planned))]
            if report.cancelled
            else []
        ),
    ]


def _bar(cohort: CohortFigures) -> tuple[float, float, float]:
    """Width of the bar, start and width of its interval, in per cent."""
    interval = cohort.interval
    start, end = (interval.low, interval.high) if interval else (0.0, 0.0)
    return round(100 * (cohort.rate or 0), 1), round(100 * start, 1), round(100 * (end - start), 1)
