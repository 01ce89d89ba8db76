"""The report of one letter on a page: its figures, its hours, its groups and its links."""

from collections.abc import Sequence
from datetime import date

from mailer.i18n import Translator
from mailer.model.report import HourCount, Report
from mailer.reporting import wording
from mailer.reporting.paper import Drawing, Grid, Paper, Tile, bars, top

#: What fits on a page.
_HOURS, _GROUPS, _LINKS = 72, 8, 8
_STEPS = tuple(factor * 10**power for power in range(7) for factor in (2, 4, 10))


def report_paper(report: Report, t: Translator, *, network: str, on: date) -> Paper:
    """One page; `on` is the day of these figures."""
    number = f" n° {report.letter.number}" if report.letter.number else ""
    sent = t("Sent {when}.", when=t.instant(report.started_at)) if report.started_at else ""
    return Paper(
        language=t.language,
        network=network,
        kicker=f"{report.letter.title}{number}",
        title=report.letter.subject,
        lead=sent,
        tiles=_tiles(report, t),
        drawings=_hours(report.hours[:_HOURS], t),
        grids=tuple(
            each for each in (_subjects(report, t), _groups(report, t), _links(report, t)) if each.rows
        ),
        method=_method(report, t),
        foot=t("Figures of {day}. No figure speaks of a single person.", day=t.date(on)),
        on=on,
    )


def _tiles(report: Report, t: Translator) -> tuple[Tile, ...]:
    return (
        _rate(report, t),
        Tile(t.number(report.letter.planned), t("Targeted")),
        Tile(
            t.number(report.letter.delivered),
            t("Delivered"),
            _share(report.letter.delivered, report.letter.accepted, t),
        ),
        Tile(
            t.number(report.letter.bounced),
            t("Addresses in error"),
            _share(report.letter.bounced, report.letter.accepted, t),
        ),
        Tile(
            t.number(report.letter.unsubscribed),
            t("Unsubscribed"),
            _share(report.letter.unsubscribed, report.letter.accepted, t),
        ),
    )


def _rate(report: Report, t: Translator) -> Tile:
    """Never without its interval and its base (rules O3, O13)."""
    if report.letter.rate_high is None or report.letter.interval is None:
        return Tile("–", t("Open rate"), wording.unrated(t, report.letter))
    low, high = t.percent(report.letter.interval.low), t.percent(report.letter.interval.high)
    copies = t.plural("{count} measured copy", "{count} measured copies", report.letter.measured)
    return Tile(
        t.percent(report.letter.rate_high),
        t("Open rate"),
        f"{t('{low} to {high}', low=low, high=high)}, {copies}",
    )


def _share(count: int, whole: int, t: Translator) -> str:
    return t.percent(count / whole) if whole else ""


def _hours(hours: Sequence[HourCount], t: Translator) -> tuple[Drawing, ...]:
    """Openings of the first three days; none, no drawing."""
    counts = [float(each.high) for each in hours]
    if not any(counts):
        return ()
    most = top(counts, _STEPS)
    best = max(hours, key=lambda each: each.high)
    return (
        Drawing(
            title=t("Openings per hour"),
            alt=t(
                "Openings by the broad count over {hours} hours: the most, {count}, in hour {hour} after the departure.",
                hours=len(hours),
                count=t.number(best.high),
                hour=best.hour + 1,
            ),
            svg=bars(counts, most=most),
            scale=(t.number(most), t.number(most / 2), "0"),
            places=tuple(f"{t.number(hour)} h" for hour in _spread(len(hours))),
        ),
    )


def _spread(hours: int) -> list[int]:
    """The hours that are named below: the middle of each sixth."""
    parts = min(6, hours)
    return [int((place + 0.5) * hours / parts) + 1 for place in range(parts)]


def _groups(report: Report, t: Translator) -> Grid:
    """The largest first; everybody else last, however many they are, as on the desk."""
    headings = (t("Group"), t("Measured copies"), t("Openings, broad count"), t("Rate (%)"), t("Interval"))
    rows = [
        (
            wording.cohort(t, each.name),
            t.number(each.copies),
            t.number(each.opens_high),
            t.percent(each.rate),
            t("{low} to {high}", low=t.percent(each.interval.low), high=t.percent(each.interval.high)),
        )
        for each in sorted(report.cohorts[:_GROUPS], key=lambda each: each.name == wording.REST)
        if each.interval is not None
    ]
    return Grid(t("By group"), headings, tuple(rows))


def _subjects(report: Report, t: Translator) -> Grid:
    """The answer is below, in the method's words."""
    headings = (t("Subject"), t("Measured copies"), t("Openings, broad count"), t("Rate (%)"), t("Interval"))
    rows = [
        (
            each.subject,
            t.number(each.copies),
            t.number(each.opens_high),
            t.percent(each.rate),
            t("{low} to {high}", low=t.percent(each.interval.low), high=t.percent(each.interval.high)),
        )
        for each in (report.trial.subjects if report.trial else ())
        if each.interval is not None
    ]
    return Grid(t("Two subjects"), headings, tuple(rows))


def _links(report: Report, t: Translator) -> Grid:
    followed = [(each.clicks, each.label or each.url) for each in report.links if each.clicks]
    most = sorted(followed, key=lambda each: -each[0])[:_LINKS]
    rows = [(words, t.number(clicks)) for clicks, words in most]
    return Grid(t("What was followed most"), (t("Link"), t("Clicks")), tuple(rows))


def _method(report: Report, t: Translator) -> str:
    if report.letter.rate_high is None:
        if report.letter.measured:
            return wording.few_opens(t)
        return t("Openings of this letter were not measured: it held no picture that tells.")
    return " ".join(
        (
            t("Measure") + t(": ") + wording.mode(t, report.letter.tracking) + ".",
            t(
                "Strictly counted, without the proxies of mail services: {rate}. Automatic loads set aside: {count}.",
                rate=t.percent(report.letter.rate_low),
                count=t.number(report.letter.set_aside or 0),
            ),
            t(
                "The interval says what chance alone may change, not who refuses the measure or blocks images."
            ),
            *([wording.trial(t, report.trial)] if report.trial else []),
        )
    )
