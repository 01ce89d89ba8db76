"""A segment's tree -> one SQLAlchemy expression with bound parameters; its mistakes as Problems."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from difflib import get_close_matches
from typing import Any

from sqlalchemy import ColumnElement, and_, false, not_, or_, true

from mailer.errors import Problem, WorkspaceError
from mailer.model.segment import Condition, Group, Junction, Operator, Scalar, Segment
from mailer.segments import fields
from mailer.segments.fields import Field, ValueKind

_Comparison = Callable[[ColumnElement[Any], Any], ColumnElement[bool]]

_TEXT: Mapping[Operator, _Comparison] = {
    Operator.IS: lambda column, value: column == value,
    Operator.IS_NOT: lambda column, value: column != value,
    Operator.ANY_OF: lambda column, values: column.in_(values),
    Operator.NONE_OF: lambda column, values: column.not_in(values),
    Operator.CONTAINS: lambda column, value: column.icontains(value, autoescape=True),
    Operator.STARTS_WITH: lambda column, value: column.istartswith(value, autoescape=True),
    Operator.EMPTY: lambda column, value: (column == "") if value else (column != ""),
}
_ORDERED: Mapping[Operator, _Comparison] = {
    Operator.IS: lambda column, value: and_(column.isnot(None), column == value),
    Operator.IS_NOT: lambda column, value: or_(column.is_(None), column != value),
    Operator.ANY_OF: lambda column, values: and_(column.isnot(None), column.in_(values)),
    Operator.NONE_OF: lambda column, values: or_(column.is_(None), column.not_in(values)),
    Operator.EMPTY: lambda column, value: column.is_(None) if value else column.isnot(None),
    Operator.AT_LEAST: lambda column, value: and_(column.isnot(None), column >= value),
    Operator.AT_MOST: lambda column, value: and_(column.isnot(None), column <= value),
}
_DATES: Mapping[Operator, _Comparison] = {
    **_ORDERED,
    Operator.BEFORE: lambda column, value: and_(column.isnot(None), column < value),
    Operator.AFTER: lambda column, value: and_(column.isnot(None), column > value),
    # The value is the earliest day that counts.
    Operator.WITHIN_DAYS: lambda column, value: and_(column.isnot(None), column >= value),
}
_FLAGS: Mapping[Operator, _Comparison] = {
    Operator.IS: lambda column, value: column if value else not_(column),
    Operator.IS_NOT: lambda column, value: not_(column) if value else column,
}
_COMPARISONS: Mapping[ValueKind, Mapping[Operator, _Comparison]] = {
    ValueKind.TEXT: _TEXT,
    ValueKind.NUMBER: _ORDERED,
    ValueKind.DATE: _DATES,
    ValueKind.FLAG: _FLAGS,
}
#: PostgreSQL keeps a number in four bytes.
_LARGEST = 2**31 - 1
#: Fields that are conditions of their own, with the operators that fit them.
SETS = frozenset({"tag", "received", "in_segment"})
_SETS = {Operator.IS, Operator.IS_NOT, Operator.ANY_OF, Operator.NONE_OF}


def condition(segment: Segment, day: date) -> ColumnElement[bool]:
    """The whole rule on that day; raises WorkspaceError with every mistake in it."""
    problems = check(segment)
    if problems:
        raise WorkspaceError(problems)
    return and_(_group(segment.where, day), _group(segment.excepted, day))


def fits(name: str, operator: Operator) -> bool:
    """Whether the operator can be used with the field at all."""
    if name in SETS:
        return operator in _SETS
    found = fields.find(name)
    return found is not None and operator in _COMPARISONS[found.kind]


def check(segment: Segment) -> list[Problem]:
    """Unknown fields, operators that do not fit, values of the wrong kind."""
    return [problem for rule in _conditions(segment) for problem in _mistakes(rule, segment)]


def _conditions(segment: Segment) -> list[Condition]:
    found: list[Condition] = []
    waiting: list[Condition | Group] = [segment.where, segment.excepted]
    while waiting:
        member = waiting.pop()
        if isinstance(member, Group):
            waiting.extend(member.members)
        else:
            found.append(member)
    return found


def _mistakes(rule: Condition, segment: Segment) -> list[Problem]:
    if rule.field in SETS:
        fits = rule.operator in _SETS and all(_is_kind(ValueKind.TEXT, each) for each in _listed(rule.value))
        return [] if fits else [_unfit(rule, segment)]
    found = fields.find(rule.field)
    if found is None:
        near = get_close_matches(rule.field, [*fields.FIELDS, *SETS], n=1)
        remedy = "Did you mean {near}?" if near else "The fields are listed in docs/reference/segments.md."
        message = "There is no field {field}."
        return [_problem("segment-field", message, remedy, rule, segment, near=near[0] if near else "")]
    fits = rule.operator in _COMPARISONS[found.kind] and _fits(found, rule)
    return [] if fits else [_unfit(rule, segment)]


def _fits(found: Field, rule: Condition) -> bool:
    if rule.operator is Operator.EMPTY:
        return isinstance(rule.value, bool)
    if rule.operator is Operator.WITHIN_DAYS:
        return isinstance(rule.value, int) and not isinstance(rule.value, bool) and 0 <= rule.value <= 36_500
    return all(_is_kind(found.kind, each) for each in _listed(rule.value))


def _is_kind(kind: ValueKind, value: Scalar) -> bool:
    if kind is ValueKind.FLAG:
        return isinstance(value, bool)
    if kind is ValueKind.NUMBER:
        return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST
    return _as_date(value) is not None if kind is ValueKind.DATE else _is_text(value)


def _is_text(value: Scalar) -> bool:
    """A text that both databases can be asked for: none holds a NUL or half of a character."""
    if not isinstance(value, str) or "\0" in value:
        return False
    return not any("\ud800" <= letter <= "\udfff" for letter in value)


def _group(group: Group, day: date) -> ColumnElement[bool]:
    members = [
        _group(each, day) if isinstance(each, Group) else _condition(each, day) for each in group.members
    ]
    if group.junction is Junction.ALL:
        return and_(true(), *members)
    joined = or_(false(), *members)
    return not_(joined) if group.junction is Junction.NONE else joined


def _condition(rule: Condition, day: date) -> ColumnElement[bool]:
    assert rule.field != "in_segment", "looked up before: see references"
    if rule.field in SETS:
        return _membership_of_set(rule)
    found = fields.find(rule.field)
    assert found is not None, "checked before"
    value: Any = rule.value
    if rule.operator is Operator.WITHIN_DAYS:
        value = day - timedelta(days=int(str(rule.value)))
    elif found.kind is ValueKind.DATE and rule.operator is not Operator.EMPTY:
        value = tuple(map(_as_date, value)) if isinstance(value, tuple) else _as_date(value)
    return _COMPARISONS[found.kind][rule.operator](found.expression(day), value)


def _membership_of_set(rule: Condition) -> ColumnElement[bool]:
    tests = [
        fields.tagged(str(each)) if rule.field == "tag" else fields.received(*str(each).partition("/")[::2])
        for each in _listed(rule.value)
    ]
    joined = or_(false(), *tests)
    return not_(joined) if rule.operator in {Operator.IS_NOT, Operator.NONE_OF} else joined


def _listed(value: Scalar | tuple[Scalar, ...]) -> tuple[Scalar, ...]:
    return value if isinstance(value, tuple) else (value,)


def _as_date(value: Scalar) -> date | None:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _unfit(rule: Condition, segment: Segment) -> Problem:
    message = "The operator {operator} or its value does not fit the field {field}."
    remedy = "The operators of each field are listed in docs/reference/segments.md."
    return _problem("segment-value", message, remedy, rule, segment)


def _problem(
    code: str, message: str, remedy: str, rule: Condition, segment: Segment, **values: object
) -> Problem:
    filled = {"field": rule.field, "operator": rule.operator.value, **values}
    return Problem(
        code=code, message=message, remedy=remedy, values=filled, path=segment.path, line=rule.line
    )
