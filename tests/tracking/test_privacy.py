"""What the database does not say, and what it forgets."""

import hashlib
import hmac
import threading
from datetime import timedelta

from sqlalchemy import func, select

from mailer.clock import FixedClock
from mailer.model.columns import table
from mailer.model.events import Click, Event, Opening, TokenSeen
from mailer.model.mail import Kind, ProviderEvent
from mailer.store import Store
from mailer.tokens import Signer
from mailer.tracking import Hits, purge, record
from tests.conftest import NOW
from tests.tracking.agents import FIREFOX
from tests.tracking.ledger import SECRET, Ledger


def test_once_the_secret_is_gone_no_stored_value_ties_a_token_to_a_person(
    store: Store, ledger: Ledger, hits: Hits
) -> None:
    send = ledger.send("anonymous")
    delivery = ledger.deliver(send, ledger.contact())
    hits.open(ledger.pixel(send, delivery), user_agent=FIREFOX)
    hits.flush()
    with store.write() as tx:
        tx.exec_driver_sql("DELETE FROM send_secret")
    dump, digest = _dump(store), hmac.digest(SECRET, delivery.key.encode(), hashlib.sha256)
    seen = table(TokenSeen)
    assert SECRET.hex() not in dump
    assert digest[:12].hex() not in dump
    assert set(seen.c.keys()) == {"id", "send_id", "digest", "verdict", "seen_on"}
    assert not seen.foreign_keys
    # What can be computed from the rows that name the person, without the secret, is not the digest.
    with store.read() as tx:
        (stored,) = tx.execute(select(seen.c.digest)).scalars()
    head = bytes.fromhex(send.public_id) + bytes([delivery.cohort])
    guesses = {hashlib.sha256(part).hexdigest()[:32] for part in (delivery.key.encode(), head, head + digest)}
    assert stored not in guesses


def test_no_agent_no_address_of_a_machine_and_no_minute_is_kept(
    store: Store, ledger: Ledger, hits: Hits, clock: FixedClock
) -> None:
    clock.advance(timedelta(minutes=37, seconds=41))
    for mode in ("consented", "anonymous"):
        send = ledger.send(mode)
        delivery = ledger.deliver(send, ledger.contact(f"{mode}@ville.example"), f"{mode}@ville.example")
        hits.open(ledger.pixel(send, delivery), user_agent=FIREFOX)
        hits.click(ledger.link(delivery, 0), user_agent=FIREFOX)
    hits.flush()
    dump = _dump(store)
    for word in ("Firefox", "Gecko", "127.0.0.1", "07:37", "37:41"):
        assert word not in dump


def test_tokens_go_after_thirty_days_and_rows_about_a_copy_after_thirteen_months(
    store: Store, ledger: Ledger, hits: Hits
) -> None:
    for mode in ("consented", "anonymous"):
        send = ledger.send(mode)
        delivery = ledger.deliver(send, ledger.contact(f"{mode}@ville.example"), f"{mode}@ville.example")
        hits.open(ledger.pixel(send, delivery), user_agent=FIREFOX)
        hits.click(ledger.link(delivery, 0), user_agent=FIREFOX)
    hits.flush()
    with store.write() as tx:
        record(tx, [ProviderEvent("postal", Kind.DELIVERED, NOW, dedupe="1", key=delivery.key)], at=NOW)
    assert _left(store, after=timedelta(days=29)) == {"TokenSeen": 1, "Opening": 1, "Click": 1, "Event": 1}
    assert _left(store, after=timedelta(days=31)) == {"TokenSeen": 0, "Opening": 1, "Click": 1, "Event": 1}
    assert _left(store, after=timedelta(days=400)) == {"TokenSeen": 0, "Opening": 0, "Click": 0, "Event": 0}
    with store.read() as tx:
        assert tx.exec_driver_sql("SELECT sum(low) FROM open_count").scalar_one() == 2


def test_two_writers_count_each_open_once(
    store: Store, ledger: Ledger, signer: Signer, clock: FixedClock
) -> None:
    send = ledger.send("anonymous")
    tokens = []
    for number in range(20):
        address = f"p{number}@ville.example"
        tokens.append(ledger.pixel(send, ledger.deliver(send, ledger.contact(address), address)))
    writers = [Hits(store, signer, clock) for _ in range(2)]
    for hits in writers:
        for token in tokens:
            hits.open(token, user_agent=FIREFOX)
    threads = [threading.Thread(target=hits.flush) for hits in writers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for hits in writers:
        hits.flush()  # whom the other one kept waiting has put its group back
    with store.read() as tx:
        sums = tx.exec_driver_sql("SELECT sum(loaded), sum(high), sum(low) FROM open_count").one()
    assert tuple(sums) == (20, 20, 20)


def _left(store: Store, *, after: timedelta) -> dict[str, int]:
    with store.write() as tx:
        purge(tx, at=NOW + after)
        return {
            model.__name__: tx.execute(select(func.count()).select_from(table(model))).scalar_one()
            for model in (TokenSeen, Opening, Click, Event)
        }


def _dump(store: Store) -> str:
    """Everything that the tables of the measure hold, and the rows that they belong to."""
    names = (
        "token_seen",
        "opening",
        "open_count",
        "click",
        "click_count",
        "event",
        "delivery",
        "send",
        "send_secret",
        "contact",
    )
    with store.read() as tx:
        return "\n".join(repr(row) for name in names for row in tx.exec_driver_sql(f"SELECT * FROM {name}"))
