"""`in_segment`: the rule of another segment, put in its place before anything is counted or frozen.

What is approved is then the whole rule, whatever becomes of the other file afterwards. The guard of the other segment
comes along: a segment for members only holds members only, also inside another one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from mailer.errors import Problem
from mailer.model.segment import Condition, Group, Junction, Operator, Segment
from mailer.model.segment_grammar import MAX_CONDITIONS, MAX_DEPTH
from mailer.model.segment_guards import FIELD, NEGATIVE, is_for_members, listed

_GUARD = Condition("membership.is_member", Operator.IS, value=True)
_NOBODY = Group(Junction.ANY)


def expand(segment: Segment, known: Mapping[str, Segment]) -> tuple[Segment, list[Problem]]:
    """The segment without any `in_segment`, and what kept one from being looked up: unknown, circular, too large."""
    expander = _Expander(segment, known)
    where = expander.group(segment.where, trail=(segment.slug,), depth=1)
    excepted = expander.group(segment.excepted, trail=(segment.slug,), depth=1)
    guarded = is_for_members(segment, known)
    return replace(segment, where=where, excepted=excepted, members_only=guarded), expander.problems


def named_by(segment: Segment) -> set[str]:
    """The segments that this one names itself."""
    names: set[str] = set()
    waiting: list[Condition | Group] = [segment.where, segment.excepted]
    while waiting:
        member = waiting.pop()
        if isinstance(member, Group):
            waiting.extend(member.members)
        elif member.field == FIELD:
            names |= {str(each) for each in listed(member.value)}
    return names


@dataclass(slots=True)
class _Expander:
    """Counts while it puts rules in their places, so that a chain of segments cannot grow without end."""

    segment: Segment
    known: Mapping[str, Segment]
    problems: list[Problem] = field(default_factory=list)
    conditions: int = 0

    def group(self, group: Group, *, trail: tuple[str, ...], depth: int) -> Group:
        if depth > MAX_DEPTH:
            self._complain(
                "segment-depth",
                "With the segments that it names, this rule is nested more than {limit} deep.",
                "Simplify it.",
                limit=MAX_DEPTH,
            )
            return _NOBODY
        members = tuple(self._member(each, trail=trail, depth=depth) for each in group.members)
        return replace(group, members=members)

    def _member(self, member: Condition | Group, *, trail: tuple[str, ...], depth: int) -> Condition | Group:
        if isinstance(member, Group):
            return self.group(member, trail=trail, depth=depth + 1)
        self.conditions += 1
        if self.conditions > MAX_CONDITIONS:
            self._complain(
                "segment-size",
                "With the segments that it names, this rule has more than {limit} conditions.",
                "Simplify it.",
                limit=MAX_CONDITIONS,
            )
            return _NOBODY
        if member.field != FIELD:
            # Its line is one of another file where it comes from another segment.
            return member if len(trail) == 1 else replace(member, line=None)
        return self._reference(member, trail=trail, depth=depth)

    def _reference(self, rule: Condition, *, trail: tuple[str, ...], depth: int) -> Group:
        junction = Junction.NONE if rule.operator in NEGATIVE else Junction.ANY
        slugs = [str(each) for each in listed(rule.value)]
        if junction is Junction.ANY and len(slugs) == 1:
            return self._named(slugs[0], rule, trail=trail, depth=depth + 1)
        return Group(junction, tuple(self._named(slug, rule, trail=trail, depth=depth + 2) for slug in slugs))

    def _named(self, slug: str, rule: Condition, *, trail: tuple[str, ...], depth: int) -> Group:
        """The rule of that segment as one group, nobody where it cannot be had."""
        line = rule.line if len(trail) == 1 else None
        other = self.known.get(slug)
        if other is None:
            near = get_close_matches(slug, self.known, n=1)
            remedy = "Did you mean {near}?" if near else "The segments are the files of audiences/."
            self._complain(
                "segment-unknown",
                "There is no segment {slug}.",
                remedy,
                line,
                slug=slug,
                near=", ".join(near),
            )
            return _NOBODY
        if slug in trail:
            way = " → ".join([*trail[trail.index(slug) :], slug])
            self._complain(
                "segment-cycle", "The segment {slug} names itself: {way}.", "Take one of these conditions out.",
                line, slug=slug, way=way,
            )  # fmt: skip
            return _NOBODY
        if other.one_per:
            self._complain(
                "segment-one-per",
                "The segment {slug} keeps one person per organisation, which a condition cannot say.",
                "Repeat its conditions instead.",
                line,
                slug=slug,
            )
            return _NOBODY
        guard = (_GUARD,) if other.members_only else ()
        whole = Group(Junction.ALL, (*guard, *other.where.members, other.excepted), named=other.title)
        return self.group(whole, trail=(*trail, slug), depth=depth)

    def _complain(
        self, code: str, message: str, remedy: str, line: int | None = None, **values: object
    ) -> None:
        """Each mistake once: one that is too large would be told a hundred times."""
        problem = Problem(
            code=code, message=message, remedy=remedy, values=values, path=self.segment.path, line=line
        )
        if problem not in self.problems:
            self.problems.append(problem)
