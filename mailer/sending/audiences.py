"""Whom a letter goes to: one rule for what a person is shown beforehand and for what the ledger gets.

An erratum goes to whoever holds a copy of the letter that it corrects, or may hold one. Neither the segment's rule nor
`one_per` counts for it; what must hold today does: subscription, exclusions, and the members-only guard.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from mailer import segments
from mailer.i18n import Translator
from mailer.model.ledger import Snapshot
from mailer.model.segment import Audience, Segment
from mailer.model.segment_grammar import parse_segment
from mailer.store import Tx, copies


@dataclass(frozen=True, slots=True)
class Addressing:
    """What decides whom a letter goes to; `members_only` is the guard of its campaign or of its frozen copy."""

    campaign: str
    topic: str
    segment: Segment
    members_only: bool
    erratum_of: str = ""
    #: The letter asks for the consent to be measured.
    asks: bool = False


def resolve(tx: Tx, to: Addressing, *, day: date) -> Audience:
    """The people named on that day; of an erratum, only the holders of the faulty copy are considered."""
    among = copies.holders(to.campaign, to.erratum_of) if to.erratum_of else None
    return segments.resolve(tx, _rule(tx, to), topic=to.topic, day=day, among=among, asks=to.asks)


def addressed(tx: Tx, to: Addressing, *, day: date) -> Sequence[int]:
    """The ids of the people named on that day, ascending."""
    return resolve(tx, to, day=day).contact_ids


def of_snapshot(tx: Tx, snapshot: Snapshot, *, day: date) -> Audience:
    """The people whom a frozen letter names on that day."""
    segment, problems = parse_segment(
        json.loads(snapshot.segment), slug=snapshot.campaign, path=Path("frozen")
    )
    assert not problems, "a frozen rule was checked before it was frozen"
    to = Addressing(
        campaign=snapshot.campaign,
        topic=snapshot.topic,
        segment=segment,
        members_only=snapshot.members_only,
        erratum_of=snapshot.erratum_of,
        asks=snapshot.asks_consent,
    )
    return resolve(tx, to, day=day)


def explain(tx: Tx, to: Addressing, *, day: date, language: str) -> Audience:
    """The same, with one plain sentence that says who they are."""
    rule, t = _rule(tx, to), Translator(language)
    if not to.erratum_of:
        said = segments.sentence(rule, language)
    elif rule.members_only:
        said = t("The members' people among the subscribers who have a copy of {issue}, or may have one.",
                 issue=to.erratum_of)  # fmt: skip
    else:
        said = t("Every subscriber who has a copy of {issue}, or may have one.", issue=to.erratum_of)
    if to.asks:
        said = t("{people} Of them, only who has not answered about the measure of openings, and was not asked in the"
                 " last six months.", people=said)  # fmt: skip
    return replace(resolve(tx, to, day=day), sentence=said)


def _rule(tx: Tx, to: Addressing) -> Segment:
    """The segment with its guard; of an erratum the guard alone, also where only the faulty letter had it."""
    guarded = to.members_only or to.segment.members_only
    if not to.erratum_of:
        return replace(to.segment, members_only=guarded)
    guarded = guarded or copies.were_for_members(tx, to.campaign, to.erratum_of)
    return Segment(to.segment.slug, to.segment.title, to.segment.path, members_only=guarded)
