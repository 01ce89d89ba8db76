"""What a rule means, as a plain Python filter: the independent reading that the SQL must agree with."""

from datetime import date, timedelta
from typing import Any

from mailer.model.segment import Condition, Group, Junction, Operator, Segment
from tests.segments.people import TODAY, TOPIC, Human


def wanted(people: list[Human], segment: Segment) -> list[int]:
    return [person.id for person in people if _is_in(person, segment)]


def _is_in(person: Human, segment: Segment) -> bool:
    return (
        person.subscribed
        and holds(person, segment.where)
        and holds(person, segment.excepted)
        and (not segment.members_only or _is_member(person))
        and person.exclusion is None
    )


def _is_member(person: Human) -> bool:
    return person.body is not None and person.body.held is not None


def holds(person: Human, rule: Condition | Group) -> bool:
    if isinstance(rule, Condition):
        return _compare(_value(person, rule.field), rule)
    each = [holds(person, member) for member in rule.members]
    return {Junction.ALL: all(each), Junction.ANY: any(each), Junction.NONE: not any(each)}[rule.junction]


def _value(person: Human, name: str) -> Any:
    body = person.body
    held = body.held if body else None
    found: dict[str, Any] = {
        "contact.first_name": person.first_name,
        "contact.job": person.job,
        "contact.registered_on": person.registered_on,
        "organisation.name": body.name if body else "",
        "organisation.region": body.region if body else "",
        "organisation.population": body.population if body else None,
        "membership.is_member": held is not None,
        "membership.until_on": held[1] if held else None,
        f"subscription.{TOPIC}": person.subscribed,
        "attributes.theme": person.attributes.get("theme", ""),
        "tag": tuple(person.attributes.get("tags", ())),  # type: ignore[arg-type]
    }
    return found[name]


def _compare(found: Any, rule: Condition) -> bool:
    value = rule.value
    if rule.field == "tag":
        asked = value if isinstance(value, tuple) else (value,)
        some = any(tag in found for tag in asked)
        return some if rule.operator in {Operator.IS, Operator.ANY_OF} else not some
    if isinstance(found, date) or rule.field.endswith("_on"):
        return _compare_dates(found, rule)
    tests = {
        Operator.IS: lambda: found == value,
        Operator.IS_NOT: lambda: found != value,
        Operator.ANY_OF: lambda: found in value,  # type: ignore[operator]
        Operator.NONE_OF: lambda: found not in value,  # type: ignore[operator]
        Operator.CONTAINS: lambda: str(value).lower() in found.lower(),
        Operator.STARTS_WITH: lambda: found.lower().startswith(str(value).lower()),
        Operator.EMPTY: lambda: (found in ("", None)) == value,
        Operator.AT_LEAST: lambda: found is not None and found >= value,
        Operator.AT_MOST: lambda: found is not None and found <= value,
    }
    return bool(tests[rule.operator]())


def _compare_dates(found: date | None, rule: Condition) -> bool:
    if rule.operator is Operator.EMPTY:
        return (found is None) == rule.value
    if found is None:
        return rule.operator is Operator.IS_NOT
    if rule.operator is Operator.WITHIN_DAYS:
        return found >= TODAY - timedelta(days=int(str(rule.value)))
    day = rule.value if isinstance(rule.value, date) else date.fromisoformat(str(rule.value))
    return {
        Operator.IS: found == day,
        Operator.IS_NOT: found != day,
        Operator.BEFORE: found < day,
        Operator.AFTER: found > day,
        Operator.AT_LEAST: found >= day,
        Operator.AT_MOST: found <= day,
    }[rule.operator]
