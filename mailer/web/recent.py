"""The last results of each campaign: its open rate beside those before."""

from dataclasses import dataclass
from statistics import median

from mailer.app import IssueSummary, Mailer
from mailer.model.report import Report

#: How many earlier letters make the line and the median.
EARLIER = 6


@dataclass(frozen=True, slots=True)
class Recent:
    """The last letter of a campaign; `rates` are those of its measured letters, the oldest first."""

    summary: IssueSummary
    report: Report
    rates: tuple[float, ...]

    @property
    def median(self) -> float | None:
        """The median rate of the letters before this one."""
        return median(self.rates[:-1]) if len(self.rates) > 1 else None


def recent_results(mailer: Mailer, summaries: list[IssueSummary]) -> list[Recent]:
    """One for each campaign that has sent something, the latest first."""
    found: dict[str, list[IssueSummary]] = {}
    for summary in summaries:
        if summary.state in {"done", "settling", "sending"}:
            found.setdefault(summary.campaign.slug, []).append(summary)
    return [_recent(mailer, letters[: EARLIER + 1]) for letters in found.values()]


def _recent(mailer: Mailer, letters: list[IssueSummary]) -> Recent:
    reports = [mailer.report(each.ref) for each in letters]
    rates = tuple(each.rate_high for each in reversed(reports) if each.rate_high is not None)
    return Recent(letters[0], reports[0], rates)
