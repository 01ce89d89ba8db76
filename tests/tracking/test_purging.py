"""After 13 months a row names no delivery any more; what was counted is counted still."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from mailer.model.columns import table
from mailer.model.events import Event
from mailer.model.mail import Kind
from mailer.store import Store, events, series
from mailer.tracking import purge
from mailer.tracking.purging import ROWS_FOR
from tests.conftest import NOW
from tests.tracking.ledger import Ledger

DAY = timedelta(days=1)


def unsubscribed(store: Store, send_id: int) -> int:
    with store.read() as tx:
        return series.unsubscribed(tx, [send_id]).get(send_id, 0)


@pytest.mark.parametrize("delays", [(0, 0), (0, 3), (3, 0)], ids=["at once", "provider first", "we first"])
def test_an_unsubscription_told_twice_counts_once_however_old_it_is(
    store: Store, ledger: Ledger, delays: tuple[int, int]
) -> None:
    send = ledger.send()
    assert send.id is not None
    twice, once = (
        ledger.deliver(send, ledger.contact(address), address) for address in ("a@b.example", "c@d.example")
    )
    told = [("postal", twice, delays[0]), ("relais", twice, delays[1]), ("relais", once, 0)]
    with store.write() as tx:
        for provider, about, days in told:
            said = {"dedupe": f"left:{about.id}", "kind": Kind.UNSUBSCRIBE, "at": NOW + days * DAY}
            assert events.add(tx, provider=provider, about=about, **said)
    assert unsubscribed(store, send.id) == 2
    for days in range(1, 6):
        with store.write() as tx:
            purge(tx, at=NOW + ROWS_FOR + days * DAY)
        assert unsubscribed(store, send.id) == 2
    with store.read() as tx:
        assert list(tx.execute(select(table(Event).c.delivery_id)).scalars()) == [None, None]
