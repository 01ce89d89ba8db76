"""A rule as one plain sentence: what it says, without code and without SQL."""

from mailer.i18n import Translator, marked
from mailer.model.segment import Condition, Group, Junction, Operator, Scalar, Segment

_FIELDS = {
    "contact.address": marked("the address"),
    "contact.first_name": marked("the first name"),
    "contact.last_name": marked("the last name"),
    "contact.job": marked("the function"),
    "contact.language": marked("the language"),
    "contact.source": marked("the source"),
    "contact.tracking": marked("the consent to be measured"),
    "contact.registered_on": marked("the date of registration"),
    "organisation.siren": marked("the SIREN"),
    "organisation.name": marked("the organisation"),
    "organisation.kind": marked("the kind of organisation"),
    "organisation.departement": marked("the département"),
    "organisation.region": marked("the region"),
    "organisation.population": marked("the population"),
    "membership.is_member": marked("being a member"),
    "membership.from_on": marked("the start of membership"),
    "membership.until_on": marked("the end of membership"),
    "tag": marked("the tag"),
    "received": marked("having received"),
    "in_segment": marked("the segment"),
}
_OPERATORS = {
    Operator.IS: marked("{field} is {value}"),
    Operator.IS_NOT: marked("{field} is not {value}"),
    Operator.ANY_OF: marked("{field} is one of {value}"),
    Operator.NONE_OF: marked("{field} is none of {value}"),
    Operator.CONTAINS: marked("{field} contains {value}"),
    Operator.STARTS_WITH: marked("{field} starts with {value}"),
    Operator.AT_LEAST: marked("{field} is at least {value}"),
    Operator.AT_MOST: marked("{field} is at most {value}"),
    Operator.BEFORE: marked("{field} is before {value}"),
    Operator.AFTER: marked("{field} is after {value}"),
    Operator.WITHIN_DAYS: marked("{field} is within the last {value} days"),
}


def sentence(segment: Segment, language: str) -> str:
    """The whole rule in French or English, ending with a full stop."""
    t = Translator(language)
    parts = [
        t("the members' people among the subscribers") if segment.members_only else t("every subscriber")
    ]
    if segment.where.members:
        parts.append(t("for whom {rule}", rule=_members(t, segment.where)))
    if segment.excepted.members:
        excepted = Group(Junction.ANY, segment.excepted.members)
        parts.append(t("except those for whom {rule}", rule=_members(t, excepted)))
    if segment.one_per:
        parts.append(t("one person per organisation"))
    said = ", ".join(parts)
    return said[0].upper() + said[1:] + "."


def _members(t: Translator, group: Group) -> str:
    said = [_member(t, each) for each in group.members]
    if not said:
        return t("nothing at all")
    joined = (t(" and ") if group.junction is Junction.ALL else t(" or ")).join(said)
    return t("none of this holds: {rule}", rule=joined) if group.junction is Junction.NONE else joined


def _member(t: Translator, member: Condition | Group) -> str:
    if isinstance(member, Condition):
        return _condition(t, member)
    if member.named:
        return t("the person is in the segment “{title}”", title=member.named)
    return f"({_members(t, member)})"


def _condition(t: Translator, rule: Condition) -> str:
    name = field_words(t, rule.field)
    if rule.operator is Operator.EMPTY:
        return t("{field} is missing", field=name) if rule.value else t("{field} is known", field=name)
    values = rule.value if isinstance(rule.value, tuple) else (rule.value,)
    written = ", ".join(_value(t, each) for each in values)
    return t(_OPERATORS[rule.operator], field=name, value=written)


def field_words(t: Translator, name: str) -> str:
    """A field in words; one that somebody made up stays as it is written."""
    family, _, rest = name.partition(".")
    if family == "subscription":
        return t("the subscription to {topic}", topic=rest)
    return t(_FIELDS.get(name, name))


def _value(t: Translator, value: Scalar) -> str:
    if isinstance(value, bool):
        return t("yes") if value else t("no")
    if isinstance(value, int):
        return t.number(value)
    return t("“{text}”", text=value) if isinstance(value, str) else t.date(value)
