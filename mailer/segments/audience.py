"""Who gets it now, and who falls out at which step.

The steps, in order: subscribed to the topic, the rule, the members-only guard (outside the user's expression),
exclusions, the person's own pause, what keeps from asking for a consent, one per organisation. Everybody considered is counted once: in the audience, or under the first step that
leaves them out.
"""

from array import array
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    case,
    cast,
    false,
    func,
    literal,
    literal_column,
    null,
    select,
    true,
    union_all,
)

from mailer.model.columns import table
from mailer.model.people import EVERYTHING, Exclusion, SubscriptionState
from mailer.model.segment import Audience, Segment
from mailer.segments import compiler
from mailer.segments.fields import contact, member_exists, organisation, subscribed, subscription
from mailer.segments.sentences import sentence
from mailer.store import Tx, asked

exclusion = table(Exclusion)
#: A million rows come in pieces, also from PostgreSQL, whose driver would keep them all.
_PIECEWISE = {"yield_per": 5_000}
#: Names of the two counts; no reason is called so.
_CONSIDERED, _SUBSCRIBERS = "#considered", "#subscribers"


def member_condition(day: date) -> ColumnElement[bool]:
    """The guard: the contact's organisation is a member on that day. Also read again at each hand-over."""
    return member_exists(day)


def resolve(
    tx: Tx,
    segment: Segment,
    *,
    topic: str,
    day: date,
    among: Select[tuple[int]] | None = None,
    asks: bool = False,
) -> Audience:
    """The people named on that day, as the people here count days; ids ascending.

    `among`: the ids of the only contacts that are considered. `asks`: for a letter that asks for the consent to be
    measured, so only those who have not answered, and were not asked lately. Raises WorkspaceError for a rule with mistakes.
    """
    chosen = array("q")
    posts: dict[int, tuple[int | None, str]] = {}
    excluded: Counter[str] = Counter()
    judged = _judged(segment, topic, day, among, asks)
    for contact_id, reason, organisation_id, job, count in tx.execute(judged, execution_options=_PIECEWISE):
        if reason is not None:
            excluded[reason] += count
            continue
        chosen.append(contact_id)
        if segment.one_per:
            posts[contact_id] = (organisation_id, job)
    considered, subscribers = excluded.pop(_CONSIDERED), excluded.pop(_SUBSCRIBERS)
    excluded["rule"] = subscribers - len(chosen) - excluded.total()
    excluded["not_subscribed"] = considered - subscribers
    if segment.one_per:
        kept = _one_per_organisation(chosen, posts, segment.jobs)
        excluded["one_per"] = len(chosen) - len(kept)
        chosen = kept
    return Audience(
        segment=segment.slug,
        topic=topic,
        contact_ids=chosen,
        excluded={reason: count for reason, count in sorted(excluded.items(), key=_step) if count},
        considered=considered,
    )


def left_out(
    tx: Tx, segment: Segment, *, topic: str, day: date, reason: str, after: int, limit: int
) -> list[int]:
    """The next contacts, by number, whom this step leaves out; none for a step that there is not."""
    if reason == "one_per":
        return _less_placed(tx, segment, topic, day, after)[:limit]
    joined = contact.outerjoin(organisation, organisation.c.id == contact.c.organisation_id)
    found = select(contact.c.id).select_from(joined).where(contact.c.id > after)
    step = case(
        (~subscribed(topic), literal("not_subscribed")),
        (~func.coalesce(compiler.condition(segment, day), false()), literal("rule")),
        else_=_reason(segment, topic, day, asks=False),
    )
    fallen = found.where(step == reason)
    return list(tx.execute(fallen.order_by(contact.c.id).limit(limit)).scalars())


def _less_placed(tx: Tx, segment: Segment, topic: str, day: date, after: int) -> list[int]:
    """Whom `one_per` leaves out: in the audience without it, and not with it."""
    kept = frozenset(resolve(tx, segment, topic=topic, day=day).contact_ids)
    whole = resolve(tx, replace(segment, one_per=None), topic=topic, day=day).contact_ids
    return [each for each in whole if each > after and each not in kept]


def explain(tx: Tx, segment: Segment, *, topic: str, day: date, language: str) -> Audience:
    """The same, with the rule as one plain sentence."""
    found = resolve(tx, segment, topic=topic, day=day)
    return replace(found, sentence=sentence(segment, language))


#: Between them the exclusions, in the order of their names.
_STEPS = ("not_subscribed", "rule", "not_member")
_LAST_STEPS = ("paused", asked.ANSWERED, asked.LATELY, "one_per")


def _step(item: tuple[str, int]) -> tuple[int, str]:
    reason = item[0]
    if reason in _LAST_STEPS:
        return len(_STEPS) + 1 + _LAST_STEPS.index(reason), reason
    return (_STEPS.index(reason) if reason in _STEPS else len(_STEPS)), reason


def _judged(
    segment: Segment, topic: str, day: date, among: Select[tuple[int]] | None, asks: bool
) -> CompoundSelect[Any]:
    """Every subscriber who fits the rule, in the order of their numbers, with the first later step that leaves them out;
    and two counts beside them.

    One statement, so that everybody is in it once while others write. Who does not fit is counted, not read: a rule
    that names a few of a million costs little.
    """
    nobody, nothing = cast(null(), Integer), literal("")
    joined = contact.outerjoin(organisation, organisation.c.id == contact.c.organisation_id)
    fitting = select(
        contact.c.id,
        _reason(segment, topic, day, asks=asks),
        contact.c.organisation_id,
        contact.c.job,
        literal(1),
    ).select_from(joined)
    fitting = fitting.where(compiler.condition(segment, day), subscribed(topic))
    everybody = select(nobody, literal(_CONSIDERED), nobody, nothing, func.count()).select_from(contact)
    held = (subscription.c.topic == topic, subscription.c.state == SubscriptionState.SUBSCRIBED.value)
    subscribers = select(nobody, literal(_SUBSCRIBERS), nobody, nothing, func.count()).select_from(
        subscription
    )
    subscribers = subscribers.where(*held)
    if among is not None:
        fitting, everybody = (each.where(contact.c.id.in_(among)) for each in (fitting, everybody))
        subscribers = subscribers.where(subscription.c.contact_id.in_(among))
    # By the contact: a million numbers that were sorted here would be objects, 40 MB of them.
    return union_all(everybody, subscribers, fitting).order_by(literal_column("1"))


def _reason(segment: Segment, topic: str, day: date, *, asks: bool) -> ColumnElement[str | None]:
    """The first step that leaves out a subscriber who fits the rule, or NULL."""
    excluded = (
        select(func.min(exclusion.c.reason))
        .where(exclusion.c.address == contact.c.address, exclusion.c.scope.in_((EVERYTHING, topic)))
        .scalar_subquery()
    )
    guard = member_condition(day) if segment.members_only else true()
    return case(
        (~guard, literal("not_member")),
        (excluded.isnot(None), excluded),
        (contact.c.paused_until > day, literal("paused")),
        *(_unaskable(day) if asks else ()),
        else_=null(),
    )


def _unaskable(day: date) -> tuple[tuple[ColumnElement[bool], ColumnElement[str]], ...]:
    return (
        (asked.has_answered(), literal(asked.ANSWERED)),
        (asked.was_asked(contact.c.id, asked.since(day)), literal(asked.LATELY)),
    )


def _one_per_organisation(
    chosen: "array[int]", posts: Mapping[int, tuple[int | None, str]], jobs: tuple[str, ...]
) -> "array[int]":
    """The best placed person of each organisation, in the order of jobs; people without one stay.

    `posts` maps a person to their organisation and job.
    """
    ranks = {job: rank for rank, job in enumerate(jobs)}
    best: dict[int, tuple[int, int]] = {}
    for contact_id in chosen:
        organisation_id, job = posts[contact_id]
        if organisation_id is not None:
            rank = (ranks.get(job, len(ranks)), contact_id)
            best[organisation_id] = min(best.get(organisation_id, rank), rank)
    kept = {contact_id for _, contact_id in best.values()}
    return array("q", (each for each in chosen if posts[each][0] is None or each in kept))
