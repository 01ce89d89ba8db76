"""The report against a count that shares no code with it: the provider's journal, and what readers noted down themselves."""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from mailer import reporting
from mailer.clock import FixedClock
from mailer.model.mail import Kind, Message, ProviderEvent
from mailer.model.people import TrackingConsent
from mailer.model.report import Report
from mailer.rendering.slots import SlotKind, mark
from mailer.sending import subjects
from mailer.store import Store, consents, deliveries, tallies
from mailer.subscribing.leaving import unsubscribe
from mailer.tokens import Signer
from mailer.tracking import Hits, record
from tests.sending.scripted import REJECT, Scripted
from tests.sending.world import Tracking, World, campaign
from tests.tracking.agents import APPLE_PROXY, CURL, FIREFOX, GMAIL, GMAIL_PREFETCH, THUNDERBIRD

TARGET = "https://reseau.example/agenda"
HTML = f'<p>Bonjour</p><a href="{mark(SlotKind.LINK, "0")}">Agenda</a>{mark(SlotKind.PIXEL)}'
SUBJECTS = ("Juin", "Ce que juin prépare")
#: What somebody does with a mail, by their number: agents that load the picture at delivery, and later; whether they click.
HABITS: tuple[tuple[tuple[str, ...], tuple[str, ...], bool], ...] = (
    ((), (), False),
    ((), (FIREFOX,), False),
    ((), (GMAIL,), False),
    ((APPLE_PROXY,), (), False),
    ((), (), True),
    ((GMAIL_PREFETCH,), (THUNDERBIRD, THUNDERBIRD), True),
    ((CURL,), (GMAIL, FIREFOX), False),
)
_MACHINES, _PROXIES = {APPLE_PROXY, GMAIL_PREFETCH, CURL}, {GMAIL}
_PIXEL = re.compile(r"/o/([\w.-]+)\.gif")
_CLICK = re.compile(r"/c/([\w.-]+)")


@dataclass
class Notes:
    """What the readers wrote down: mails by what was done about them."""

    read: int = 0
    measured: Counter[str] = field(default_factory=Counter)
    loaded: set[str] = field(default_factory=set)
    high: dict[str, str] = field(default_factory=dict)
    low: set[str] = field(default_factory=set)
    clicked: set[str] = field(default_factory=set)
    left: set[str] = field(default_factory=set)


@dataclass
class Post:
    """One letter in everybody's letter-box, and what becomes of it."""

    world: World
    provider: Scripted
    hits: Hits
    mode: Tracking
    notes: Notes = field(default_factory=Notes)

    @property
    def closed(self) -> set[str]:
        """Mailboxes that do not exist any more."""
        return {each.envelope.to.address for each in self.provider.journal[::11]}

    def withdraw(self) -> set[str]:
        """Every fifth of those who had agreed changes their mind before they read."""
        rows = self.world.rows(1)
        agreed = [row for row in rows if row.measured][::5]
        with self.world.store.write() as tx:
            for row in agreed:
                consents.record(
                    tx,
                    row.contact_id,
                    state=TrackingConsent.DENIED,
                    at=self.world.now,
                    source="page",
                    wording="1",
                )
        return {row.address for row in agreed}

    def tell_bounces(self) -> None:
        news = [
            ProviderEvent("scripted", Kind.HARD_BOUNCE, self.world.now, dedupe=each.key, key=each.key)
            for each in self.provider.journal
            if each.envelope.to.address in self.closed
        ]
        with self.world.store.write() as tx:
            record(tx, news, at=self.world.now)

    def read(self, withdrawn: set[str]) -> None:
        """Machines at once, people an hour later; who has left a closed mailbox reads nothing."""
        open_ones = [each for each in self.provider.journal if each.envelope.to.address not in self.closed]
        for message in open_ones:
            self._note_arrival(message)
            self._load(message, HABITS[_number(message) % 7][0], withdrawn)
        self.world.later(hours=1)
        for message in open_ones:
            _, agents, clicks = HABITS[_number(message) % 7]
            self._load(message, agents, withdrawn)
            if clicks:
                self._click(message, withdrawn)
            if _number(message) % 17 == 0:
                self._leave(message)
        self.hits.flush()

    def _note_arrival(self, message: Message) -> None:
        self.notes.read += 1
        if _PIXEL.search(message.content.html):
            self.notes.measured[message.content.subject] += 1

    def _counts(self, message: Message, withdrawn: set[str]) -> bool:
        """Who withdrew is counted no more, but where nobody knows whose token it is."""
        return self.mode is Tracking.ANONYMOUS or message.envelope.to.address not in withdrawn

    def _load(self, message: Message, agents: tuple[str, ...], withdrawn: set[str]) -> None:
        picture = _PIXEL.search(message.content.html)
        for agent in agents if picture else ():
            assert picture is not None
            assert self.hits.open(picture[1], user_agent=agent)
            if self._counts(message, withdrawn):
                self._note_load(message, agent)

    def _note_load(self, message: Message, agent: str) -> None:
        self.notes.loaded.add(message.key)
        if agent not in _MACHINES:
            self.notes.high[message.key] = message.content.subject
        if agent not in _MACHINES | _PROXIES:
            self.notes.low.add(message.key)

    def _click(self, message: Message, withdrawn: set[str]) -> None:
        link = _CLICK.search(message.content.html)
        if link is None:
            assert TARGET in message.content.html
            return
        assert self.hits.click(link[1], user_agent=FIREFOX) == TARGET
        if self._counts(message, withdrawn):
            self.notes.clicked.add(message.key)
            self._note_load(message, FIREFOX)

    def _leave(self, message: Message) -> None:
        with self.world.store.write() as tx:
            about = deliveries.find_by_key(tx, message.key)
            assert about is not None
            unsubscribe(
                tx, about, topic="newsletter", everything=False, at=self.world.now, source="one click"
            )
        self.notes.left.add(message.key)


def _number(message: Message) -> int:
    return int(message.envelope.to.address.partition("@")[0][1:])


def _sent(world: World, signer: Signer, mode: Tracking, *, two: bool) -> tuple[int, Post]:
    needed = subjects.needed(0.0) if two else 90
    for place, answer in enumerate(("granted", "unknown", "denied")):
        count = needed if answer == "granted" else 30
        world.people(count, tracking=answer, start=1000 * place)
    changes = {"subject": SUBJECTS[0], "second_subject": SUBJECTS[1], "usual_rate": 0.0} if two else {}
    send_id = world.schedule(campaign=campaign(tracking=mode), html=HTML, links=(TARGET,), **changes)
    provider = Scripted(script={"p3@ville.example": [REJECT]})
    world.sender(provider).run(send_id)
    return send_id, Post(world, provider, Hits(world.store, signer, world.clock), mode)


@pytest.mark.parametrize(
    ("mode", "two"),
    [
        (
            Tracking.NONE,
            False,
        ),  # where nothing is measured two subjects are refused: tests/sending/test_subjects.py
        (Tracking.CONSENTED, False),
        (Tracking.CONSENTED, True),
        (Tracking.ANONYMOUS, False),
        (Tracking.ANONYMOUS, True),
    ],
)
def test_a_report_agrees_to_the_unit_with_the_journal_and_with_what_readers_noted(
    store: Store, clock: FixedClock, signer: Signer, tmp_path: Path, mode: Tracking, two: bool
) -> None:
    world = World(store, clock, signer, tmp_path)
    send_id, post = _sent(world, signer, mode, two=two)
    withdrawn = post.withdraw()
    post.read(withdrawn)
    post.tell_bounces()
    report = _report(store, send_id, clock)
    _compare(report, post)
    assert bool(withdrawn) is (mode is not Tracking.NONE)
    if two:
        _compare_subjects(report, post)
    with store.write() as tx:
        assert tallies.keep(tx, send_id, at=clock.now())
    assert _report(store, send_id, clock) == report


def _report(store: Store, send_id: int, clock: FixedClock) -> Report:
    with store.read() as tx:
        return reporting.report(tx, send_id, at=clock.now() + timedelta(days=3))


def _compare(report: Report, post: Post) -> None:
    journal, notes, letter = post.provider.journal, post.notes, report.letter
    assert len({each.envelope.to.address for each in journal}) == len(journal) > 100
    assert letter.planned == len(journal) + 1
    assert (letter.accepted, letter.refused) == (len(journal), 1)
    assert (letter.bounced, letter.delivered) == (len(post.closed), notes.read)
    assert letter.unsubscribed == len(notes.left) > 0
    assert letter.measured == notes.measured.total()
    if post.mode is Tracking.NONE:
        assert (letter.loaded, letter.opens_high, letter.opens_low, letter.clicks) == (None,) * 4
        assert notes.loaded == set()
        return
    counted = (letter.loaded, letter.opens_high, letter.opens_low, letter.clicks)
    assert counted == (len(notes.loaded), len(notes.high), len(notes.low), len(notes.clicked))
    assert len(notes.loaded) > len(notes.high) > len(notes.low) > 0
    assert bool(notes.clicked) is (post.mode is Tracking.CONSENTED)
    assert letter.rate_high == len(notes.high) / notes.measured.total()


def _compare_subjects(report: Report, post: Post) -> None:
    assert report.trial is not None
    told = {each.subject: (each.copies, each.opens_high) for each in report.trial.subjects}
    opened = Counter(post.notes.high.values())
    assert told == {each: (post.notes.measured[each], opened[each]) for each in SUBJECTS}
