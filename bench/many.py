"""Measure 8: a large list, and a ledger of three letters to all of it, on both databases."""

import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import requests
from sqlalchemy import func, literal, select

from bench.crowd import crowd
from bench.databases import KINDS, database
from bench.desk import desk
from bench.measure import LARGE, REPOSITORY, SIGNER, Row, median, spent
from bench.people import AT, three_rules
from bench.prepare import compiled_newsletter, scheduled
from mailer import reporting, settings
from mailer.clock import SystemClock
from mailer.model.accounts import Role
from mailer.model.columns import table
from mailer.model.ledger import Delivery, DeliveryState, Outcome, Send, SendState
from mailer.segments import resolve
from mailer.sending import pressure
from mailer.sending.starting import start
from mailer.store import Store, tallies
from mailer.store.schema import migrate

send, delivery = table(Send), table(Delivery)
#: Letters of the shipped workspace that went to the same people before.
EARLIER = ("2026-05", "2026-04")
ZONE = "Europe/Paris"


def rows() -> Iterator[Row]:
    """One after the other, as they are measured: the whole takes minutes at a million."""
    for kind in KINDS:
        for row in _of(kind):
            yield Row(f"{row.measure}, {kind}", row.figure, row.target)


def _of(kind: str) -> Iterator[Row]:
    with database(kind) as url:
        store = Store(url)
        migrate(store)
        crowd(store, LARGE)
        yield _segment(store)
        yield _health(store)
        yield _frozen(store)
        for issue in EARLIER:
            _copy(store, issue)
        _settle(store)
        yield _pressure(store)
        yield _page(url, "counted anew")
        _keep(store)
        yield _page(url, "with the kept counts")
        store.close()


def _segment(store: Store) -> Row:
    def counted() -> None:
        with store.read() as tx:
            resolve(tx, three_rules(), topic="newsletter", day=AT.date())

    figure = f"{median(counted, runs=5):.2f} s"
    return Row(f"three-rule members-only segment over {LARGE:,}, with reasons", figure, "< 1 s at 1,000,000")


def _health(store: Store) -> Row:
    def counted() -> None:
        with store.read() as tx:
            reporting.list_health(tx, "newsletter", at=AT, zone=ZONE)

    return Row(f"health of a list of {LARGE:,}", f"{median(counted, runs=3):.2f} s", "< 1 s at 1,000,000")


def _frozen(store: Store) -> Row:
    """The letter is frozen and scheduled before: what is timed is who gets it, written to the ledger and committed."""
    with tempfile.TemporaryDirectory() as name:
        chosen = settings.load(REPOSITORY).model_copy(update={"state_dir": Path(name)})
        send_id = scheduled(store, chosen, compiled_newsletter(chosen))

        def begun() -> None:
            with store.write() as tx:
                at = SystemClock().now()
                start(tx, send_id, signer=SIGNER, state=chosen.state, at=at, by_hand=True)

        taken, used = spent(begun)
    figure = f"{taken:.1f} s ({used:.1f} s of this process)"
    return Row(f"audience of {LARGE:,} frozen into the ledger", figure, "< 10 s at 1,000,000")


def _copy(store: Store, issue: str) -> None:
    """The same ledger for another letter, of which every copy has arrived; a few bounced."""
    with store.write(unhurried=True) as tx:
        first = dict(tx.execute(select(send).order_by(send.c.id)).mappings().first() or {})
        values = {**first, "issue": issue, "slot": None, "public_id": f"{issue}-{first['public_id'][:8]}"}
        values |= {"state": SendState.DONE.value, "ended_at": first["started_at"]}
        del values["id"]
        send_id = tx.execute(send.insert().values(**values).returning(send.c.id)).scalar_one()
        told = {
            "send_id": literal(send_id),
            "key": func.substr(delivery.c.key, 1, 20) + literal(issue),
            "state": literal(DeliveryState.ACCEPTED.value),
            "outcome": literal(Outcome.DELIVERED.value),
        }
        names = [column.name for column in delivery.columns if column.name not in {*told, "id"}]
        copied = select(*told.values(), *(delivery.c[name] for name in names))
        copied = copied.where(delivery.c.send_id == first["id"]).order_by(delivery.c.id)
        tx.execute(delivery.insert().from_select([*told, *names], copied))


def _settle(store: Store) -> None:
    """What PostgreSQL does by itself soon after so many rows were written."""
    if not store.is_sqlite:
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as alone:
            alone.exec_driver_sql("VACUUM ANALYZE")


def _pressure(store: Store) -> Row:
    today = SystemClock().now().date()
    month = timedelta(days=pressure.MONTH)
    with store.read() as tx:
        everybody = tuple(tx.execute(select(delivery.c.contact_id).where(delivery.c.send_id == 1)).scalars())

    def counted() -> None:
        with store.read() as tx:
            found = pressure.mails(tx, everybody, first=today - month, last=today + month, zone=ZONE)
        assert found.counted(today - month, today + month) == {3: len(everybody)}

    figure = f"{median(counted, runs=3):.2f} s"
    return Row(f"mails per person over three letters to {LARGE:,}", figure, "about 1 s at 1,000,000")


def _keep(store: Store) -> None:
    """What a tick does once a letter has ended."""
    with store.write() as tx:
        for send_id in tallies.due(tx, at=SystemClock().now(), limit=len(EARLIER)):
            tallies.keep(tx, send_id, at=SystemClock().now())


def _page(url: str, how: str) -> Row:
    with desk(url, role=Role.ADMINISTRATOR) as (address, secret):
        browser = requests.Session()
        browser.cookies.set("relais", secret)

        def opened() -> None:
            browser.get(f"{address}/resultats/newsletter/{EARLIER[0]}", timeout=60).raise_for_status()

        opened()
        _, used = spent(lambda: [opened() for _ in range(5)])
        taken = median(opened, runs=5)
    figure = f"{taken:.3f} s by the clock, {used / 5:.3f} s of this process"
    return Row(f"report page of {LARGE:,} deliveries, {how}, over HTTP", figure, "< 0.2 s at 1,000,000")
