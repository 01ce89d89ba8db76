"""Results: the list of what was sent, and the report of one letter."""

from collections.abc import Sequence
from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import Response

from mailer.app import Mailer
from mailer.clock import local_date
from mailer.model.ledger import ENDED
from mailer.model.report import CohortFigures, Report
from mailer.model.series import Comparison
from mailer.model.workspace import Tracking
from mailer.store import sends
from mailer.store.progress import Doubt, doubts
from mailer.web import charts, figures, month, words
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
        campaigns={each.campaign.slug: each.campaign.title for each in sent},
        at=lambda each: month.local_departure(each, visit.t.zone),
        this_year=local_date(visit.mailer.clock.now(), visit.t.zone).year,
    )


@router.get("/resultats/{campaign}/{issue}", name="result")
def result(request: Request, visit: Visiting, campaign: str, issue: str) -> Response:
    """The report, also of a letter whose file is gone; while it leaves, the part that says how far it is renews itself."""
    ref = f"{campaign}/{issue}"
    report = visit.mailer.report(ref)
    series = visit.mailer.workspace()[0].campaigns.get(campaign)
    under_way, doubtful = _standing(visit, ref, report)
    receivers = visit.mailer.recipients_by_receiver(ref)
    comparison = visit.mailer.measures.comparison(ref)
    return page(
        request,
        "result.html",
        visit,
        here="results",
        report=report,
        series=series,
        has_page=report.letter.state not in ENDED or (series is not None and issue in series.issues),
        ref=ref,
        comparison=comparison,
        lines=figures.lines(report, comparison.places),
        band=_band(report, comparison),
        curve=charts.curve(report.hours, elapsed=_elapsed(visit.mailer, report), medians=comparison.hours),
        hour_at=lambda hour: report.started_at + timedelta(hours=hour) if report.started_at else None,
        bars=[(each, _bar(each)) for each in sorted(report.cohorts, key=_is_rest)],
        progress=under_way,
        live=under_way.is_watched,
        doubts=doubtful,
        doubt_class=visit.mailer.provider.caps.doubt_class,
        receivers=receivers,
        over=[each for each in receivers if each.is_over],
        followed=figures.is_followed(report),
        measured=report.letter.tracking != Tracking.NONE.value,
        anonymous=report.letter.tracking == Tracking.ANONYMOUS.value,
    )


def _band(report: Report, comparison: Comparison) -> charts.Band | None:
    if report.letter.rate_low is None or report.letter.rate_high is None or report.letter.interval is None:
        return None
    interval = (report.letter.interval.low, report.letter.interval.high)
    median = comparison.rate.median if comparison.rate else None
    return charts.band(report.letter.rate_low, report.letter.rate_high, interval, median=median)


def _standing(visit: Visit, ref: str, report: Report) -> tuple[Progress, Sequence[Doubt]]:
    """How far the latest send of this letter is, and what is in doubt; of one that is over the report has counted it."""
    over = ("accepted", "refused", "excluded", "in_doubt", "cancelled")
    counts = None if report.open else {state: report.count(state) for state in over}
    with visit.mailer.store.read() as tx:
        send = sends.latest(tx, ref)
        assert send is not None
        assert send.id is not None
        return progress_of(tx, visit.mailer, visit.t, send, counts), doubts(tx, send.id)


def _elapsed(mailer: Mailer, report: Report) -> int:
    """The hour since the departure that is running now."""
    return int((mailer.clock.now() - report.started_at) / timedelta(hours=1)) if report.started_at else 0


def _is_rest(cohort: CohortFigures) -> bool:
    """The group of everybody else comes last, however large it is."""
    return cohort.name == words.REST


def _bar(cohort: CohortFigures) -> tuple[float, float, float]:
    """Width of the bar, start and width of its interval, in per cent."""
    interval = cohort.interval
    start, end = (interval.low, interval.high) if interval else (0.0, 0.0)
    return round(100 * (cohort.rate or 0), 1), round(100 * start, 1), round(100 * (end - start), 1)
