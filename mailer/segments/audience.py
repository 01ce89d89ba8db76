"""Who gets it now, and who falls out at which step.

The steps, in order: subscribed to the topic, the rule, the members-only guard (outside the user's expression),
exclusions, the person's own pause, what keeps from asking for a consent, one per organisation. Everybody considered is counted once: in the audience, or under the first step that
leaves them out.
"""

from collections import Counter
from dataclasses import replace
from datetime import date

from sqlalchemy import ColumnElement, Select, case, false, func, literal, null, select, true

from mailer.model.columns import table
from mailer.model.people import EVERYTHING, Exclusion
from mailer.model.segment import Audience, Segment
from mailer.segments import compiler
from mailer.segments.fields import contact, member_exists, organisation, subscribed
from mailer.segments.sentences import sentence
from mailer.store import Tx, asked

exclusion = table(Exclusion)


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
    left_out = _reason(segment, topic, day, asks=asks).label("reason")
    joined = contact.outerjoin(organisation, organisation.c.id == contact.c.organisation_id)
    statement = select(contact.c.id, left_out, contact.c.organisation_id, contact.c.job).select_from(joined)
    if among is not None:
        statement = statement.where(contact.c.id.in_(among))
    chosen: list[tuple[int, int | None, str]] = []
    excluded: Counter[str] = Counter()
    for contact_id, reason, organisation_id, job in tx.execute(statement.order_by(contact.c.id)):
        if reason is None:
            chosen.append((contact_id, organisation_id, job))
        else:
            excluded[reason] += 1
    considered = len(chosen) + excluded.total()
    if segment.one_per:
        kept = _one_per_organisation(chosen, segment.jobs)
        excluded["one_per"] = len(chosen) - len(kept)
        chosen = kept
    return Audience(
        segment=segment.slug,
        topic=topic,
        contact_ids=tuple(contact_id for contact_id, _, _ in chosen),
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
    fallen = found.where(_reason(segment, topic, day, asks=False) == reason)
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


def _reason(segment: Segment, topic: str, day: date, *, asks: bool) -> ColumnElement[str | None]:
    """The first step that leaves a contact out, or NULL."""
    excluded = (
        select(func.min(exclusion.c.reason))
        .where(exclusion.c.address == contact.c.address, exclusion.c.scope.in_((EVERYTHING, topic)))
        .scalar_subquery()
    )
    guard = member_condition(day) if segment.members_only else true()
    return case(
        (~subscribed(topic), literal("not_subscribed")),
        (~func.coalesce(compiler.condition(segment, day), false()), literal("rule")),
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
    chosen: list[tuple[int, int | None, str]], jobs: tuple[str, ...]
) -> list[tuple[int, int | None, str]]:
    """The best placed person of each organisation, in the order of jobs; people without one stay."""
    ranks = {job: rank for rank, job in enumerate(jobs)}
    best: dict[int, tuple[int, int]] = {}
    for contact_id, organisation_id, job in chosen:
        if organisation_id is not None:
            rank = (ranks.get(job, len(ranks)), contact_id)
            best[organisation_id] = min(best.get(organisation_id, rank), rank)
    kept = {contact_id for _, contact_id in best.values()}
    return [each for each in chosen if each[1] is None or each[0] in kept]
