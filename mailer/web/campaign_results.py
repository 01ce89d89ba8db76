"""One campaign over time: the trend of its rate, its subjects side by side, the health of its list."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from mailer.clock import local_date
from mailer.reporting import reviews
from mailer.web import drawings
from mailer.web.pages import page
from mailer.web.visits import Visiting

router = APIRouter()

#: So many of the last letters are drawn and listed; the files have them all.
SHOWN = 60


@router.get("/resultats/{campaign}", name="campaign_results")
def campaign_results(request: Request, visit: Visiting, campaign: str) -> Response:
    run = visit.mailer.measures.run(campaign)
    letters = run.letters[-SHOWN:]
    moved = [max(each.arrivals, each.departures) for each in run.health.months]
    return page(
        request,
        "campaign_results.html",
        visit,
        here="results",
        campaign=run.campaign,
        letters=letters,
        earlier=len(run.letters) - len(letters),
        health=run.health,
        discernible=run.discernible,
        slots=run.slots,
        trend=drawings.trend(letters),
        modes={each.tracking for each in letters if each.measured},
        most_moved=max(*moved, 1),
        reviews=reviews,
        this_year=local_date(visit.mailer.clock.now(), visit.t.zone).year,
    )
