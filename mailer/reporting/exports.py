"""What leaves in a file: a report, letters side by side, a year. Counts only: no file says who opened what."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from mailer.i18n import Translator, marked
from mailer.model.report import CohortFigures, Interval, LetterFigures, Report, SubjectFigures
from mailer.model.series import CampaignYear, Comparison, YearReview
from mailer.reporting import wording
from mailer.reporting.reasons import reason
from mailer.reporting.sheets import Cell, Sheet, rounded

#: Figure -> its words, and the figure it is a rate of.
_FIGURES: Mapping[str, tuple[str, str]] = {
    "planned": (marked("Targeted"), ""),
    "accepted": (marked("Accepted by the provider"), "planned"),
    "delivered": (marked("Delivered"), "accepted"),
    "bounced": (marked("Addresses in error"), "accepted"),
    "complained": (marked("Complaints"), "accepted"),
    "unsubscribed": (marked("Unsubscribed"), "accepted"),
    "refused": (marked("Refused at hand-over"), "planned"),
    "excluded": (marked("Excluded at hand-over"), "planned"),
    "in_doubt": (marked("In doubt"), "planned"),
    "cancelled": (marked("Cancelled before leaving"), "planned"),
    "open": (marked("Still to hand over"), "planned"),
}
_LETTER = (
    marked("Campaign"),
    marked("Letter"),
    marked("Number"),
    marked("Subject"),
    marked("Left on"),
    marked("Targeted"),
    marked("Accepted by the provider"),
    marked("Delivered"),
    marked("Addresses in error"),
    marked("Complaints"),
    marked("Unsubscribed"),
    marked("Measure"),
    marked("Measured copies"),
    marked("Openings, strict count"),
    marked("Openings, broad count"),
    marked("Open rate, strict count (%)"),
    marked("Open rate, broad count (%)"),
    marked("Interval from (%)"),
    marked("Interval to (%)"),
    marked("Corrects"),
)


def report_sheets(report: Report, comparison: Comparison, t: Translator) -> list[Sheet]:
    """Everything that the report's page shows: figures, opens, hours, groups, links, reasons; empty tables are left out."""
    sheets = [
        _figures(report, comparison, t),
        _opens(report, comparison, t),
        _hours(report, comparison, t),
        _groups(report, t),
        _subjects(report, t),
        _links(report, t),
        _reasons(report, t),
    ]
    return [each for each in sheets if each.rows]


def letters_sheet(letters: Iterable[LetterFigures], t: Translator) -> Sheet:
    """One line per letter, the latest first."""
    rows = [_letter(each, t) for each in letters]
    return Sheet(t("Letters"), tuple(t(heading) for heading in _LETTER), tuple(reversed(rows)))


def year_sheets(review: YearReview, t: Translator) -> list[Sheet]:
    """The year per campaign, per month, its letters and what was followed most."""
    sheets = [_campaigns(review, t), _months(review, t), letters_sheet(review.letters, t), _topics(review, t)]
    return [each for each in sheets if each.rows]


def local(at: datetime, t: Translator) -> datetime:
    """The naive hour in the reader's zone."""
    return at.astimezone(ZoneInfo(t.zone)).replace(tzinfo=None, second=0, microsecond=0)


def _figures(report: Report, comparison: Comparison, t: Translator) -> Sheet:
    names = (
        marked("Figure"),
        marked("Number"),
        marked("Rate (%)"),
        marked("Base"),
        marked("Median, 12 months"),
        marked("Least"),
        marked("Most"),
    )
    rows: list[tuple[Cell, ...]] = []
    for key, (label, base) in _FIGURES.items():
        count, whole = report.count(key), report.count(base) if base else 0
        if key in {"cancelled", "open"} and not count:
            continue
        share = rounded(count / whole, t) if whole else None
        named = t(_FIGURES[base][0]) if base else None
        rows.append((t(label), count, share, named, *_place(key, comparison, t, is_count=not base)))
    return Sheet(t("Key figures"), tuple(t(name) for name in names), tuple(rows))


def _place(key: str, comparison: Comparison, t: Translator, *, is_count: bool = False) -> tuple[Cell, ...]:
    place = comparison.places.get(key)
    if place is None:
        return (None, None, None)
    found = (place.median, place.least, place.most)
    return found if is_count else tuple(rounded(each, t) for each in found)


def _opens(report: Report, comparison: Comparison, t: Translator) -> Sheet:
    """A rate never leaves without its mode, the number measured and its interval."""
    low, high = _interval(report.letter.interval, t)
    rows: list[tuple[Cell, ...]] = [
        (t("Measure"), wording.mode(t, report.letter.tracking)),
        (t("Measured copies"), report.letter.measured),
        (t("Openings, strict count"), report.letter.opens_low),
        (t("Openings, broad count"), report.letter.opens_high),
        (t("Automatic loads set aside"), report.letter.set_aside),
        (t("Open rate, strict count (%)"), rounded(report.letter.rate_low, t)),
        (t("Open rate, broad count (%)"), rounded(report.letter.rate_high, t)),
        (t("Interval from (%)"), low),
        (t("Interval to (%)"), high),
        (t("Median, 12 months"), _place("opened", comparison, t)[0]),
        (t("Letters compared"), comparison.alike),
    ]
    return Sheet(
        t("Openings"),
        (t("Figure"), t("Value")),
        tuple(rows if report.letter.opens_high is not None else rows[:2]),
    )


def _hours(report: Report, comparison: Comparison, t: Translator) -> Sheet:
    names = (
        marked("Hour from"),
        marked("Openings, broad count"),
        marked("Strict count"),
        marked("All loads"),
        marked("Median, 12 months"),
    )
    began = report.started_at
    rows: list[tuple[Cell, ...]] = [
        (
            local(began + timedelta(hours=each.hour), t) if began else None,
            each.high,
            each.low,
            each.loaded,
            comparison.hours.get(each.hour),
        )
        for each in report.hours
    ]
    return Sheet(t("Openings per hour"), tuple(t(name) for name in names), tuple(rows))


#: What is told of copies that were measured together, behind the name of the group.
_OF_MEASURED = (
    marked("Measured copies"),
    marked("Openings, broad count"),
    marked("Strict count"),
    marked("Rate (%)"),
    marked("Interval from (%)"),
    marked("Interval to (%)"),
)


def _measured(each: CohortFigures | SubjectFigures, t: Translator) -> tuple[Cell, ...]:
    return (
        each.copies,
        each.opens_high,
        each.opens_low,
        rounded(each.rate, t),
        *_interval(each.interval, t),
    )


def _groups(report: Report, t: Translator) -> Sheet:
    names = (marked("Group"), *_OF_MEASURED)
    rows = [(wording.cohort(t, each.name), *_measured(each, t)) for each in report.cohorts]
    return Sheet(t("By group"), tuple(t(name) for name in names), tuple(rows))


def _subjects(report: Report, t: Translator) -> Sheet:
    """Two subjects side by side; the answer stands below them, as it needs both."""
    names = (marked("Subject"), *_OF_MEASURED)
    rows: list[tuple[Cell, ...]] = []
    if report.trial is not None:
        rows = [(each.subject, *_measured(each, t)) for each in report.trial.subjects]
        rows.append((wording.trial(t, report.trial), *[None] * len(_OF_MEASURED)))
    return Sheet(t("Two subjects"), tuple(t(name) for name in names), tuple(rows))


def _links(report: Report, t: Translator) -> Sheet:
    """Clicks are counted among the people who accepted the measure; elsewhere there is nothing to tell."""
    rows = [(each.label, each.url, each.clicks) for each in report.links] if report.letter.clicks else []
    return Sheet(t("Links"), (t("Link"), t("Address"), t("Clicks")), tuple(rows))


def _reasons(report: Report, t: Translator) -> Sheet:
    rows = [
        (t(label), reason(t, code), count)
        for label, counts in (
            (marked("Refused at hand-over"), report.refused_by),
            (marked("Excluded at hand-over"), report.excluded_by),
            (marked("Not targeted"), report.left_out),
        )
        for code, count in counts.items()
    ]
    return Sheet(t("Reasons"), (t("State"), t("Reason"), t("Number")), tuple(rows))


def _interval(interval: Interval | None, t: Translator) -> tuple[Cell, Cell]:
    return (rounded(interval.low, t), rounded(interval.high, t)) if interval else (None, None)


def _letter(each: LetterFigures, t: Translator) -> tuple[Cell, ...]:
    return (
        each.title,
        each.ref,
        each.number,
        each.subject,
        local(each.started_at, t),
        each.planned,
        each.accepted,
        each.delivered,
        each.bounced,
        each.complained,
        each.unsubscribed,
        wording.mode(t, each.tracking),
        each.measured,
        each.opens_low,
        each.opens_high,
        rounded(each.rate_low, t),
        rounded(each.rate_high, t),
        *_interval(each.interval, t),
        each.erratum_of,
    )


def _campaigns(review: YearReview, t: Translator) -> Sheet:
    names = (
        marked("Campaign"),
        marked("Letters"),
        marked("Recipients per letter"),
        marked("Accepted copies"),
        marked("Delivered"),
        marked("Unsubscribed"),
        marked("Measure"),
        marked("Letters measured"),
        marked("Measured copies"),
        marked("Open rate, strict count (%)"),
        marked("Open rate, broad count (%)"),
        marked("The year before (points)"),
    )
    rows = [row for each in review.campaigns for row in _campaign(each, t)]
    return Sheet(str(review.year), tuple(t(name) for name in names), tuple(rows))


def _campaign(each: CampaignYear, t: Translator) -> list[tuple[Cell, ...]]:
    """One line per mode of measure, so that no rate mixes two; the other figures stand on the first."""
    own = (each.title, each.letters, round(each.recipients), each.accepted, each.delivered, each.unsubscribed)
    moved = None if each.moved is None else round(100 * each.moved, 2)
    if not each.rates:
        return [(*own, wording.mode(t, "none"), 0, 0, rounded(None, t), rounded(None, t), None)]
    blank: tuple[Cell, ...] = (each.title, *[None] * (len(own) - 1))
    return [
        (
            *(own if number == 0 else blank),
            wording.mode(t, rate.tracking),
            rate.letters,
            rate.measured,
            rounded(rate.low, t),
            rounded(rate.high, t),
            moved,
        )
        for number, rate in enumerate(each.rates)
    ]


def _months(review: YearReview, t: Translator) -> Sheet:
    names = (marked("Month"), marked("Campaign"), marked("Letters"), marked("Open rate, broad count (%)"))
    rows = [
        (t.date(date(review.year, month.month, 1), "MMMM"), each.title, month.letters, rounded(month.rate, t))
        for each in review.campaigns
        for month in each.months
        if month.letters
    ]
    return Sheet(t("By month"), tuple(t(name) for name in names), tuple(rows))


def _topics(review: YearReview, t: Translator) -> Sheet:
    rows = tuple((each.label, each.url, each.clicks) for each in review.topics)
    return Sheet(t("Most followed"), (t("Link"), t("Address"), t("Clicks")), rows)
