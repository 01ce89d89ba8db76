"""A person's address changes, at the desk or by another program: the same conditions, and the same traces."""

from datetime import datetime

from mailer.errors import RefusedError
from mailer.i18n import marked
from mailer.store import Tx, moves

_LEAVING = marked("A letter is leaving for this person at this moment. Try again in a few minutes.")


def relocate(tx: Tx, contact_id: int, *, old: str, new: str, at: datetime, by: str) -> None:
    """Move a person; whoever calls has locked them and made sure that nobody has the new address.

    Raises RefusedError while a copy of theirs must stay as it is.
    """
    require_still(tx, [contact_id])
    moves.change(tx, contact_id, old=old, new=new, at=at, by=by)


def require_still(tx: Tx, contact_ids: list[int]) -> None:
    """Raise RefusedError while a copy for one of these people is on its way."""
    if moves.is_leaving(tx, contact_ids):
        raise RefusedError(_LEAVING)
