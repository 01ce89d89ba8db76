"""The last results of each campaign: its open rate beside those before."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from mailer.app import IssueSummary, Mailer
from mailer.model.report import Report

#: How many earlier letters make the line and the median.
EARLIER = 6
SENT = frozenset({"done", "settling", "sending"})


@dataclass(frozen=True, slots=True)
class Recent:
    """The last letter of a campaign; `before` are the rates of the letters before it, the oldest first."""

    summary: IssueSummary
    report: Report
    before: tuple[float, ...]

    @property
    def rates(self) -> tuple[float, ...]:
        """The line: the rates before, and its own."""
        own = self.report.rate_high
        return (*self.before, own) if own is not None else ()

    @property
    def median(self) -> float | None:
        return median_of(self.before)


def recent_results(mailer: Mailer, summaries: list[IssueSummary]) -> list[Recent]:
    """One for each campaign that has sent something, the latest first; errata are measured for nothing but themselves."""
    latest: dict[str, IssueSummary] = {}
    for summary in summaries:
        if summary.state in SENT and not summary.issue.erratum_of:
            latest.setdefault(summary.campaign.slug, summary)
    reports = [(each, mailer.report(each.ref)) for each in latest.values()]
    return [Recent(each, report, _before(mailer, report, summaries)) for each, report in reports]


def rates_before(mailer: Mailer, report: Report) -> tuple[float, ...]:
    """Open rates of the letters of this campaign that left before, the oldest first."""
    return _before(mailer, report, mailer.issues())


def median_of(rates: Sequence[float]) -> float | None:
    return median(rates) if rates else None


def _before(mailer: Mailer, report: Report, summaries: list[IssueSummary]) -> tuple[float, ...]:
    """Of the same mode only, and of no erratum: rates that were counted differently are not compared."""
    if report.rate_high is None:
        return ()
    earlier = [each for each in summaries if _left_before(each, report)][:EARLIER]
    reports = [mailer.report(each.ref) for each in reversed(earlier)]
    return tuple(
        each.rate_high for each in reports if each.rate_high is not None and each.tracking == report.tracking
    )


def _left_before(summary: IssueSummary, report: Report) -> bool:
    started = summary.send.started_at if summary.send else None
    return (
        summary.campaign.slug == report.campaign
        and not summary.issue.erratum_of
        and summary.state in SENT
        and started is not None
        and report.started_at is not None
        and started < report.started_at
    )
