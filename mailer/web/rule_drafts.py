"""A rule as a form holds it: one node a line with its depth, so that plain fields can carry any nesting.

The order of the fields is that of the page. `w0.node` says `condition 0` or `group 1`: what it is, how deep; `w` are the
conditions that all hold, `e` the exceptions.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from mailer import segments
from mailer.model.segment import Condition, Group, Junction, Operator, Scalar, Segment
from mailer.model.segment_grammar import MAX_CONDITIONS, MAX_DEPTH

SIDES = ("w", "e")
YES, NO = "yes", "no"
#: What a new condition begins with.
FIRST_FIELD = "organisation.region"
#: A condition's number on the second side, told apart from the first when a mistake names it.
_SECOND = 10_000


class Fields(Protocol):
    """The fields of a posted form."""

    def get(self, name: str) -> object: ...

    def getlist(self, name: str) -> Sequence[object]: ...


@dataclass(frozen=True, slots=True)
class Node:
    """One condition or group; `depth` counts from 0."""

    depth: int
    is_group: bool = False
    junction: Junction = Junction.ANY
    field: str = ""
    operator: Operator = Operator.IS
    values: tuple[str, ...] = ()
    #: Which mistake is its own.
    number: int = 0

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""


@dataclass(frozen=True, slots=True)
class Draft:
    """Both sides of a rule in the order of the page, and what stands beside them."""

    title: str
    description: str
    members_only: bool
    one_per: bool
    jobs: tuple[str, ...]
    sides: Mapping[str, tuple[Node, ...]]


def draft_of(segment: Segment) -> Draft:
    """The draft that shows a segment."""
    sides = {
        "w": tuple(_numbered("w", _nodes(segment.where.members, 0))),
        "e": tuple(_numbered("e", _nodes(segment.excepted.members, 0))),
    }
    return Draft(
        segment.title,
        segment.description,
        segment.members_only,
        segment.one_per is not None,
        segment.jobs,
        sides,
    )


def segment_of(draft: Draft, like: Segment) -> Segment:
    """The segment that a draft says; a condition's line is the number of its node."""
    return replace(
        like,
        title=draft.title,
        description=draft.description,
        members_only=draft.members_only,
        one_per="organisation" if draft.one_per else None,
        jobs=draft.jobs,
        where=Group(Junction.ALL, _members(draft.sides["w"], 0)),
        excepted=Group(Junction.NONE, _members(draft.sides["e"], 0)),
    )


def can_be_shown(segment: Segment) -> bool:
    """Whether a form gives this very rule back; a file may hold what no form can show."""
    draft = draft_of(segment)
    nodes = [node for side in SIDES for node in draft.sides[side]]
    written = [value for node in nodes for value in node.values] + [
        draft.title,
        draft.description,
        *draft.jobs,
    ]
    one_line = all("\n" not in each and "\r" not in each for each in written)
    return one_line and segment_of(draft, segment) == segment


def unfinished(draft: Draft) -> set[int]:
    """The numbers of the conditions that still lack what they compare with."""
    nodes = (node for side in SIDES for node in draft.sides[side] if not node.is_group)
    return {node.number for node in nodes if not any(each.strip() for each in node.values)}


def read_draft(form: Fields) -> Draft:
    """The draft as the form was sent; depths and words that no page of ours sends are put right."""
    return Draft(
        title=_line(form, "title"),
        description=_line(form, "description"),
        members_only=form.get("members_only") == YES,
        one_per=form.get("one_per") == YES,
        jobs=_lines(form, "jobs"),
        sides={side: tuple(_numbered(side, _read_side(form, side))) for side in SIDES},
    )


def add(draft: Draft, side: str, *, inside: int | None, group: bool) -> Draft:
    """A new condition or group at the end of a side, or of the group at that place."""
    nodes = list(draft.sides[side])
    depth = 0 if inside is None else nodes[inside].depth + 1
    place = len(nodes) if inside is None else _end(nodes, inside)
    fresh = [Node(depth, is_group=True)] if group else []
    fresh.append(Node(depth + group, field=FIRST_FIELD))
    nodes[place:place] = fresh
    return _with(draft, side, nodes)


def remove(draft: Draft, side: str, place: int) -> Draft:
    """Without the node at that place, and without what is inside it."""
    nodes = list(draft.sides[side])
    del nodes[place : _end(nodes, place)]
    return _with(draft, side, nodes)


def _with(draft: Draft, side: str, nodes: list[Node]) -> Draft:
    return replace(draft, sides={**draft.sides, side: tuple(_numbered(side, nodes))})


def _numbered(side: str, nodes: Sequence[Node] | Iterator[Node]) -> Iterator[Node]:
    begin = _SECOND if side == "e" else 0
    for number, node in enumerate(nodes, start=begin + 1):
        yield replace(node, number=number)


def _end(nodes: Sequence[Node], place: int) -> int:
    """The place after the last node inside that one."""
    depth = nodes[place].depth
    after = (other for other in range(place + 1, len(nodes)) if nodes[other].depth <= depth)
    return next(after, len(nodes))


def _nodes(members: Sequence[Condition | Group], depth: int) -> Iterator[Node]:
    for member in members:
        if isinstance(member, Group):
            yield Node(depth, is_group=True, junction=member.junction)
            yield from _nodes(member.members, depth + 1)
        else:
            values = member.value if isinstance(member.value, tuple) else (member.value,)
            yield Node(
                depth, field=member.field, operator=member.operator, values=tuple(map(_written, values))
            )


def _members(nodes: Sequence[Node], depth: int) -> tuple[Condition | Group, ...]:
    members: list[Condition | Group] = []
    for place, node in enumerate(nodes):
        if node.depth != depth:
            continue
        if node.is_group:
            inside = nodes[place + 1 : _end(nodes, place)]
            members.append(Group(node.junction, _members(inside, depth + 1)))
        else:
            members.append(Condition(node.field, node.operator, _value(node), node.number))
    return tuple(members)


def _written(value: Scalar) -> str:
    if isinstance(value, bool):
        return YES if value else NO
    return value.isoformat() if isinstance(value, date) else str(value)


def _value(node: Node) -> Scalar | tuple[Scalar, ...]:
    kind = segments.value_of(node.field, node.operator)
    if kind is segments.Value.LIST:
        if segments.is_number(node.field):
            return tuple(_number(each) for each in node.values)
        return tuple(_date(each) if segments.is_date(node.field) else each for each in node.values)
    if kind is segments.Value.YES:
        return node.value != NO
    if kind is segments.Value.NUMBER:
        return _number(node.value)
    return _date(node.value) if kind is segments.Value.DATE else node.value


def _number(text: str) -> int | str:
    """A whole number, with blanks between its digits or not; any other text stays, and is a mistake."""
    digits = "".join(text.split())
    return int(digits) if digits.removeprefix("-").isdecimal() and len(digits) < 16 else text


def _date(text: str) -> date | str:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def _read_side(form: Fields, side: str) -> Iterator[Node]:
    room = -1
    for number in range(2 * MAX_CONDITIONS):
        kind, _, deep = _line(form, f"{side}{number}.node").partition(" ")
        if not kind:
            return
        depth = min(int(deep) if deep.isdecimal() and len(deep) < 4 else 0, room + 1, MAX_DEPTH)
        if kind == "group":
            room = depth
            junction = _line(form, f"{side}{number}.junction")
            known = Junction(junction) if junction in set(Junction) else Junction.ANY
            yield Node(depth, is_group=True, junction=known)
        else:
            room = depth - 1
            yield _read_condition(form, f"{side}{number}", depth)


def _read_condition(form: Fields, name: str, depth: int) -> Node:
    """Where another field was chosen, an operator that does not fit it gives way to the first that does."""
    field = _line(form, f"{name}.field")
    fitting = segments.operators(field) or [Operator.IS]
    asked = _line(form, f"{name}.operator")
    operator = Operator(asked) if asked in fitting else fitting[0]
    if segments.value_of(field, operator) is segments.Value.LIST:
        return Node(depth, field=field, operator=operator, values=_lines(form, f"{name}.value"))
    return Node(depth, field=field, operator=operator, values=(_line(form, f"{name}.value"),))


def _line(form: Fields, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""


def _lines(form: Fields, name: str) -> tuple[str, ...]:
    """Each line of a field, and each field of that name; empty ones do not count."""
    texts = [each for each in form.getlist(name) if isinstance(each, str)]
    return tuple(line for text in texts for line in text.replace("\r\n", "\n").split("\n") if line.strip())
