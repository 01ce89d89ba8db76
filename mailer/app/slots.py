"""The planned days of campaigns with a rhythm, and which of them have no letter yet. Weeks begin on Monday.

A letter answers for the planned day of the week that it is dated in, whichever day of it that is.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from mailer.app.issues import IssueSummary
from mailer.model.workspace import Campaign, Rhythm

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Slot:
    """One planned hour of a campaign, naive and local."""

    campaign: Campaign
    at: datetime


def monday(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(days=day.weekday())


def hour_of_week(plan: Rhythm, day: date) -> datetime:
    """The planned hour of the week of this day."""
    return datetime.combine(monday(day) + timedelta(days=plan.weekday), plan.hour)


def next_hour(plan: Rhythm, left_on: date) -> datetime:
    """The planned hour after a departure of that day: that of the week after."""
    return hour_of_week(plan, left_on + _WEEK)


def hours_between(plan: Rhythm, first: datetime, last: datetime) -> Iterator[datetime]:
    """Every planned hour from `first` to `last`, both included."""
    at = hour_of_week(plan, first.date())
    while at <= last:
        if at >= first:
            yield at
        at += _WEEK


def unprepared(
    campaigns: Iterable[Campaign],
    summaries: Collection[IssueSummary],
    prepared: Collection[tuple[str, date]],
    *,
    first: datetime,
    last: datetime,
) -> list[Slot]:
    """The planned hours in this time without a letter of their week; `prepared` had one, wherever it is now."""
    found: list[Slot] = []
    for campaign in campaigns:
        if campaign.plan is not None:
            hours, weeks = hours_between(campaign.plan, first, last), _weeks(campaign, summaries)
            open_hours = [at for at in hours if monday(at.date()) not in weeks]
            found += [Slot(campaign, at) for at in open_hours if (campaign.slug, at.date()) not in prepared]
    return sorted(found, key=lambda slot: slot.at)


def _weeks(campaign: Campaign, summaries: Collection[IssueSummary]) -> set[date]:
    """The Mondays of the weeks that letters of the campaign are dated in; errata are none of its series."""
    dated = [
        each.local_at(campaign.zone)
        for each in summaries
        if each.campaign.slug == campaign.slug and not each.issue.erratum_of
    ]
    return {monday(at.date()) for at in dated if at is not None}
