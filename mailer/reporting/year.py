"""A year in review: letters per campaign, their recipients and rates, months, and what was followed most."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from statistics import fmean
from zoneinfo import ZoneInfo

from mailer.clock import local_date
from mailer.model.report import LetterFigures
from mailer.model.series import CampaignMonth, CampaignYear, ModeRate, TopicClicks, YearReview
from mailer.model.workspace import Tracking
from mailer.reporting.series import figures
from mailer.store import Tx, series
from mailer.store.series import Begun

#: So many subjects are named.
MOST_TOPICS = 5


def year_review(
    tx: Tx, year: int, *, at: datetime, zone: str, rhythms: Mapping[str, str] | None = None
) -> YearReview:
    """The calendar year in this zone; `rhythms` says how campaigns that still exist are meant to appear."""
    begun = series.begun(tx, since=_first(year, zone), until=_first(year + 1, zone))
    letters = figures(tx, begun)
    former = figures(tx, series.begun(tx, since=_first(year - 1, zone), until=_first(year, zone)))
    regular, before_it = _regular(letters), _regular(former)
    known = rhythms or {}
    before = {each.campaign: each for each in _campaigns(before_it, known, {}, zone)}
    followed = [
        each for each in regular if each.tracking == Tracking.CONSENTED.value and each.clicks is not None
    ]
    return YearReview(
        year=year,
        letters=letters,
        campaigns=_campaigns(regular, known, before, zone),
        topics=_topics(tx, [each for each in begun if each.send_id in {one.send_id for one in followed}]),
        followed=len({each.ref for each in followed}),
        is_running=local_date(at, zone).year == year,
    )


def years(tx: Tx, *, at: datetime, zone: str) -> list[int]:
    """The years that can be asked for: from the first letter to the present one, the latest first."""
    now = local_date(at, zone).year
    found = series.years(tx)
    first = local_date(found[0], zone).year if found else now
    return list(range(max(now, first), first - 1, -1))


def _regular(letters: Sequence[LetterFigures]) -> list[LetterFigures]:
    """Without errata: none is one more issue, and few get one, so that it would halve a mean and double a count."""
    return [each for each in letters if not each.erratum_of]


def _first(year: int, zone: str) -> datetime:
    return datetime.combine(date(year, 1, 1), datetime.min.time(), ZoneInfo(zone)).astimezone(UTC)


def _campaigns(
    letters: Sequence[LetterFigures],
    rhythms: Mapping[str, str],
    before: Mapping[str, CampaignYear],
    zone: str,
) -> tuple[CampaignYear, ...]:
    """Regular series first, in the order of their letters' reach; what leaves on occasion last."""
    slugs = dict.fromkeys(each.campaign for each in letters)
    found = [
        _campaign([each for each in letters if each.campaign == slug], rhythms, before, zone)
        for slug in slugs
    ]
    return tuple(sorted(found, key=lambda each: (each.rhythm == "adhoc", -each.recipients)))


def _campaign(
    letters: Sequence[LetterFigures],
    rhythms: Mapping[str, str],
    before: Mapping[str, CampaignYear],
    zone: str,
) -> CampaignYear:
    slug, count = letters[0].campaign, _issues(letters)
    rates = _rates(letters)
    accepted = sum(each.accepted for each in letters)
    return CampaignYear(
        campaign=slug,
        title=letters[-1].title or slug,
        rhythm=rhythms.get(slug, "adhoc"),
        letters=count,
        recipients=accepted / count,
        accepted=accepted,
        delivered=sum(each.delivered for each in letters),
        unsubscribed=sum(each.unsubscribed for each in letters),
        first_at=letters[0].started_at,
        rates=rates,
        before=before.get(slug),
        months=_months(letters, rates, zone),
    )


def _issues(letters: Sequence[LetterFigures]) -> int:
    """An issue that was stopped and sent again is one letter."""
    return len({each.ref for each in letters})


def _rates(letters: Sequence[LetterFigures]) -> tuple[ModeRate, ...]:
    """One mean per mode, each letter counting once; the mode of the latest letter first."""
    found = []
    for mode in dict.fromkeys(each.tracking for each in reversed(letters)):
        rated = [each for each in letters if each.tracking == mode and each.rate_high is not None]
        if rated:
            low = fmean(each.rate_low or 0.0 for each in rated)
            high = fmean(each.rate_high or 0.0 for each in rated)
            found.append(ModeRate(mode, len(rated), low, high, sum(each.measured for each in rated)))
    return tuple(found)


def _months(
    letters: Sequence[LetterFigures], rates: Sequence[ModeRate], zone: str
) -> tuple[CampaignMonth, ...]:
    """Twelve of them; the rate of a month is that of the letters measured in the year's latest mode."""
    mode = rates[0].tracking if rates else ""
    months = []
    for month in range(1, 13):
        mine = [each for each in letters if local_date(each.started_at, zone).month == month]
        rated = [each.rate_high for each in mine if each.tracking == mode and each.rate_high is not None]
        months.append(CampaignMonth(month, _issues(mine), fmean(rated) if rated else None))
    return tuple(months)


def _topics(tx: Tx, begun: Sequence[Begun]) -> tuple[TopicClicks, ...]:
    """By address, under the words of its latest letter."""
    clicks = series.clicks(tx, [each.send_id for each in begun])
    counted: Counter[str] = Counter()
    labels: dict[str, str] = {}
    for each in begun:
        for number, url in enumerate(each.links):
            counted[url] += clicks.get(each.send_id, {}).get(number, 0)
            labels[url] = (each.link_labels[number] if number < len(each.link_labels) else "") or labels.get(
                url, ""
            )
    return tuple(
        TopicClicks(url, labels[url], count) for url, count in counted.most_common(MOST_TOPICS) if count
    )
