"""The fields that a rule may name: an allow-list of columns and conditions (security S23).

Contacts stand in the query beside their organisation (outer join). A missing value compares as the empty text, so
that `is_not` keeps people without organisation: what a reader of the sentence expects.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, String, and_, case, cast, exists, func, literal, or_, select

from mailer.model.columns import table, to_json
from mailer.model.ledger import Delivery, Send
from mailer.model.people import Contact, Membership, Organisation, Subscription, SubscriptionState

contact = table(Contact)
organisation = table(Organisation)
membership = table(Membership)
subscription = table(Subscription)
delivery = table(Delivery)
send = table(Send)


class ValueKind(StrEnum):
    """What a field's values are; decides which operators and values fit."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its kind and, given the day, its SQL expression."""

    kind: ValueKind
    expression: Callable[[date], ColumnElement[Any]]


def _text(column: ColumnElement[Any]) -> Field:
    return Field(ValueKind.TEXT, lambda _: func.coalesce(column, ""))


def _date(column: ColumnElement[Any]) -> Field:
    return Field(ValueKind.DATE, lambda _: column)


def valid_membership(day: date) -> ColumnElement[bool]:
    """The membership row holds on that day."""
    return and_(
        membership.c.from_on <= day, or_(membership.c.until_on.is_(None), membership.c.until_on >= day)
    )


def member_exists(day: date) -> ColumnElement[bool]:
    """The contact's organisation is a member on that day."""
    return exists(
        select(membership.c.id).where(
            membership.c.organisation_id == contact.c.organisation_id, valid_membership(day)
        )
    )


def _membership_date(column: ColumnElement[Any]) -> Field:
    def expression(day: date) -> ColumnElement[Any]:
        held = and_(membership.c.organisation_id == contact.c.organisation_id, valid_membership(day))
        return select(func.max(column)).where(held).scalar_subquery()

    return Field(ValueKind.DATE, expression)


FIELDS: Mapping[str, Field] = {
    **{
        f"contact.{name}": _text(contact.c[name])
        for name in ("address", "first_name", "last_name", "job", "language", "source", "tracking")
    },
    "contact.registered_on": _date(contact.c.registered_on),
    **{
        f"organisation.{name}": _text(organisation.c[name])
        for name in ("siren", "name", "kind", "departement", "region")
    },
    "organisation.population": Field(ValueKind.NUMBER, lambda _: organisation.c.population),
    "membership.is_member": Field(ValueKind.FLAG, member_exists),
    "membership.from_on": _membership_date(membership.c.from_on),
    "membership.until_on": _membership_date(membership.c.until_on),
}


def find(name: str) -> Field | None:
    """The field of that name: listed above, or one of the open families subscription.<topic>, attributes.<name>."""
    family, _, rest = name.partition(".")
    if family == "subscription" and rest:
        return Field(ValueKind.FLAG, lambda _: subscribed(rest))
    if family == "attributes" and rest.isidentifier():
        return _text(_attribute(rest))
    return FIELDS.get(name)


def _attribute(name: str) -> ColumnElement[Any]:
    """Its value as text; yes and no are `true` and `false`, which SQLite alone would call 1 and 0."""
    written = cast(contact.c.attributes.op("->", return_type=String)(literal(name, String)), String)
    said = contact.c.attributes[name].as_string()
    return case((written.in_(("true", "false")), written), else_=said)


def field_expression(name: str, day: date) -> ColumnElement[Any] | None:
    """The SQL of one field over contacts and their organisations, or None for a name that is no field."""
    found = find(name)
    return found.expression(day) if found else None


def subscribed(topic: str) -> ColumnElement[bool]:
    """The contact is subscribed to the topic."""
    return exists(
        select(subscription.c.id).where(
            subscription.c.contact_id == contact.c.id,
            subscription.c.topic == topic,
            subscription.c.state == SubscriptionState.SUBSCRIBED.value,
        )
    )


def tagged(tag: str) -> ColumnElement[bool]:
    """`attributes.tags`, a JSON list, holds the tag."""
    tags = func.coalesce(cast(contact.c.attributes["tags"].as_json(), String), "")
    # The one search for a text that both databases spell alike and that minds capital letters.
    return func.replace(tags, to_json(tag), "") != tags


def received(campaign: str, issue: str) -> ColumnElement[bool]:
    """An accepted delivery of that issue exists."""
    return exists(
        select(delivery.c.id)
        .join(send, send.c.id == delivery.c.send_id)
        .where(
            delivery.c.contact_id == contact.c.id,
            delivery.c.state == "accepted",
            send.c.campaign == campaign,
            send.c.issue == issue,
        )
    )
