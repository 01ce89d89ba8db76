"""A small network lives while its letters leave: people move, merge, leave and are erased, settings and sends change."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, select

from mailer import tracking
from mailer.app.relocating import relocate, require_still
from mailer.errors import RefusedError
from mailer.model.mail import Capabilities, Kind, ProviderEvent
from mailer.sending import cancel, pause, resume
from mailer.store import deliveries, exclusions, merging, persons
from mailer.subscribing import unsubscribe
from tests.sending.scripted import (
    ACCEPT,
    DROP,
    HALT,
    LOST_REPLY,
    REJECT,
    RETRY,
    Scripted,
    in_an_hour,
)
from tests.sending.world import EVERYBODY, MEMBERS, World, campaign, contact, delivery

PEOPLE = 14
CLASSES = (
    Capabilities(idempotency_ttl=timedelta(minutes=15)),
    Capabilities(can_resolve=True),
    Capabilities(echoes_key=True),
    Capabilities(),
)
KINDS = (Kind.DELIVERED, Kind.SOFT_BOUNCE, Kind.HARD_BOUNCE, Kind.COMPLAINT, Kind.UNSUBSCRIBE)


def digest(address: str) -> str:
    return f"hmac:{address}"


@dataclass
class Life:
    """Three providers, of which the settings name one at a time; sends and what they are called."""

    world: World
    dice: random.Random
    providers: list[Scripted] = field(default_factory=list)
    sends: dict[int, str] = field(default_factory=dict)
    _present: int = 0
    _fresh: int = 0

    def __post_init__(self) -> None:
        self.world.people(PEOPLE // 2)
        self.world.people(PEOPLE // 2, start=PEOPLE // 2, member=False)
        self.providers = [Scripted(name=f"p{n}", caps=self.dice.choice(CLASSES)) for n in range(3)]

    def live(self, acts: int) -> None:
        """So many acts; one that the program refuses is none."""
        usual = [self.run, self.run, self.run, self.later, self.schedule, self.resume, self.report]
        rare = [
            self.move,
            self.merge,
            self.erase,
            self.leave,
            self.correct,
            self.stop,
            self.swap,
            self.rename,
        ]
        for _ in range(acts):
            act = self.dice.choice(usual if self.dice.random() < 0.6 else rare)
            try:
                act()
            except RefusedError:
                continue

    def end(self) -> None:
        """Everybody wants everything to go on, and every provider takes what it is given."""
        for provider in self.providers:
            provider.script.clear()
            provider.otherwise = ACCEPT
        for _ in range(30):
            for send_id in self.sends:
                self._try(resume, send_id)
            for provider in self.providers:
                self.world.sender(provider).run_due()
            self.world.later(minutes=45)

    @property
    def taken(self) -> Counter[str]:
        """Key -> how often some provider took it."""
        return Counter(each.key for provider in self.providers for each in provider.journal)

    @property
    def received(self) -> Counter[tuple[str, str]]:
        """Send, as its mails are tagged, and mailbox -> copies."""
        taken = (each for provider in self.providers for each in provider.journal)
        return Counter((each.tag, each.envelope.to.address) for each in taken)

    # --- the letters ------------------------------------------------------------------------------

    def schedule(self) -> None:
        slug, staged = f"letter-{len(self.sends)}", self.dice.choice([0, 0, 3])
        segment = self.dice.choice([EVERYBODY, MEMBERS])
        chosen = campaign(one_per_day=False, staged=staged)
        self.sends[self.world.schedule(slug=slug, campaign=chosen, segment=segment, subject=slug)] = slug

    def correct(self) -> None:
        slug, faulty = f"erratum-{len(self.sends)}", self.dice.choice([*self.sends.values(), "none"])
        chosen = campaign(one_per_day=False)
        self.sends[self.world.schedule(slug=slug, campaign=chosen, erratum_of=faulty, subject=slug)] = slug

    def run(self) -> None:
        provider = self.providers[self._present]
        provider.otherwise = self.dice.choice([ACCEPT, ACCEPT, LOST_REPLY, DROP, RETRY, in_an_hour(), HALT])
        for number in self.dice.sample(range(PEOPLE), 4):
            act = self.dice.choice([ACCEPT, LOST_REPLY, DROP, REJECT])
            provider.script[f"p{number}@ville.example"] = [act]
        self.world.sender(provider).run_due()

    def later(self) -> None:
        self.world.later(minutes=self.dice.choice([1, 6, 20, 90]))

    def stop(self) -> None:
        if self.sends:
            self._try(self.dice.choice([pause, pause, cancel]), self.dice.choice([*self.sends]))

    def resume(self) -> None:
        if self.sends:
            self._try(resume, self.dice.choice([*self.sends]))

    def _try(self, act: Any, send_id: int) -> None:
        try:
            self.world.do(act, send_id)
        except RefusedError:
            return

    # --- the settings -----------------------------------------------------------------------------

    def swap(self) -> None:
        """Another provider from now on."""
        self._present = self.dice.randrange(3)

    def rename(self) -> None:
        """The links of what is made from now on lead elsewhere."""
        self.world.changes["base_url"] = f"https://{self.dice.choice('ab')}.example"

    # --- the people -------------------------------------------------------------------------------

    def move(self) -> None:
        one, self._fresh = self._somebody(), self._fresh + 1
        if one is None:
            return
        with self.world.store.write() as tx:
            exclusions.lock_person(tx, one.id)
            new = f"n{self._fresh}@ville.example"
            relocate(tx, one.id, old=one.address, new=new, at=self.world.now, by="anne")

    def merge(self) -> None:
        one, other = self._somebody(), self._somebody()
        if one is None or other is None or one.id == other.id:
            return
        with self.world.store.write() as tx:
            rows = merging.lock(tx, (one.address, other.address))
            require_still(tx, [row.id for row in rows.values()], address=one.address)
            merging.merge(tx, rows[one.address], rows[other.address], at=self.world.now, by="anne")

    def erase(self) -> None:
        one = self._somebody()
        if one is None:
            return
        with self.world.store.write() as tx:
            if not persons.is_being_sent(tx, one.address):
                persons.erase(tx, one.address, digest=digest, at=self.world.now, source="desk")

    def leave(self) -> None:
        with self.world.store.write() as tx:
            if found := self._copy(tx):
                unsubscribe(
                    tx, found, topic="newsletter", everything=False, at=self.world.now, source="one-click"
                )

    def report(self) -> None:
        """Only of what a provider has taken."""
        self._fresh += 1
        with self.world.store.write() as tx:
            found = self._copy(tx)
            if found is not None and found.key in self.taken:
                news = ProviderEvent(
                    "scripted",
                    self.dice.choice(KINDS),
                    self.world.now,
                    f"{self._fresh}",
                    key=found.key,
                    smtp_code="5.1.1",
                )
                tracking.record(tx, [news], at=self.world.now)

    def _somebody(self) -> Row[Any] | None:
        with self.world.store.read() as tx:
            found = tx.execute(select(contact.c.id, contact.c.address).order_by(contact.c.id)).all()
        return self.dice.choice(found) if found else None

    def _copy(self, tx: Any) -> Any:
        keys = tx.execute(select(delivery.c.key).order_by(delivery.c.id)).scalars().all()
        return deliveries.find_by_key(tx, self.dice.choice(keys)) if keys else None
