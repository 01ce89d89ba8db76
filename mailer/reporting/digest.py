"""A report in a few sentences: what a mail says of a letter two days after it left. Counts only."""

from mailer.i18n import Translator
from mailer.model.report import Report
from mailer.model.series import Comparison
from mailer.reporting import wording


def sentences(report: Report, comparison: Comparison, t: Translator) -> tuple[str, ...]:
    """The figures of the report's page: who got it, who opened it, who left."""
    return tuple(
        each
        for each in (
            _reach(report, t),
            _opened(report, comparison, t),
            wording.trial(t, report.trial) if report.trial else "",
            _left(report, t),
        )
        if each
    )


def _reach(report: Report, t: Translator) -> str:
    return t(
        "Targeted: {planned}. Delivered: {delivered}. Addresses in error: {bounced}.",
        planned=t.number(report.letter.planned),
        delivered=t.number(report.letter.delivered),
        bounced=t.number(report.letter.bounced),
    )


def _opened(report: Report, comparison: Comparison, t: Translator) -> str:
    """Never a rate without its base, its interval and its measure (rules O3, O13)."""
    if report.letter.rate_high is None or report.letter.interval is None:
        return wording.no_rate(t, report.letter)
    said = t(
        "Open rate: {rate} ({low} to {high}) of {count} copies, {mode}.",
        rate=t.percent(report.letter.rate_high),
        low=t.percent(report.letter.interval.low),
        high=t.percent(report.letter.interval.high),
        count=t.number(report.letter.measured),
        mode=wording.mode(t, report.letter.tracking),
    )
    if comparison.rate is None:
        return said
    _, moved = wording.compared(t, report.letter.rate_high, comparison.rate.median)
    return f"{said} {moved} {wording.beside(t, comparison)}."


def _left(report: Report, t: Translator) -> str:
    return t(
        "Unsubscribed: {left}. Complaints: {complained}.",
        left=t.number(report.letter.unsubscribed),
        complained=t.number(report.letter.complained),
    )
