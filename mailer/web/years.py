"""A year on one sheet: the paragraph to copy, each campaign, its months, the mailings, what was followed most."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from mailer.clock import local_date
from mailer.model.report import LetterFigures
from mailer.model.series import CampaignYear, YearReview
from mailer.reporting import reviews
from mailer.reporting.paragraph import paragraph
from mailer.web import drawings
from mailer.web.pages import page
from mailer.web.visits import Visiting

router = APIRouter(prefix="/bilan")

#: A campaign with more letters than months is drawn letter by letter.
MANY = 12
#: The series that a stack tells apart by colour; others are together in the last.
COLOURS = 3
#: Years to choose from.
YEARS = 8


@dataclass(frozen=True, slots=True)
class Series:
    """A regular campaign with its drawing: month by month beside the year before, or letter by letter."""

    campaign: CampaignYear
    months: drawings.Months | None
    columns: drawings.Bars | None
    letters: tuple[LetterFigures, ...]
    #: The modes that the columns tell apart, the latest first.
    modes: tuple[str, ...]


@router.get("", name="years")
def years(visit: Visiting) -> Response:
    """The present year."""
    return RedirectResponse(
        f"/bilan/{local_date(visit.mailer.clock.now(), visit.t.zone).year}", status_code=303
    )


@router.get("/{year}", name="year")
def year(request: Request, visit: Visiting, year: int) -> Response:
    review = visit.mailer.measures.year(year)
    known = visit.mailer.measures.years()[:YEARS]
    occasional = [each for each in review.campaigns if each.rhythm == "adhoc"]
    return page(
        request,
        "year.html",
        visit,
        here="year",
        script="sheet.js",
        review=review,
        years=known if year in known else sorted({*known, year}, reverse=True),
        paragraph=paragraph(review, visit.t),
        series=[_series(each, review) for each in review.campaigns if each.rhythm != "adhoc" and each.rates],
        occasional=occasional,
        stacks=drawings.stacks(_stacked(occasional)) if occasional else None,
        colours=COLOURS,
        reviews=reviews,
        spread=drawings.spread,
    )


def _series(campaign: CampaignYear, review: YearReview) -> Series:
    letters = tuple(
        each for each in review.regular if each.campaign == campaign.campaign and each.rate_high is not None
    )
    modes = tuple(each.tracking for each in campaign.rates)
    if campaign.letters > MANY:
        rates = [(each.rate_high or 0.0, modes.index(each.tracking)) for each in letters]
        return Series(campaign, None, drawings.columns(rates), letters, modes)
    rates_by_month = [each.rate for each in campaign.months]
    return Series(campaign, drawings.months(rates_by_month, _before(campaign)), None, letters, modes)


def _before(campaign: CampaignYear) -> list[float | None]:
    """The months of the year before, where they were measured in the mode that this year's line shows."""
    before = campaign.before
    if before is None or not before.rates or before.rates[0].tracking != campaign.rates[0].tracking:
        return [None] * drawings.MONTHS
    return [each.rate for each in before.months]


def _stacked(campaigns: Sequence[CampaignYear]) -> list[list[int]]:
    """Letters by campaign and month; the smaller campaigns are together in the last colour."""
    counts = [[month.letters for month in each.months] for each in campaigns]
    rest = counts[COLOURS - 1 :]
    return counts[: COLOURS - 1] + ([[sum(month) for month in zip(*rest, strict=True)]] if rest else [])
