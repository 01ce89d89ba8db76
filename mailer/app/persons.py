"""The rights of one person: what is known of them, a copy of it, and its end (rules L8)."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from mailer.addresses import normalise
from mailer.app import rejects
from mailer.app.mailer import Mailer
from mailer.errors import NotFoundError, RefusedError
from mailer.store import acts, exclusions, persons

_MOST_FOUND = 20


@dataclass(frozen=True, slots=True)
class Namesake:
    """One of the people whose name was looked for."""

    address: str
    name: str
    organisation: str


@dataclass(frozen=True, slots=True)
class Found:
    """One page of those who were looked for; `number` counts from 1."""

    people: tuple[Namesake, ...]
    number: int
    has_more: bool


def search(mailer: Mailer, words: str, *, page: int = 1) -> Found:
    """People by a part of their name, their address or their organisation's name."""
    first = (page - 1) * _MOST_FOUND
    with mailer.store.read() as tx:
        limit = _MOST_FOUND + 1
        rows = persons.search(tx, words.strip(), limit=limit, first=first) if words.strip() else []
    people = tuple(
        Namesake(row.address, f"{row.first_name} {row.last_name}".strip(), row.name or "")
        for row in rows[:_MOST_FOUND]
    )
    return Found(people, page, has_more=len(rows) > _MOST_FOUND)


def find(mailer: Mailer, address: str) -> dict[str, Any]:
    """All that is known of an address; raises NotFoundError, which tells an erased person from an unknown one."""
    address = normalise(address)
    with mailer.store.read() as tx:
        found = persons.find(tx, address)
        is_erased = found is None and mailer.signer.erased(address) in exclusions.erased(tx)
    if is_erased:
        raise NotFoundError(
            "This person was erased on request. Nothing is known of them, and nobody can write to them."
        )
    if found is None:
        raise NotFoundError("Nobody here has this address.")
    return found


def export(mailer: Mailer, address: str, *, by: str) -> str:
    """The same as a JSON document that people can read too."""
    found = find(mailer, address)
    with mailer.store.write() as tx:
        acts.record(tx, at=mailer.clock.now(), by=by, act="export")
    return json.dumps(found, ensure_ascii=False, indent=2, default=_as_text) + "\n"


def erase(mailer: Mailer, address: str, *, by: str) -> None:
    """Erase the person for good. Raises NotFoundError, or RefusedError while a copy is on its way to them."""
    address = normalise(address)
    at = mailer.clock.now()
    with mailer.store.write() as tx:
        if persons.is_being_sent(tx, address):
            raise RefusedError(
                "A letter is leaving for this person at this moment. Try again in a few minutes."
            )
        theirs = persons.own_addresses(tx, address)
        if not persons.erase(tx, address, digest=mailer.signer.erased, at=at, source="desk"):
            raise NotFoundError("Nobody here has this address.")
        acts.record(tx, at=at, by=by, act="erase")
    rejects.forget(mailer.settings.state, theirs)
    # What was overwritten is then nowhere on the disk either; while somebody reads, the next checkpoint does it.
    mailer.store.forget()


def _as_text(value: Any) -> str:
    assert isinstance(value, date)
    return value.isoformat()
