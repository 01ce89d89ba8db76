"""Letters side by side and years, as text for a terminal and as JSON for programs."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from mailer.i18n import Translator
from mailer.model.report import LetterFigures
from mailer.model.series import CampaignYear, ListHealth, ModeRate, YearReview
from mailer.reporting import wording
from mailer.reporting.paragraph import paragraph
from mailer.reporting.reasons import reason

Row = tuple[str, ...]


def letter_json(each: LetterFigures) -> dict[str, Any]:
    """Like a report: rates from 0 to 1, the interval as [low, high] or None, the instant in ISO 8601."""
    values = {name: value for name, value in asdict(each).items() if name != "send_id"}
    values["started_at"] = each.started_at.isoformat()
    values["interval"] = [each.interval.low, each.interval.high] if each.interval else None
    return values


def health_json(health: ListHealth) -> dict[str, Any]:
    months = [
        {"month": f"{each.first:%Y-%m}", "arrivals": each.arrivals, "departures": each.departures}
        for each in health.months
    ]
    return {**asdict(health), "writable": health.writable, "months": months}


def year_json(review: YearReview, t: Translator) -> dict[str, Any]:
    return {
        "year": review.year,
        "is_running": review.is_running,
        "letters": len({each.ref for each in review.regular}),
        "accepted": review.accepted,
        "campaigns": [_campaign_json(each) for each in review.campaigns],
        "topics": [asdict(each) for each in review.topics],
        "followed": review.followed,
        "paragraph": paragraph(review, t),
    }


def _campaign_json(each: CampaignYear) -> dict[str, Any]:
    values = {**asdict(each), "first_at": each.first_at.isoformat(), "moved": each.moved}
    del values["before"]
    return values


def letter_rows(letters: Iterable[LetterFigures], t: Translator) -> list[Row]:
    """Letter, day, recipients, rate with its interval, measure; the latest first."""
    return [
        (
            each.ref,
            t.instant(each.started_at, "d MMM y"),
            t.number(each.accepted),
            rate_words(each, t),
            wording.mode(t, each.tracking) if each.measured else "",
        )
        for each in reversed(list(letters))
    ]


def rate_words(each: LetterFigures, t: Translator) -> str:
    """37,1 % (36,0–38,2), or that nothing was measured."""
    if each.rate_high is None or each.interval is None:
        return wording.unrated(t, each)
    low, high = t.percent(each.interval.low), t.percent(each.interval.high)
    return f"{t.percent(each.rate_high)} ({t('{low} to {high}', low=low, high=high)})"


def health_lines(health: ListHealth, t: Translator) -> list[str]:
    """The list in a few sentences."""
    came = sum(each.arrivals for each in health.months)
    left = sum(each.departures for each in health.months)
    return [
        t.plural("{count} subscriber", "{count} subscribers", health.subscribed)
        + t("; {count} can be written to.", count=t.number(health.writable)),
        *(f"  {reason(t, code)}{t(': ')}{t.number(count)}" for code, count in health.barred_by.items()),
        t("In 12 months: {came} came, {left} left.", came=t.number(came), left=t.number(left)),
    ]


def year_text(review: YearReview, t: Translator) -> str:
    """The paragraph, then each campaign in figures, then what was followed most."""
    lines = [paragraph(review, t)]
    for each in review.campaigns:
        lines += ["", *_campaign_lines(each, t)]
    if review.topics:
        lines += [
            "",
            t("Most followed"),
            *(f"  {each.label or each.url}  {t.number(each.clicks)}" for each in review.topics),
        ]
    return "\n".join(lines)


def _campaign_lines(each: CampaignYear, t: Translator) -> list[str]:
    return [
        each.title,
        f"  {t('Letters')}{t(': ')}{t.number(each.letters)}",
        f"  {t('Recipients per letter')}{t(': ')}{t.number(round(each.recipients))}",
        *(f"  {mode_rate(rate, t)}" for rate in each.rates),
        *([] if each.rates else [f"  {t('Open rate: not measured.')}"]),
        *([f"  {year_before(each, t)}"] if each.before else []),
    ]


def mode_rate(rate: ModeRate, t: Translator) -> str:
    """The mean of one mode, with its range and its base."""
    return t.plural(
        "Open rate: {rate} ({low} by the strict count), {count} letter, {copies} measured copies, {mode}",
        "Open rate: {rate} on average ({low} by the strict count), {count} letters, {copies} measured copies, {mode}",
        rate.letters,
        rate=t.percent(rate.high),
        low=t.percent(rate.low),
        copies=t.number(rate.measured),
        mode=wording.mode(t, rate.tracking),
    )


def year_before(each: CampaignYear, t: Translator) -> str:
    """By how much the rate moved, or why that cannot be said; empty where there was nothing the year before."""
    if each.before is None:
        return ""
    if each.moved is None:
        return t("The year before was not measured in the same way.")
    points = round(100 * each.moved)
    said = wording.signed_points(t, points) if points else t("Equal")
    return t("Beside the year before: {moved}", moved=said)
