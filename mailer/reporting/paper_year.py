"""The year on a page: the paragraph, each campaign, its rates month by month, what was followed most."""

from collections.abc import Iterator
from datetime import date

from mailer.i18n import Translator, written_date
from mailer.model.series import CampaignYear, YearReview
from mailer.reporting import wording
from mailer.reporting.paper import Drawing, Grid, Paper, Tile, bars, top
from mailer.reporting.paragraph import names, paragraph

_MONTHS = 12
#: More campaigns than these are in the table only.
_TILES, _DRAWINGS = 5, 2
_STEPS = (0.1, 0.2, 0.4, 0.6, 0.8, 1.0)


def year_paper(review: YearReview, t: Translator, *, network: str, on: date) -> Paper:
    """One page; `on` is the day of these figures."""
    measured = [each for each in review.campaigns if any(month.rate is not None for month in each.months)]
    return Paper(
        language=t.language,
        network=network,
        kicker=t("Report of activity {year}", year=review.year),
        title=t("The letters of {year}", year=review.year),
        lead=paragraph(review, t),
        tiles=tuple(_tiles(review, t))[:_TILES],
        drawings=tuple(_rates(each, t) for each in measured[:_DRAWINGS]),
        grids=tuple(each for each in (_months(review, t), _topics(review, t)) if each.rows),
        method=t(
            "Recipients: copies that the provider took, on average per letter. Opening: measured copies that were opened at least once, over measured copies that were delivered; each letter counts once in the mean."
        ),
        foot=t("Figures of {day}. No figure speaks of a single person.", day=t.date(on)),
        on=on,
    )


def _tiles(review: YearReview, t: Translator) -> Iterator[Tile]:
    """One per campaign; those on occasion share one, which says how many letters each had."""
    for each in review.campaigns:
        if each not in review.occasional:
            yield _tile(each, t)
    if review.occasional:
        letters = sum(each.letters for each in review.occasional)
        yield Tile(t.number(letters), t("Letters on occasion"), names(review.occasional, t))


def _tile(each: CampaignYear, t: Translator) -> Tile:
    """A rate has its measure with it; two that do not add up are not one."""
    people = t.plural("{count} recipient", "{count} recipients", round(each.recipients))
    if not each.rates:
        said = t("openings not measured")
    elif each.rate is None:
        said = t("openings measured in two ways that do not add up")
    else:
        said = f"{t.percent(each.rate.high)}, {wording.mode(t, each.rate.tracking)}"
    return Tile(t.number(each.letters), each.title, f"{people}, {said}")


def _rates(each: CampaignYear, t: Translator) -> Drawing:
    rates = [month.rate for month in each.months]
    known = [rate for rate in rates if rate is not None]
    most = top(rates, _STEPS)
    between = t("from {least} to {most}", least=t.percent(min(known)), most=t.percent(max(known)))
    title = t("{title}: openings month by month", title=each.title)
    return Drawing(
        title=title,
        alt=f"{title}{t(': ')}{between}",
        svg=bars(rates, most=most),
        scale=(t.percent(most, 0), t.percent(most / 2, 0), t.percent(0, 0)),
        places=tuple(_month(t, number, "MMM") for number in range(1, _MONTHS + 1)),
    )


def _months(review: YearReview, t: Translator) -> Grid:
    """Letters of each campaign in each month, and the mean rate where there is one."""
    campaigns = review.campaigns[:_TILES]
    headings = [t("Month")]
    for each in campaigns:
        headings += [each.title, *([t("Opened")] if each.rates else [])]
    rows = []
    for place in range(_MONTHS if campaigns else 0):
        row = [_month(t, place + 1, "MMMM")]
        for each in campaigns:
            month = each.months[place]
            row += [t.number(month.letters), *([t.percent(month.rate)] if each.rates else [])]
        rows.append(tuple(row))
    return Grid(t("Letters month by month"), tuple(headings), tuple(rows))


def _topics(review: YearReview, t: Translator) -> Grid:
    rows = tuple((each.label or each.url, t.number(each.clicks)) for each in review.topics)
    return Grid(t("What was followed most"), (t("Link"), t("Clicks")), rows)


def _month(t: Translator, number: int, pattern: str) -> str:
    return written_date(date(2000, number, 1), pattern, t.language)
