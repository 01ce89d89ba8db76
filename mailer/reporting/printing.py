"""A report as text for a terminal, and as JSON for programs."""

from dataclasses import asdict
from typing import Any

from mailer.i18n import Translator, marked
from mailer.model.report import Report

_MODES = {
    "none": marked("not measured"),
    "consented": marked("of the {count} copies of people who accepted the measure"),
    "anonymous": marked("of {count} copies, anonymous measure"),
}


def as_json(report: Report) -> dict[str, Any]:
    """Plain values; rates from 0 to 1, `interval` as [low, high] or None, instants in ISO 8601."""
    values = asdict(report)
    values["interval"] = [report.interval.low, report.interval.high] if report.interval else None
    for name in ("started_at", "ended_at"):
        values[name] = values[name].isoformat() if values[name] else None
    return values


def as_text(report: Report, t: Translator) -> str:
    """The report in the reader's language, aligned in two columns."""
    number = f" n° {report.number}" if report.number else ""
    lines = [f"{report.title}{number} · {report.subject}"]
    if report.started_at:
        lines.append(t("Sent {when}.", when=t.instant(report.started_at)))
    lines += [
        "",
        *_columns(t, _statement(report, t)),
        "",
        *_columns(t, _afterwards(report, t)),
        "",
        _rate(report, t),
    ]
    return "\n".join(lines)


def _statement(report: Report, t: Translator) -> list[tuple[str, int]]:
    rows = [
        (t("Targeted"), report.planned),
        (t("  accepted"), report.accepted),
        (t("  refused"), report.refused),
        (t("  excluded"), report.excluded),
        (t("  in doubt"), report.in_doubt),
    ]
    extra = [(t("  cancelled"), report.cancelled), (t("  still to hand over"), report.open)]
    return rows + [row for row in extra if row[1]]


def _afterwards(report: Report, t: Translator) -> list[tuple[str, int]]:
    return [
        (t("Delivered"), report.delivered),
        (t("Addresses in error"), report.bounced),
        (t("Complaints"), report.complained),
        (t("Unsubscribed"), report.unsubscribed),
    ]


def _columns(t: Translator, rows: list[tuple[str, int]]) -> list[str]:
    width = max(len(label) for label, _ in rows)
    numbers = [t.number(count) for _, count in rows]
    right = max(map(len, numbers))
    return [f"{label:<{width}}  {number:>{right}}" for (label, _), number in zip(rows, numbers, strict=True)]


def _rate(report: Report, t: Translator) -> str:
    """Never a rate without its base, its range and its interval (rules O4, O13)."""
    if report.rate_high is None or report.interval is None:
        return t("Open rate: not measured.")
    said = t(
        "Open rate: {rate} {base}; 95 % interval {low} to {high}.",
        rate=t.percent(report.rate_high),
        base=t(_MODES[report.tracking], count=t.number(report.measured)),
        low=t.percent(report.interval.low),
        high=t.percent(report.interval.high),
    )
    strict = t(
        "Strictly counted, without the proxies of mail services: {rate}. Automatic loads set aside: {count}.",
        rate=t.percent(report.rate_low),
        count=t.number(report.loaded - report.opens_high),
    )
    clicks = t.plural("{count} click.", "{count} clicks.", report.clicks)
    return f"{said}\n{strict}\n{clicks}"
