"""People and organisations as rows of a file, under the headings by which an import knows them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from mailer.i18n import Translator, marked
from mailer.model.people import NUMBER_HERE, SubscriptionState, TrackingConsent
from mailer.reporting.reasons import reason

_ANSWERS = {TrackingConsent.GRANTED.value: marked("yes"), TrackingConsent.DENIED.value: marked("no")}
_PERSON = (
    marked("E-mail"),
    marked("First name"),
    marked("Last name"),
    marked("Job"),
    marked("Organisation"),
    "SIREN",
    marked("Registered on"),
    marked("Source"),
    marked("Tracking"),
)
_BODY = (
    "SIREN",
    marked("Name"),
    marked("Kind"),
    marked("Departement"),
    marked("Region"),
    marked("Population"),
    marked("Member from"),
    marked("Member until"),
)

Table = tuple[tuple[str, ...], Iterator[tuple[str, ...]]]


def people_rows(people: Iterable[Mapping[str, Any]], topics: Sequence[str], t: Translator) -> Table:
    """Headings and rows: who they are, what they get, and why they are not written to."""
    known = tuple(t(each) for each in _PERSON)
    return (t(NUMBER_HERE), *known, *topics, t("Not written to")), (
        _person(each, topics, t) for each in people
    )


def organisation_rows(bodies: Iterable[Mapping[str, Any]], t: Translator) -> Table:
    """A row per period of membership, as an import reads them."""
    headings = (t(NUMBER_HERE), *(t(each) for each in _BODY))
    return headings, (row for each in bodies for row in _periods(each, t))


def _person(each: Mapping[str, Any], topics: Sequence[str], t: Translator) -> tuple[str, ...]:
    body = each["organisation"]
    answer = _ANSWERS.get(each["tracking"])
    barred = sorted({reason(t, excluded["reason"]) for excluded in each["exclusions"]})
    return (
        str(each["id"]),
        each["address"],
        each["first_name"],
        each["last_name"],
        each["job"],
        body.name if body else "",
        (body.siren or "") if body else "",
        _day(each["registered_on"]),
        each["source"],
        t(answer) if answer else "",
        *(_said(each["topics"].get(topic), t) for topic in topics),
        ", ".join(barred),
    )


def _said(state: str | None, t: Translator) -> str:
    """Nothing where they said nothing: an import then says nothing either."""
    if state is None:
        return ""
    return t("yes") if state == SubscriptionState.SUBSCRIBED.value else t("no")


def _periods(each: Mapping[str, Any], t: Translator) -> Iterator[tuple[str, ...]]:
    own = (str(each["id"]), each["siren"] or "", each["name"], _kind(each["kind"], t), each["departement"])
    more = (each["region"], "" if each["population"] is None else str(each["population"]))
    for period in each["memberships"] or [{"from_on": None, "until_on": None}]:
        yield (*own, *more, _day(period["from_on"]), _day(period["until_on"]))


def _kind(kind: str, t: Translator) -> str:
    """As the import reads it."""
    words = {
        "ville": "ville",
        "intercommunalite": "intercommunalité",
        "departement": "département",
        "region": "région",
        "statut_particulier": "collectivité à statut particulier",
    }
    return words.get(kind, t("other"))


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
