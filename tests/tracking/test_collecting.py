"""Bounce mails on their way from the mailbox to the ledger: committed first, put away after, nobody asked too often."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from mailer.clock import FixedClock
from mailer.errors import StoreError
from mailer.model.columns import table
from mailer.model.events import Event
from mailer.model.ledger import Delivery, DeliveryState, Outcome
from mailer.model.mail import ProviderEvent
from mailer.model.people import Exclusion
from mailer.providers.bounces import Bounces, MailboxError
from mailer.providers.mailbox_folder import Folder
from mailer.providers.smtp import Smtp
from mailer.providers.smtp_client import Account
from mailer.store import Store
from mailer.tracking import Collector
from tests.conftest import NOW
from tests.providers.bounce_mails import complaint, failed, letter, report
from tests.providers.samples import KEY
from tests.tracking.ledger import Ledger


class Post:
    """A Maildir of bounces with the collector that reads it."""

    def __init__(self, store: Store, clock: FixedClock, path: Path) -> None:
        self.clock, self.path, self._numbers = clock, path, iter(range(1000))
        for name in ("new", "cur"):
            (path / name).mkdir(parents=True)
        self.smtp = Smtp(Account("127.0.0.1", 1, None), bounces=Bounces(Folder(path), clock=clock))
        self.collector = Collector(store, self.smtp, clock)

    def arrives(self, raw: bytes, about: Delivery | None = None) -> None:
        key = about.key if about else "z" * 26
        (self.path / "new" / str(next(self._numbers))).write_bytes(raw.replace(KEY.encode(), key.encode()))

    def collect(self) -> int:
        self.clock.advance(timedelta(hours=2))
        return self.collector.collect()

    @property
    def waiting(self) -> int:
        return len(list((self.path / "new").iterdir()))


@pytest.fixture
def post(store: Store, clock: FixedClock, tmp_path: Path) -> Post:
    return Post(store, clock, tmp_path / "bounces")


def exclusions(store: Store) -> set[tuple[str, str]]:
    rows = table(Exclusion)
    with store.read() as tx:
        return {(row.address, row.reason) for row in tx.execute(select(rows.c.address, rows.c.reason))}


def events(store: Store) -> int:
    with store.read() as tx:
        return int(tx.execute(select(func.count()).select_from(table(Event))).scalar_one())


def test_a_dead_mailbox_and_a_complaint_exclude_at_once(store: Store, ledger: Ledger, post: Post) -> None:
    send = ledger.send()
    dead = ledger.deliver(send, ledger.contact("dead@ville.example"), "dead@ville.example")
    angry = ledger.deliver(send, ledger.contact("angry@ville.example"), "angry@ville.example")
    post.arrives(report(), dead)
    post.arrives(complaint(), angry)
    assert post.collect() == 2
    assert exclusions(store) == {
        ("dead@ville.example", "hard_bounce"),
        ("angry@ville.example", "complaint"),
    }
    assert ledger.delivery(dead.key).outcome == Outcome.BOUNCED
    assert ledger.delivery(angry.key).outcome == Outcome.COMPLAINED
    assert post.waiting == 0


def test_a_full_mailbox_is_excluded_at_the_third_letter(store: Store, ledger: Ledger, post: Post) -> None:
    contact = ledger.contact()
    for number in range(3):
        assert exclusions(store) == set()
        full = report(fields=failed("5.2.2"), message_id=f"<r{number}@mx.example>")
        post.arrives(full, ledger.deliver(ledger.send(), contact))
        post.collect()
    assert exclusions(store) == {("alix@ville.example", "soft_bounces")}


def test_a_report_settles_a_doubt(ledger: Ledger, post: Post) -> None:
    """What comes back was taken."""
    doubt = ledger.deliver(ledger.send(), ledger.contact(), state=DeliveryState.IN_DOUBT)
    post.arrives(report(fields=failed("4.2.2").replace("failed", "delayed")), doubt)
    post.collect()
    assert ledger.delivery(doubt.key).state == DeliveryState.ACCEPTED


def test_a_forged_report_changes_nothing(store: Store, ledger: Ledger, post: Post) -> None:
    ledger.deliver(ledger.send(), ledger.contact())
    post.arrives(report())
    post.arrives(complaint())
    post.arrives(report(to="alix@ville.example", fields=failed("5.1.1", final="alix@ville.example")))
    assert post.collect() == 0
    assert (exclusions(store), events(store), post.waiting) == (set(), 0, 0)


def test_the_same_report_twice_is_one_event(store: Store, ledger: Ledger, post: Post) -> None:
    delivery = ledger.deliver(ledger.send(), ledger.contact())
    post.arrives(report(), delivery)
    post.arrives(report(), delivery)
    assert post.collect() == 1
    post.arrives(report(), delivery)
    assert post.collect() == 0
    assert events(store) == 1


def test_holiday_replies_and_letters_are_no_events(store: Store, ledger: Ledger, post: Post) -> None:
    delivery = ledger.deliver(ledger.send(), ledger.contact())
    post.arrives(letter(headers="Auto-Submitted: auto-replied\n"), delivery)
    post.arrives(letter(), delivery)
    assert post.collect() == 0
    assert (events(store), post.waiting) == (0, 1)


def test_what_the_database_refused_is_still_in_the_mailbox(
    ledger: Ledger, post: Post, clock: FixedClock, store: Store
) -> None:
    delivery = ledger.deliver(ledger.send(), ledger.contact())
    post.arrives(report(), delivery)

    class Full(Store):
        def write(self):  # type: ignore[no-untyped-def]
            raise StoreError("full")

    failing = Collector(Full(store.url), post.smtp, clock)
    with pytest.raises(StoreError):
        failing.collect()
    assert post.waiting == 1
    assert post.collect() == 1


def test_it_is_asked_once_a_minute(post: Post) -> None:
    asked = _count(post)
    for _ in range(13):
        post.collector.collect()
        post.clock.advance(timedelta(seconds=10))
    assert len(asked) == 3


def test_a_mailbox_that_refuses_is_asked_less_and_less_often(post: Post) -> None:
    asked = _count(post, fails=True)
    for _ in range(240):
        assert post.collector.collect() == 0
        post.clock.advance(timedelta(minutes=1))
    assert [round((at - NOW).total_seconds() / 60) for at in asked] == [0, 2, 6, 14, 30, 62, 122, 182]


def test_a_provider_without_a_mailbox_is_never_asked(store: Store, clock: FixedClock) -> None:
    smtp = Smtp(Account("127.0.0.1", 1, None))
    assert not smtp.caps.mailbox
    assert Collector(store, smtp, clock).collect() == 0


def _count(post: Post, *, fails: bool = False) -> list[datetime]:
    """When the mailbox is asked."""
    asked: list[datetime] = []

    class Counting(Smtp):
        def poll(self, since: datetime) -> Iterable[ProviderEvent]:
            asked.append(post.clock.now())
            if fails:
                raise MailboxError("no")
            return ()

    provider = Counting(Account("127.0.0.1", 1, None), bounces=Bounces(Folder(post.path)))
    post.collector = Collector(post.collector._store, provider, post.clock)
    return asked
