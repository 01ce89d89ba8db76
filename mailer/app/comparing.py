"""Two audiences side by side, and one beside the people whom its last letter went to."""

from collections.abc import Iterable
from dataclasses import dataclass

from mailer import segments, sending
from mailer.app import audiences, editions
from mailer.app.mailer import Mailer
from mailer.clock import local_date
from mailer.errors import NotFoundError
from mailer.model.segment import Audience, Segment
from mailer.model.workspace import Campaign
from mailer.store import Tx, planning, sends

#: So many people of each part are listed.
MOST_LISTED = 20


@dataclass(frozen=True, slots=True)
class Part:
    """Some people: how many, and the first of them. Those who were erased since are counted and not listed."""

    count: int
    first: tuple[segments.Known, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two audiences of today."""

    segment: Segment
    other: Segment
    audience: Audience
    other_audience: Audience
    only: Part
    both: Part
    only_other: Part


@dataclass(frozen=True, slots=True)
class Changes:
    """Who would get the next letter of a campaign and did not get its last, and the other way round."""

    campaign: str
    issue: str
    former: int
    arrivals: Part
    departures: Part


def compare(mailer: Mailer, slug: str, other: str, *, language: str) -> Comparison:
    """Each among the subscribers of its own topic; raises NotFoundError, or WorkspaceError for a rule with mistakes."""
    segment, audience = audiences.find(mailer, slug, language=language)
    second, others = audiences.find(mailer, other, language=language)
    left, right = frozenset(audience.contact_ids), frozenset(others.contact_ids)
    with mailer.store.read() as tx:
        return Comparison(
            segment=segment,
            other=second,
            audience=audience,
            other_audience=others,
            only=_part(tx, left - right),
            both=_part(tx, left & right),
            only_other=_part(tx, right - left),
        )


def changes(mailer: Mailer, slug: str, *, language: str) -> list[Changes]:
    """For each campaign of the segment that has sent a letter: what moved since."""
    found, _ = mailer.workspace()
    if slug not in found.segments:
        raise NotFoundError(
            "There is no segment {slug}. Known: {known}.", slug=slug, known=", ".join(sorted(found.segments))
        )
    whole = editions.whole_segment(found, slug)
    using = [each for each in found.campaigns.values() if each.segment == slug]
    with mailer.store.read() as tx:
        moved = (_changes(tx, mailer, campaign, whole, language) for campaign in using)
        return [each for each in moved if each is not None]


def _changes(tx: Tx, mailer: Mailer, campaign: Campaign, segment: Segment, language: str) -> Changes | None:
    last = sends.last_done(tx, campaign.slug)
    if last is None or last.id is None:
        return None
    day = local_date(mailer.clock.now(), campaign.zone)
    now = frozenset(sending.foresee(tx, campaign, segment, day=day, language=language).audience.contact_ids)
    former = frozenset(planning.contact_ids(tx, last.id))
    return Changes(
        campaign=campaign.title,
        issue=last.issue,
        former=len(former),
        arrivals=_part(tx, now - former),
        departures=_part(tx, former - now),
    )


def _part(tx: Tx, ids: Iterable[int]) -> Part:
    chosen = sorted(ids)
    known = [each for each in chosen if each > 0]
    return Part(len(chosen), tuple(segments.people(tx, known[:MOST_LISTED])))
