"""Recipients counted by who keeps their mailboxes; no address leaves the database."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import ColumnElement, case, func, literal_column, select

from mailer.model.columns import table
from mailer.model.ledger import Delivery
from mailer.model.people import Contact
from mailer.model.receivers import OTHERS, RECEIVERS
from mailer.store.engine import Tx

contact = table(Contact)
delivery = table(Delivery)
_CHUNK = 20_000


def of_send(tx: Tx, send_id: int) -> dict[str, int]:
    """Receiver's code -> people targeted; the sum is what the send planned. Answered by the index of addresses."""
    return _counted(tx, delivery.c.address, delivery.c.send_id == send_id)


def of_contacts(tx: Tx, contact_ids: Sequence[int]) -> dict[str, int]:
    """The same for the people of an audience, before anything is planned; `contact_ids` in ascending order."""
    found: Counter[str] = Counter()
    for start in range(0, len(contact_ids), _CHUNK):
        chunk = list(contact_ids[start : start + _CHUNK])
        # Most audiences are nearly everybody: then a range of ids is all there is to say.
        whole = chunk[-1] - chunk[0] + 1 == len(chunk)
        within = contact.c.id.between(chunk[0], chunk[-1]) if whole else contact.c.id.in_(chunk)
        found.update(_counted(tx, contact.c.address, within))
    return dict(found)


def _counted(tx: Tx, address: ColumnElement[str], within: ColumnElement[bool]) -> dict[str, int]:
    """Domains are counted once and then told apart: a domain has thousands of addresses, or is one of thousands."""
    domains = (
        select(_domain(tx, address).label("host"), func.count().label("people"))
        .where(within)
        .group_by(literal_column("host"))
        .subquery()
        .c
    )
    named = [each for each in RECEIVERS if each.domains]
    sums = [func.sum(case((domains.host.in_(each.domains), domains.people), else_=0)) for each in named]
    total, *counts = tx.execute(select(func.sum(domains.people), *sums)).one()
    found = {each.code: int(count or 0) for each, count in zip(named, counts, strict=True)}
    return {**found, OTHERS: int(total or 0) - sum(found.values())}


def _domain(tx: Tx, address: ColumnElement[str]) -> ColumnElement[str]:
    """The part after the @: stored addresses are lower-case and have one."""
    if tx.dialect.name == "postgresql":
        return func.split_part(address, "@", 2)
    return func.substr(address, func.instr(address, "@") + 1)
