"""What a form needs to know of each field: its words, its operators, its possible values."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from sqlalchemy import select

from mailer.i18n import LANGUAGES, Translator
from mailer.model.people import OrganisationKind, TrackingConsent
from mailer.model.segment import Operator
from mailer.segments import compiler, fields
from mailer.segments.fields import ValueKind
from mailer.segments.sentences import field_words
from mailer.store import Tx

#: Fields whose values are a short list that never changes.
_CHOICES: Mapping[str, Sequence[str]] = {
    "organisation.kind": [each.value for each in OrganisationKind],
    "contact.tracking": [each.value for each in TrackingConsent],
    "contact.language": LANGUAGES,
}
#: Fields whose present values are few enough to be proposed.
_PROPOSED = {
    "contact.job": fields.contact.c.job,
    "contact.source": fields.contact.c.source,
    "organisation.region": fields.organisation.c.region,
    "organisation.departement": fields.organisation.c.departement,
}


class Value(StrEnum):
    """What is written beside an operator."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    YES = "yes"
    LIST = "list"


def operators(name: str) -> list[Operator]:
    """The operators that fit a field, in their usual order; none for a name that is no field."""
    return [each for each in Operator if compiler.fits(name, each)]


def value_of(name: str, operator: Operator) -> Value:
    """What the operator compares this field with."""
    if operator in {Operator.ANY_OF, Operator.NONE_OF}:
        return Value.LIST
    if operator is Operator.EMPTY:
        return Value.YES
    if operator is Operator.WITHIN_DAYS:
        return Value.NUMBER
    found = fields.find(name)
    kinds = {ValueKind.NUMBER: Value.NUMBER, ValueKind.DATE: Value.DATE, ValueKind.FLAG: Value.YES}
    return kinds.get(found.kind, Value.TEXT) if found else Value.TEXT


def is_number(name: str) -> bool:
    """The members of its lists are numbers."""
    found = fields.find(name)
    return found is not None and found.kind is ValueKind.NUMBER


def is_date(name: str) -> bool:
    """The members of its lists are days."""
    found = fields.find(name)
    return found is not None and found.kind is ValueKind.DATE


def choices(name: str) -> Sequence[str]:
    """The possible values of a field that has few and fixed ones; none for the others."""
    return _CHOICES.get(name, ())


def names() -> list[str]:
    """Every field with a fixed name, those that are sets last."""
    return [*fields.FIELDS, *sorted(compiler.SETS)]


def label(t: Translator, name: str) -> str:
    """The field as a rule's sentence calls it."""
    return field_words(t, name)


def proposals(tx: Tx, *, most: int) -> dict[str, list[str]]:
    """Field -> its present values, in their order, for the fields that have few."""
    found = {}
    for name, column in _PROPOSED.items():
        values = select(column).where(column != "").distinct().order_by(column).limit(most)
        found[name] = [str(each) for each in tx.execute(values).scalars()]
    return found
