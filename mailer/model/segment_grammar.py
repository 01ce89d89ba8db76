"""The grammar of a segment file: a plain dict, as TOML gives it, to the tree of `mailer.model.segment`, and back.

title = "…"            members_only = true      one_per = "organisation"    jobs = ["élu·e", …]
[[where]]              all of these: `field` and exactly one operator, or `any`/`all`/`none` with a list
[[except]]             none of these
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from mailer.errors import Problem
from mailer.model.segment import Condition, Group, Junction, Operator, Scalar, Segment

_KEYS = ("title", "description", "members_only", "where", "except", "one_per", "jobs")
_JUNCTIONS = {each.value for each in Junction}
_OPERATORS = {each.value for each in Operator}
_LISTS = {Operator.ANY_OF, Operator.NONE_OF}
#: Deeper rules are refused: nobody reads them, and a database may not.
MAX_DEPTH = 20
MAX_CONDITIONS = 200


@dataclass(slots=True)
class _Reader:
    """Collects the problems of one file; `lines` maps a field's name to the line where it is first named."""

    path: Path
    lines: Mapping[str, int]
    problems: list[Problem] = field(default_factory=list)
    conditions: int = 0

    def complain(
        self, code: str, message: str, remedy: str = "", *, line: int | None = None, **values: object
    ) -> None:
        self.problems.append(
            Problem(code=code, message=message, remedy=remedy, values=values, path=self.path, line=line)
        )


def parse_segment(
    data: Mapping[str, Any], *, slug: str, path: Path, lines: Mapping[str, int] | None = None
) -> tuple[Segment, list[Problem]]:
    """The segment as far as it can be read, and every mistake in it. Fields themselves are checked by `segments`."""
    reader = _Reader(path, lines or {})
    for key in data:
        if key not in _KEYS:
            near = get_close_matches(key, _KEYS, n=1)
            reader.complain(
                "segment-key",
                "A segment has no key {key}.",
                "Did you mean {near}?" if near else "Remove it.",
                line=reader.lines.get(key),
                key=key,
                near=near[0] if near else "",
            )
    segment = Segment(
        slug=slug,
        title=str(data.get("title", slug)),
        path=path,
        members_only=_flag(reader, data, "members_only"),
        where=Group(Junction.ALL, _members(reader, data.get("where", []), depth=1)),
        excepted=Group(Junction.NONE, _members(reader, data.get("except", []), depth=1)),
        one_per=_one_per(reader, data),
        jobs=tuple(str(job) for job in data.get("jobs", [])),
        description=str(data.get("description", "")),
    )
    if reader.conditions > MAX_CONDITIONS:
        reader.complain(
            "segment-size",
            "This rule has {count} conditions; at most {limit}.",
            "Give a list to any_of instead of many conditions.",
            count=reader.conditions,
            limit=MAX_CONDITIONS,
        )
    return segment, reader.problems


def segment_data(segment: Segment) -> dict[str, Any]:
    """The plain, JSON-able dict that parse_segment reads back: the canonical form of a rule."""
    data: dict[str, Any] = {"title": segment.title, "members_only": segment.members_only}
    data["where"] = _list_data(segment.where, Junction.ALL)
    data["except"] = _list_data(segment.excepted, Junction.NONE)
    if segment.one_per:
        data |= {"one_per": segment.one_per, "jobs": list(segment.jobs)}
    return data


def _flag(reader: _Reader, data: Mapping[str, Any], key: str) -> bool:
    value = data.get(key, False)
    if not isinstance(value, bool):
        reader.complain("segment-flag", "{key} must be true or false.", line=reader.lines.get(key), key=key)
    return value is True or not isinstance(value, bool)  # the safe side: a guard written badly still guards


def _one_per(reader: _Reader, data: Mapping[str, Any]) -> str | None:
    value = data.get("one_per")
    if value in (None, "organisation"):
        return value
    reader.complain(
        "segment-one-per", 'one_per can only be "organisation".', line=reader.lines.get("one_per")
    )
    return None


def _members(reader: _Reader, items: Any, *, depth: int) -> tuple[Condition | Group, ...]:
    if depth > MAX_DEPTH:
        reader.complain(
            "segment-depth", "This rule is nested more than {limit} deep.", "Simplify it.", limit=MAX_DEPTH
        )
        return ()
    if not isinstance(items, Sequence) or isinstance(items, str):
        reader.complain(
            "segment-list", "A rule must be a list of conditions.", "Write [[where]] above each of them."
        )
        return ()
    found = (_member(reader, item, depth=depth) for item in items)
    return tuple(member for member in found if member is not None)


def _member(reader: _Reader, item: Any, *, depth: int) -> Condition | Group | None:
    if not isinstance(item, Mapping):
        reader.complain("segment-condition", "A condition needs a field and an operator.")
        return None
    junctions = [key for key in item if key in _JUNCTIONS]
    if junctions and len(item) == 1:
        return Group(Junction(junctions[0]), _members(reader, item[junctions[0]], depth=depth + 1))
    return _condition(reader, item)


def _condition(reader: _Reader, item: Mapping[str, Any]) -> Condition | None:
    reader.conditions += 1
    name = item.get("field")
    line = reader.lines.get(str(name))
    operators = [key for key in item if key != "field"]
    if not isinstance(name, str) or len(operators) != 1:
        reader.complain(
            "segment-condition",
            "A condition needs a field and exactly one operator.",
            line=line,
            found=list(item),
        )
        return None
    if operators[0] not in _OPERATORS:
        reader.complain(
            "segment-operator",
            "There is no operator {operator}.",
            "Known: {known}.",
            line=line,
            operator=operators[0],
            known=", ".join(each.value for each in Operator),
        )
        return None
    operator = Operator(operators[0])
    value = _value(item[operator.value], operator)
    if value is None:
        reader.complain(
            "segment-value",
            "The value of {field} {operator} is of the wrong kind.",
            "A list for any_of and none_of; one text, number, date or true/false otherwise.",
            line=line,
            field=name,
            operator=operator.value,
        )
        return None
    return Condition(field=name, operator=operator, value=value, line=line)


def _value(value: Any, operator: Operator) -> Scalar | tuple[Scalar, ...] | None:
    if operator in _LISTS:
        is_list = isinstance(value, Sequence) and not isinstance(value, str)
        return tuple(value) if is_list and all(isinstance(each, Scalar) for each in value) else None
    return value if isinstance(value, Scalar) else None


def _list_data(group: Group, usual: Junction) -> list[dict[str, Any]]:
    """The members of a file's list; a group of another junction is one member of it."""
    if group.junction is usual:
        return [_member_data(member) for member in group.members]
    wrapped = _member_data(group)
    return [wrapped if usual is Junction.ALL else {Junction.NONE.value: [wrapped]}]


def _member_data(member: Condition | Group) -> dict[str, Any]:
    if isinstance(member, Group):
        return {member.junction.value: [_member_data(each) for each in member.members]}
    return {"field": member.field, member.operator.value: _plain(member.value)}


def _plain(value: Scalar | tuple[Scalar, ...]) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value
