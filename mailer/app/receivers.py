"""Who keeps the mailboxes of a letter's recipients: counted once per send, since a ledger never gains a row."""

from collections.abc import Mapping, Sequence

from mailer.model.receivers import RECEIVERS, ReceiverCount
from mailer.store import Store, receivers

#: No receiver publishes a smaller number: a smaller audience needs no count.
SMALLEST = min(each.above for each in RECEIVERS if each.above is not None)


class Receivers:
    """Counts of sends and of audiences. Safe to share between threads: at worst something is counted twice."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[int, tuple[ReceiverCount, ...]] = {}

    def of_send(self, send_id: int) -> tuple[ReceiverCount, ...]:
        """Every receiver, those without a recipient included; all zero before the send has started."""
        if send_id not in self._known:
            with self._store.read() as tx:
                found = _rows(receivers.of_send(tx, send_id))
            if not any(each.count for each in found):
                return found
            self._known[send_id] = found
        return self._known[send_id]

    def over_in(self, contact_ids: Sequence[int]) -> tuple[ReceiverCount, ...]:
        """The receivers that one letter to these people would pass; `contact_ids` in ascending order."""
        if len(contact_ids) <= SMALLEST:
            return ()
        with self._store.read() as tx:
            found = _rows(receivers.of_contacts(tx, contact_ids))
        return tuple(each for each in found if each.is_over)


def _rows(counts: Mapping[str, int]) -> tuple[ReceiverCount, ...]:
    return tuple(ReceiverCount(each, counts.get(each.code, 0)) for each in RECEIVERS)
