"""A person's address changes, at the desk or by another program: the same conditions, and the same traces."""

from datetime import datetime

from mailer.errors import RefusedError
from mailer.i18n import marked
from mailer.store import Tx, moves

_LEAVING = marked("A letter is leaving for this person at this moment. Try again in a few minutes.")
_IN_DOUBT = marked(
    "Nobody knows yet whether a letter has reached this person: it may be handed over again, to the same address. "
    "Try again once the doubts of that letter are settled or given up."
)
_CROWDED = marked(
    "A letter that is leaving already has a copy at the new address, for somebody else. Try again once it is done."
)


def relocate(tx: Tx, contact_id: int, *, old: str, new: str, at: datetime, by: str) -> None:
    """Move a person; whoever calls has locked them and made sure that nobody has the new address.

    Raises RefusedError while a copy of theirs must stay as it is.
    """
    require_still(tx, [contact_id], address=new)
    moves.change(tx, contact_id, old=old, new=new, at=at, by=by)


def require_still(tx: Tx, contact_ids: list[int], *, address: str) -> None:
    """Raise RefusedError while a copy for one of these people is on its way, or could not go to the address."""
    if moves.is_leaving(tx, contact_ids):
        raise RefusedError(_LEAVING)
    if moves.is_in_doubt(tx, contact_ids):
        raise RefusedError(_IN_DOUBT)
    if moves.is_crowded(tx, contact_ids, address):
        raise RefusedError(_CROWDED)
