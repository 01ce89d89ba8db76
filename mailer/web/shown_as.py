"""As whom a letter is shown. A page's own address names a person by number: an e-mail address never stands in one."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Form

from mailer.addresses import normalise
from mailer.app import editions
from mailer.model.mail import Person
from mailer.store import contacts
from mailer.web.visits import Visit

#: Stands for whoever is no contact: nothing is known of them.
STRANGER = "inconnu"
#: The number of a contact has fewer digits.
_DIGITS = 18

#: What an officer types into the field of it.
Typed = Annotated[str, Form(max_length=320)]


@dataclass(frozen=True, slots=True)
class ShownAs:
    """`key` is what an address of the desk holds: a contact's number, `STRANGER`, or "" for the made-up reader."""

    key: str = ""
    person: Person = editions.READER

    @property
    def address(self) -> str:
        """Of the person whom somebody chose, "" where nobody did."""
        return self.person.address if self.key not in {"", STRANGER} else ""

    @property
    def is_stranger(self) -> bool:
        return self.key == STRANGER


MADE_UP = ShownAs()
#: Without a name, and without an address that could be anybody's.
_STRANGER = ShownAs(STRANGER, Person(editions.READER.address))


def by_address(visit: Visit, typed: str) -> ShownAs:
    """As whom the officer wants to see it; nobody typed is the made-up reader. Raises AddressError."""
    if not typed.strip():
        return MADE_UP
    address = normalise(typed)
    with visit.mailer.store.read() as tx:
        number = contacts.find_id(tx, address)
    return _STRANGER if number is None else by_key(visit, str(number))


def by_key(visit: Visit, key: str) -> ShownAs:
    """What an address of the desk says; the made-up reader for nobody, whoever is gone, and for who may see no person."""
    if not visit.may("show_letter_as"):
        return MADE_UP
    if key == STRANGER:
        return _STRANGER
    if not key.isascii() or not key.isdecimal() or len(key) > _DIGITS:
        return MADE_UP
    with visit.mailer.store.read() as tx:
        person = contacts.person_of_number(tx, int(key))
    return MADE_UP if person is None else ShownAs(key, person)
