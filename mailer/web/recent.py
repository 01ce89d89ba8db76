"""The last results of each campaign: its open rate beside those of the twelve months before it."""

from dataclasses import dataclass

from mailer import reporting
from mailer.app import IssueSummary, Mailer
from mailer.model.report import Report
from mailer.model.series import Comparison

#: How many earlier letters the line shows.
EARLIER = 6
SENT = frozenset({"done", "settling", "sending"})


@dataclass(frozen=True, slots=True)
class Recent:
    """The last letter of a campaign; `before` are the last rates before it of the same mode, the oldest first."""

    summary: IssueSummary
    report: Report
    comparison: Comparison
    before: tuple[float, ...]

    @property
    def rates(self) -> tuple[float, ...]:
        """The line: the rates before, and its own."""
        own = self.report.letter.rate_high
        return (*self.before, own) if own is not None else ()


def recent_results(mailer: Mailer, summaries: list[IssueSummary]) -> list[Recent]:
    """One for each campaign that has sent something, the latest first; errata are measured for nothing but themselves."""
    latest: dict[str, IssueSummary] = {}
    for summary in summaries:
        if summary.state in SENT and not summary.issue.erratum_of:
            latest.setdefault(summary.campaign.slug, summary)
    return [_recent(mailer, each) for each in latest.values()]


def _recent(mailer: Mailer, summary: IssueSummary) -> Recent:
    comparison = mailer.measures.comparison(summary.ref)
    before = _before(mailer, summary) if comparison.rate else ()
    return Recent(summary, mailer.report(summary.ref), comparison, before)


def _before(mailer: Mailer, summary: IssueSummary) -> tuple[float, ...]:
    found = mailer.measures.letters(summary.campaign.slug)
    own = next((each for each in reversed(found) if each.ref == summary.ref), None)
    if own is None:
        return ()
    _, alike = reporting.earlier(own, found, zone=mailer.settings.time_zone)
    return tuple(each.rate_high for each in alike[-EARLIER:] if each.rate_high is not None)
