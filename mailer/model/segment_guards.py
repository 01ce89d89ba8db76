"""Which audiences are for members: by their own guard, or by that of another one that everybody in them must be in."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mailer.model.segment import Condition, Group, Junction, Operator, Scalar, Segment
from mailer.model.segment_grammar import MAX_DEPTH

#: The field of a condition that names other segments.
FIELD = "in_segment"
NEGATIVE = frozenset({Operator.IS_NOT, Operator.NONE_OF})


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
        if member.field != FIELD or member.operator in NEGATIVE:
            return False
        named = [self.known.get(str(each)) for each in listed(member.value)]
        # In a segment that is not there is nobody; its guard may only be lost with its file.
        return bool(named) and all(each is None or self.holds(each, depth=depth) for each in named)


def listed(value: Scalar | tuple[Scalar, ...]) -> tuple[Scalar, ...]:
    """One value as a list of one."""
    return value if isinstance(value, tuple) else (value,)
