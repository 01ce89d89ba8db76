"""One contact: found, created, replaced, changed, moved to another address, excluded.

Like an import, none of this lifts an exclusion, an unsubscription or a refused consent, and whoever was erased stays so.
"""

from collections.abc import Mapping
from typing import Any

from mailer.app.directory.versions import Expected, require
from mailer.app.mailer import Mailer
from mailer.app.relocating import relocate
from mailer.errors import ConflictError, InputError, NotFoundError, RefusedError
from mailer.i18n import marked
from mailer.model.people import EVERYTHING, ExclusionReason, TrackingConsent
from mailer.store import Tx, acts, consents, directory, exclusions, moves
from mailer.store.contacts import SAID
from mailer.store.directory import Record

NOBODY = marked("There is no contact of this number.")
#: What a replacement sets back where it says nothing. Source and date of an address stay the first ones (GDPR 5, 14).
_EMPTY: Mapping[str, Any] = {
    "external_id": None,
    "first_name": "",
    "last_name": "",
    "job": "",
    "organisation_id": None,
    "language": "fr",
    "attributes": {},
}


def get(tx: Tx, number: int, *, to_write: bool = False) -> Record:
    """The record; raises NotFoundError."""
    found = directory.find_contact(tx, to_write=to_write, id=number)
    if found is None:
        raise NotFoundError(NOBODY)
    return found


def find(mailer: Mailer, *, address: str | None, external_id: str | None) -> Record:
    """By address or by the other program's name; raises NotFoundError."""
    if (address is None) == (external_id is None):
        raise InputError("Give either an address or an external_id.")
    with mailer.store.read() as tx:
        found = directory.find_contact(tx, address=address, external_id=external_id)
    if found is None:
        raise NotFoundError("There is no such contact.")
    return found


def put(
    mailer: Mailer, values: Mapping[str, Any], *, expected: Expected, source: str, by: str
) -> tuple[Record, bool]:
    """Create the contact or replace what it says, found by its external id, else by its address; whether it is new.

    The same again changes nothing. Raises NothingExpected or OutdatedError where somebody else's words would be lost.
    """
    at = mailer.clock.now()
    with mailer.store.write() as tx:
        held, values = _held(tx, values)
        if held is None:
            _require_unerased(mailer, tx, values["address"])
            _require_organisation(tx, values)
            first = {**_EMPTY, "tracking": TrackingConsent.UNKNOWN.value, "source": source, **values}
            number = directory.create_contact(tx, first, at=at)
            acts.record(tx, at=at, by=by, act="api-create", object=f"contact {number}")
            return get(tx, number), True
        wanted = {**_EMPTY, "external_id": held["external_id"], **values}
        if SAID in held["attributes"]:
            wanted["attributes"] = {SAID: held["attributes"][SAID], **wanted["attributes"]}
        wanted = {name: value for name, value in wanted.items() if name != "registered_on"}
        return _written(mailer, tx, held, wanted, expected, by), False


def change(mailer: Mailer, number: int, values: Mapping[str, Any], *, expected: Expected, by: str) -> Record:
    """Write what is given and leave the rest. Raises as `put` does."""
    with mailer.store.write() as tx:
        held = get(tx, number, to_write=True)
        require(held, expected)
        return _written(mailer, tx, held, values, expected, by)


def refuse_measure(mailer: Mailer, number: int, *, evidence: str, source: str, by: str) -> Record:
    """The person does not want to be measured; holds for letters that have left too. Safe to repeat."""
    return _answer(mailer, number, TrackingConsent.DENIED, evidence=evidence, source=source, by=by)


def accept_measure(mailer: Mailer, number: int, *, evidence: str, source: str, by: str) -> Record:
    """The person accepts; raises RefusedError after a refusal, which only they lift, on their own page."""
    return _answer(mailer, number, TrackingConsent.GRANTED, evidence=evidence, source=source, by=by)


def exclude(mailer: Mailer, number: int, *, scope: str, source: str, by: str) -> Record:
    """Nothing of this topic, or nothing at all (`*`), is sent to them any more. Safe to repeat."""
    if scope != EVERYTHING and scope not in mailer.topics():
        raise NotFoundError("There is no topic of this name.")
    at = mailer.clock.now()
    with mailer.store.write() as tx:
        held = get(tx, number, to_write=True)
        reason = ExclusionReason.BY_HAND.value
        if exclusions.add(tx, address=held["address"], scope=scope, reason=reason, at=at, source=source):
            acts.record(tx, at=at, by=by, act="api-exclude", object=f"contact {number}", detail=scope)
        return get(tx, number)


def _held(tx: Tx, values: Mapping[str, Any]) -> tuple[Record | None, Mapping[str, Any]]:
    """The contact that is meant, and what is said of it; raises ConflictError where name and address are those of two.

    A former address that nobody else has taken is still the person's: they keep the present one.
    """
    named = values.get("external_id")
    known = directory.find_contact(tx, to_write=True, external_id=named) if named else None
    there = directory.find_contact(tx, to_write=True, address=values["address"])
    if there is None:
        person = moves.person_of(tx, values["address"])
        moved = person and directory.find_contact(tx, to_write=True, id=person)
        if moved and (known is None or known["id"] == moved["id"]):
            there, values = moved, {**values, "address": moved["address"]}
    if known is None and there is not None and named and there["external_id"] not in {None, named}:
        raise ConflictError("Another external_id has this address. Change that contact first.")
    return known or there, values


def _written(
    mailer: Mailer, tx: Tx, held: Record, values: Mapping[str, Any], expected: Expected, by: str
) -> Record:
    news = {name: value for name, value in values.items() if held[name] != value}
    if not news:
        return held
    require(held, expected)
    _require_organisation(tx, news)
    address = news.get("address")
    if address is not None:
        _require_unerased(mailer, tx, address)
        if directory.find_contact(tx, address=address) is not None:
            raise ConflictError("Another contact has this address. One person is one contact.")
    at = mailer.clock.now()
    # The move itself writes the address: it compares the former one with what the person has left and come back to.
    own = {name: value for name, value in news.items() if name != "address"}
    directory.change_contact(tx, held["id"], own, at=at)
    if address is not None:
        relocate(tx, held["id"], old=held["address"], new=address, at=at, by=by)
    acts.record(
        tx, at=at, by=by, act="api-change", object=f"contact {held['id']}", detail=" ".join(sorted(news))
    )
    return get(tx, held["id"])


def _answer(
    mailer: Mailer, number: int, state: TrackingConsent, *, evidence: str, source: str, by: str
) -> Record:
    at = mailer.clock.now()
    with mailer.store.write() as tx:
        held = get(tx, number, to_write=True)
        if held["tracking"] == state.value:
            return held
        if held["tracking"] == TrackingConsent.DENIED.value:
            raise RefusedError("This person refused. Only they change that, on their own preference page.")
        consents.record(tx, number, state=state, at=at, source=source, wording=evidence)
        acts.record(tx, at=at, by=by, act="api-consent", object=f"contact {number}", detail=state.value)
        return get(tx, number)


def _require_unerased(mailer: Mailer, tx: Tx, address: str) -> None:
    if exclusions.is_erased(tx, mailer.signer.erased(address)):
        raise RefusedError("The person of this address was erased on request. Nothing may be kept of them.")


def _require_organisation(tx: Tx, values: Mapping[str, Any]) -> None:
    wanted = values.get("organisation_id")
    if wanted is not None and directory.find_organisation(tx, id=wanted) is None:
        raise InputError("organisation_id: there is no organisation of this number.")
