"""One organisation with its periods of membership: found, created, replaced, changed."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from mailer.app.directory.versions import Expected, require
from mailer.app.mailer import Mailer
from mailer.errors import ConflictError, InputError, NotFoundError
from mailer.model.people import OrganisationKind
from mailer.store import Tx, acts, directory
from mailer.store.directory import Record

_EMPTY: Mapping[str, Any] = {
    "external_id": None,
    "siren": None,
    "kind": OrganisationKind.OTHER.value,
    "departement": "",
    "region": "",
    "population": None,
}
_PERIODS = "memberships"


def get(tx: Tx, number: int, *, to_write: bool = False) -> Record:
    """The record; raises NotFoundError."""
    found = directory.find_organisation(tx, to_write=to_write, id=number)
    if found is None:
        raise NotFoundError("There is no organisation of this number.")
    return found


def put(mailer: Mailer, values: Mapping[str, Any], *, expected: Expected, by: str) -> tuple[Record, bool]:
    """Create it or replace what it says, found by external id, else SIREN; whether it is new. Raises as for contacts.

    Memberships that are not given stay.
    """
    at = mailer.clock.now()
    with mailer.store.write() as tx:
        held = _held(tx, values)
        if held is None:
            own = {name: value for name, value in values.items() if name != _PERIODS}
            number = directory.create_organisation(tx, {**_EMPTY, **own}, at=at)
            directory.set_memberships(tx, number, _checked(values.get(_PERIODS) or ()))
            acts.record(tx, at=at, by=by, act="api-create", object=f"organisation {number}")
            return get(tx, number), True
        kept = {name: held[name] for name in ("external_id", "siren")}
        return _written(mailer, tx, held, {**_EMPTY, **kept, **values}, expected, by), False


def change(mailer: Mailer, number: int, values: Mapping[str, Any], *, expected: Expected, by: str) -> Record:
    """Write what is given and leave the rest; memberships that are given are all that there are."""
    with mailer.store.write() as tx:
        held = get(tx, number, to_write=True)
        require(held, expected)
        return _written(mailer, tx, held, values, expected, by)


def _held(tx: Tx, values: Mapping[str, Any]) -> Record | None:
    named, siren = values.get("external_id"), values.get("siren")
    if not named and not siren:
        raise InputError(
            "Give an external_id or a siren: by its name alone nobody recognises it the next time."
        )
    known = directory.find_organisation(tx, to_write=True, external_id=named) if named else None
    there = directory.find_organisation(tx, to_write=True, siren=siren) if siren else None
    if known is None and there is not None and named and there["external_id"] not in {None, named}:
        raise ConflictError("Another external_id has this SIREN. Change that organisation first.")
    return known or there


def _written(
    mailer: Mailer, tx: Tx, held: Record, values: Mapping[str, Any], expected: Expected, by: str
) -> Record:
    wanted = dict(values)
    if wanted.get(_PERIODS) is None:
        wanted.pop(_PERIODS, None)
    else:
        wanted[_PERIODS] = _checked(wanted[_PERIODS])
    news = {name: value for name, value in wanted.items() if held[name] != value}
    if not news:
        return held
    require(held, expected)
    at = mailer.clock.now()
    periods = news.pop(_PERIODS, None)
    directory.change_organisation(tx, held["id"], news, at=at)
    if periods is not None:
        directory.set_memberships(tx, held["id"], periods)
    changed = " ".join(sorted([*news, *([_PERIODS] if periods is not None else [])]))
    acts.record(tx, at=at, by=by, act="api-change", object=f"organisation {held['id']}", detail=changed)
    return get(tx, held["id"])


def _checked(periods: Any) -> list[Record]:
    """Each period ends after it began, and no two cover the same days; in order."""
    found = sorted(({"until_on": None, **each} for each in periods), key=lambda each: each["from_on"])
    for each in found:
        if each["until_on"] is not None and each["until_on"] < each["from_on"]:
            raise InputError("memberships: a period ends before it begins.")
    for each, following in pairwise(found):
        if each["until_on"] is None or each["until_on"] >= following["from_on"]:
            raise InputError("memberships: two periods cover the same days. End one before the other begins.")
    return found
