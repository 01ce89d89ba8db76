"""What a rule means, as a plain Python filter: the independent reading that the SQL must agree with."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from mailer.model.segment import Condition, Group, Junction, Operator, Segment
from tests.segments.people import TODAY, TOPIC, Human

_FILE = Path("audiences/s.toml")
#: The segments that a rule may name.
KNOWN = {
    "elus": Segment(
        "elus", "Élus", _FILE, where=Group(Junction.ALL, (Condition("contact.job", Operator.IS, "élu·e"),))
    ),
    "adherents": Segment("adherents", "Adhérents", _FILE, members_only=True),
    "sans-presse": Segment(
        "sans-presse",
        "Sans presse",
        _FILE,
        excepted=Group(Junction.NONE, (Condition("tag", Operator.IS, "presse"),)),
    ),
}


def wanted(people: list[Human], segment: Segment) -> list[int]:
    return [person.id for person in people if _is_in(person, segment)]


def fits(person: Human, segment: Segment) -> bool:
    """The rule alone, with its guard: what `in_segment` asks."""
    return (
        holds(person, segment.where)
        and holds(person, segment.excepted)
        and (not segment.members_only or _is_member(person))
    )


def _is_in(person: Human, segment: Segment) -> bool:
    return person.subscribed and fits(person, segment) and person.exclusion is None


def _is_member(person: Human) -> bool:
    return person.body is not None and person.body.held is not None


def holds(person: Human, rule: Condition | Group) -> bool:
    if isinstance(rule, Condition) and rule.field == "in_segment":
        named = rule.value if isinstance(rule.value, tuple) else (rule.value,)
        some = any(fits(person, KNOWN[str(slug)]) for slug in named)
        return some if rule.operator in {Operator.IS, Operator.ANY_OF} else not some
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
        "membership.from_on": held[0] if held else None,
        "received": person.received,
        "tag": tuple(person.attributes.get("tags", ())),  # type: ignore[arg-type]
    }
    return found[name]


def _compare(found: Any, rule: Condition) -> bool:
    value = rule.value
    if rule.field in {"tag", "received"}:
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
        return rule.operator in {Operator.IS_NOT, Operator.NONE_OF}
    if rule.operator in {Operator.ANY_OF, Operator.NONE_OF}:
        listed = [_day(each) for each in rule.value]  # type: ignore[union-attr]
        return (found in listed) is (rule.operator is Operator.ANY_OF)
    if rule.operator is Operator.WITHIN_DAYS:
        return found >= TODAY - timedelta(days=int(str(rule.value)))
    day = _day(rule.value)
    return {
        Operator.IS: found == day,
        Operator.IS_NOT: found != day,
        Operator.BEFORE: found < day,
        Operator.AFTER: found > day,
        Operator.AT_LEAST: found >= day,
        Operator.AT_MOST: found <= day,
    }[rule.operator]


def _day(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))
