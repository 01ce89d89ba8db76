"""One audience as an officer looks at it: the count, what it is made of, whom it misses, who asks in vain."""

from dataclasses import dataclass, replace

from mailer import segments
from mailer.app import editions, invitations, local_days
from mailer.app.mailer import Mailer
from mailer.errors import InputError
from mailer.model.segment import Audience, Segment

#: So many of those who ask without being members are listed.
MOST_LISTED = 100


@dataclass(frozen=True, slots=True)
class View:
    """What the page of one audience shows."""

    segment: Segment
    topic_title: str
    audience: Audience
    makeup: segments.Makeup
    coverage: segments.Coverage
    in_vain: int
    asking: tuple[segments.Known, ...]
    #: A campaign for members uses it: whoever asks in vain can be invited.
    can_invite: bool
    #: The first campaign that uses it, to write to it; empty: none.
    campaign: str
    #: Who of them a letter that asks for the consent to be measured would go to, and why not the others.
    questioned: Audience


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Some people whom a step leaves out; `more` is the number after which the next ones come, 0 for none."""

    segment: Segment
    people: tuple[segments.Known, ...]
    more: int


def view(mailer: Mailer, slug: str, *, language: str) -> View:
    """The audience of today; raises NotFoundError, or WorkspaceError for a rule with mistakes."""
    segment, topic = _segment(mailer, slug)
    audience = mailer.resolve(segment, topic=topic, language=language)
    found, _ = mailer.workspace()
    asked = invitations.campaign_of(found, slug)
    guarded = replace(segment, members_only=segment.members_only or asked is not None)
    day = local_days.today(mailer)
    with mailer.store.read() as tx:
        count, asking = segments.not_members(tx, guarded, topic=topic, day=day, limit=MOST_LISTED)
        return View(
            segment=segment,
            topic_title=mailer.topics().get(topic, topic),
            audience=audience,
            makeup=segments.makeup(tx, audience.contact_ids),
            coverage=segments.coverage(tx, audience.contact_ids, day=day),
            in_vain=count,
            asking=tuple(asking),
            can_invite=asked is not None,
            campaign=next((each.slug for each in found.campaigns.values() if each.segment == slug), ""),
            questioned=segments.resolve(tx, segment, topic=topic, day=day, asks=True),
        )


def people(mailer: Mailer, audience: Audience, *, start: int, count: int) -> list[segments.Known]:
    """Some of the audience, from the given place on."""
    with mailer.store.read() as tx:
        return segments.people(tx, audience.contact_ids[start : start + count])


def left_out(mailer: Mailer, slug: str, reason: str, *, after: int, limit: int) -> LeftOut:
    """Some of those whom this step leaves out today, from the one after this number on."""
    segment, topic = _segment(mailer, slug)
    day = local_days.today(mailer)
    with mailer.store.read() as tx:
        ids = segments.left_out(
            tx, segment, topic=topic, day=day, reason=reason, after=after, limit=limit + 1
        )
        shown = ids[:limit]
        more = shown[-1] if len(ids) > limit else 0
        return LeftOut(segment, tuple(segments.people(tx, shown)), more)


def find(mailer: Mailer, slug: str, *, language: str) -> tuple[Segment, Audience]:
    """The audience without what it is made of."""
    segment, topic = _segment(mailer, slug)
    return segment, mailer.resolve(segment, topic=topic, language=language)


def _segment(mailer: Mailer, slug: str) -> tuple[Segment, str]:
    """With the topic of the campaign that uses it; of the first topic where none does."""
    try:
        return editions.find_segment(mailer.settings, slug)
    except InputError:
        topics = list(mailer.topics())
        return editions.find_segment(mailer.settings, slug, topic=topics[0] if topics else None)
