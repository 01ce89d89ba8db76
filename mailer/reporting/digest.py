"""A report in a few sentences: what a mail says of a letter two days after it left. Counts only."""

from mailer.i18n import Translator
from mailer.model.report import Report
from mailer.model.series import Comparison
from mailer.reporting import wording


def sentences(report: Report, comparison: Comparison, t: Translator) -> tuple[str, ...]:
    """The figures of the report's page: who got it, who opened it, who left."""
    return tuple(
        each for each in (_reach(report, t), _opened(report, comparison, t), _left(report, t)) if each
    )


def _reach(report: Report, t: Translator) -> str:
    return t(
        "Targeted: {planned}. Delivered: {delivered}. Addresses in error: {bounced}.",
        planned=t.number(report.planned),
        delivered=t.number(report.delivered),
        bounced=t.number(report.bounced),
    )


def _opened(report: Report, comparison: Comparison, t: Translator) -> str:
    """Never a rate without its base, its interval and its measure (rules O3, O13)."""
    if report.rate_high is None or report.interval is None:
        return t("Open rate: not measured.")
    said = t(
        "Open rate: {rate} ({low} to {high}) of {count} copies, {mode}.",
        rate=t.percent(report.rate_high),
        low=t.percent(report.interval.low),
        high=t.percent(report.interval.high),
        count=t.number(report.measured),
        mode=wording.mode(t, report.tracking),
    )
    if comparison.rate is None:
        return said
    _, moved = wording.compared(t, report.rate_high, comparison.rate.median)
    return f"{said} {moved} {wording.beside(t, comparison)}."


def _left(report: Report, t: Translator) -> str:
    return t(
        "Unsubscribed: {left}. Complaints: {complained}.",
        left=t.number(report.unsubscribed),
        complained=t.number(report.complained),
    )
