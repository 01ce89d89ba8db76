"""What one sender has claimed and not handed over yet."""

from datetime import timedelta

from mailer.sending.copies import CopyRoom
from mailer.sending.starting import start
from mailer.sending.stock import Stock
from mailer.store import sends, snapshots
from tests.conftest import NOW
from tests.sending.world import World, delivery


def test_a_copy_stands_in_the_stock_once_also_where_a_clock_was_set_back(world: World) -> None:
    """The first was claimed while the clock ran ahead: its lease outlasts that of the second, which is claimed anew."""
    world.people(2)
    send_id = world.schedule()
    with world.store.write() as tx:
        start(tx, send_id, signer=world.signer, state=world.settings.state, at=NOW)
        send = sends.get(tx, send_id)
        copies = CopyRoom(
            send,
            snapshots.get(tx, send.snapshot_id),
            secret=b"",
            settings=world.settings,
            signer=world.signer,
        )
    stock = Stock(copies=copies, owner="me", lease=timedelta(seconds=60), threads=4, per_second=100)
    first, second = world.rows(send_id)
    with world.store.write() as tx:
        late = delivery.update().where(delivery.c.id == second.id)
        tx.execute(late.values(not_before=NOW + timedelta(hours=4)))
    for hours, seconds in ((3.5, 0), (0, 0), (0, 61)):
        if hours == 0:
            world.set(send_id, not_before=None)
        with world.store.write() as tx:
            stock.refresh(tx, send_id, at=NOW + timedelta(hours=hours, seconds=seconds), repeatable=None)
    held = [each.delivery.id for each in stock.kept()]
    assert first.id in held
    assert len(held) == len(set(held))
