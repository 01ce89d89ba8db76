"""`in_segment`: the rule of another segment, put in its place before anything is counted or frozen.

What is approved is then the whole rule, whatever becomes of the other file afterwards. The guard of the other segment
comes along: a segment for members only holds members only, also inside another one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from mailer.errors import Problem
from mailer.model.segment import Condition, Group, Junction, Operator, Scalar, Segment
from mailer.model.segment_grammar import MAX_CONDITIONS, MAX_DEPTH

FIELD = "in_segment"
_NEGATIVE = {Operator.IS_NOT, Operator.NONE_OF}
_GUARD = Condition("membership.is_member", Operator.IS, value=True)
_NOBODY = Group(Junction.ANY)


def expand(segment: Segment, known: Mapping[str, Segment]) -> tuple[Segment, list[Problem]]:
    """The segment without any `in_segment`, and what kept one from being looked up: unknown, circular, too large."""
    expander = _Expander(segment, known)
    where = expander.group(segment.where, trail=(segment.slug,), depth=1)
    excepted = expander.group(segment.excepted, trail=(segment.slug,), depth=1)
    guarded = is_for_members(segment, known)
    return replace(segment, where=where, excepted=excepted, members_only=guarded), expander.problems


def is_for_members(segment: Segment, known: Mapping[str, Segment]) -> bool:
    """Whether it has the guard, or everybody in it must be in a segment that has: what they get is for members, too."""
    return _Guards(known).holds(segment, depth=0)


@dataclass(slots=True)
class _Guards:
    """Looks at each segment once, however often it is named; one that names itself has no guard by that."""

    known: Mapping[str, Segment]
    told: dict[str, bool] = field(default_factory=dict)

    def holds(self, segment: Segment, *, depth: int) -> bool:
        if segment.slug not in self.told and depth <= MAX_DEPTH:
            self.told[segment.slug] = False
            needed = segment.members_only or self._needed(segment.where, depth + 1)
            self.told[segment.slug] = needed
        return self.told.get(segment.slug, False)

    def _needed(self, member: Condition | Group, depth: int) -> bool:
        """Whether nobody fits it who is not in a segment with the guard."""
        if isinstance(member, Group):
            needed = [self._needed(each, depth) for each in member.members]
            is_each = member.junction is Junction.ANY and bool(needed) and all(needed)
            return any(needed) if member.junction is Junction.ALL else is_each
        if member.field != FIELD or member.operator in _NEGATIVE:
            return False
        named = [self.known.get(str(each)) for each in _listed(member.value)]
        return bool(named) and all(each is not None and self.holds(each, depth=depth) for each in named)


def named_by(segment: Segment) -> set[str]:
    """The segments that this one names itself."""
    names: set[str] = set()
    waiting: list[Condition | Group] = [segment.where, segment.excepted]
    while waiting:
        member = waiting.pop()
        if isinstance(member, Group):
            waiting.extend(member.members)
        elif member.field == FIELD:
            names |= {str(each) for each in _listed(member.value)}
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
        junction = Junction.NONE if rule.operator in _NEGATIVE else Junction.ANY
        slugs = [str(each) for each in _listed(rule.value)]
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


def _listed(value: Scalar | tuple[Scalar, ...]) -> tuple[Scalar, ...]:
    return value if isinstance(value, tuple) else (value,)
