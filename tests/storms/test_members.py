"""Members only, with any one of the three layers switched off: random rules, random memberships, no stranger reached.

The layers are switched off from outside: the rule without its flag, a database that ignores the constraint, a ledger that
does not tell the intent that the send is for members. The truth is a plain record of who is a member at each moment.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from mailer.errors import RefusedError
from mailer.model.columns import table
from mailer.model.ledger import Delivery, Send
from mailer.model.mail import Message
from mailer.model.people import Contact, Membership, Organisation, Subscription
from mailer.model.segment import Condition, Group, Junction, Operator, Segment
from mailer.sending import starting
from mailer.settings import ProviderSettings
from mailer.store import Store
from tests.conftest import NOW
from tests.sending.scripted import Scripted
from tests.sending.world import World
from tests.sending.world import campaign as a_campaign

PEOPLE, BODIES = 6, 4
TODAY = NOW.date()
KINDS, JOBS = ("ville", "region"), ("élu·e", "presse", "")
LAYERS = ("segment", "ledger", "intent")
CONDITIONS = (
    Condition("organisation.kind", Operator.IS, "ville"),
    Condition("organisation.kind", Operator.IS_NOT, "ville"),
    Condition("contact.job", Operator.ANY_OF, ("élu·e", "presse")),
    Condition("contact.job", Operator.EMPTY, value=True),
    Condition("contact.last_name", Operator.IS, "Nom"),
)


@dataclass
class Network:
    """People of a few organisations, one person without; `periods` is the truth of who is a member."""

    world: World
    dice: random.Random
    periods: dict[int, tuple[date, date | None] | None] = field(default_factory=dict)
    body_of: dict[str, int | None] = field(default_factory=dict)

    def found(self) -> None:
        stamps = {"created_at": NOW, "updated_at": NOW}
        with self.world.store.write() as tx:
            for body in range(1, BODIES + 1):
                values = {
                    "id": body,
                    "name": f"B{body}",
                    "kind": KINDS[body % 2],
                    "region": "",
                    "departement": "",
                }
                tx.execute(table(Organisation).insert().values(**values, **stamps))
            for number in range(PEOPLE):
                body = number % (BODIES + 1) or None
                address = f"p{number}@ville.example"
                values = {
                    "id": number + 1,
                    "address": address,
                    "organisation_id": body,
                    "job": JOBS[number % 3],
                }
                rest = {
                    "first_name": "P",
                    "last_name": "Nom",
                    "language": "fr",
                    "source": "",
                    "tracking": "unknown",
                }
                tx.execute(table(Contact).insert().values(**values, **rest, attributes={}, **stamps))
                left = {"contact_id": number + 1, "topic": "newsletter", "state": "subscribed", "at": NOW}
                tx.execute(table(Subscription).insert().values(**left))
                self.body_of[address] = body

    def change(self, bodies: list[int]) -> None:
        """New memberships, which are, were or will be valid."""
        member = table(Membership)
        with self.world.store.write() as tx:
            for body in bodies:
                begins = TODAY + timedelta(self.dice.choice([-400, -1, 0, 1]))
                ends = self.dice.choice([None, begins + timedelta(self.dice.choice([0, 30, 399, 800]))])
                tx.execute(member.delete().where(member.c.organisation_id == body))
                period = self.dice.choice([None, (begins, ends)])
                if period:
                    values = {"organisation_id": body, "from_on": begins, "until_on": ends}
                    tx.execute(member.insert().values(**values))
                self.periods[body] = period

    def is_member(self, address: str) -> bool:
        period = self.periods.get(self.body_of[address] or 0)
        return period is not None and period[0] <= TODAY and (period[1] is None or period[1] >= TODAY)

    def rule(self, *, members_only: bool) -> Segment:
        """Without its flag, half of the rules name members themselves: else the second layer would refuse every send."""
        where = self._group(2)
        if not members_only and self.dice.random() < 0.5:
            where = Group(Junction.ALL, (where, Condition("membership.is_member", Operator.IS, value=True)))
        return Segment(
            "s", "S", Path("s.toml"), members_only=members_only, where=where, excepted=self._excepted()
        )

    def _group(self, depth: int) -> Group:
        members: list[Condition | Group] = [
            self._group(depth - 1) if depth and self.dice.random() < 0.4 else self.dice.choice(CONDITIONS)
            for _ in range(self.dice.randrange(4))
        ]
        if not members:
            return Group(Junction.ALL)
        return Group(self.dice.choice([Junction.ALL, Junction.ANY, Junction.NONE]), tuple(members))

    def _excepted(self) -> Group:
        some = self.dice.random() < 0.2
        return Group(Junction.NONE, (self.dice.choice(CONDITIONS),) if some else ())


@dataclass
class Trial:
    """One rule, one send, one layer off."""

    network: Network
    layer: str
    number: int
    reached: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def run(self) -> None:
        world, dice = self.network.world, self.network.dice
        self.network.change(dice.sample(range(1, BODIES + 1), dice.randint(1, BODIES)))
        send_id = self._scheduled()
        try:
            self._start(send_id)
        except RefusedError:  # the second layer refuses the whole send
            return
        if self.layer == "intent":
            self._untold(send_id)
        else:
            self.network.change(dice.sample(range(1, BODIES + 1), dice.randrange(2)))
        world.sender(Scripted(on_send=self._hand_over)).run(send_id)

    def _scheduled(self) -> int:
        """Off by one layer: the rule and its snapshot do not know that the send is for members."""
        guarded = self.layer != "segment"
        here = a_campaign(slug=f"c{self.number}")
        send_id = self.network.world.schedule(
            campaign=here, segment=self.network.rule(members_only=guarded), slug="un"
        )
        if not guarded:
            self._set(Send, Send.id == send_id, members_only=True)  # type: ignore[arg-type]
        return send_id

    def _start(self, send_id: int) -> None:
        world = self.network.world
        with world.store.write() as tx:
            starting.start(tx, send_id, signer=world.signer, state=world.settings.state, at=world.now)
        if self.layer == "ledger":  # as if nothing had checked the rows: everybody is planned
            self._plan_everybody(send_id)

    def _plan_everybody(self, send_id: int) -> None:
        world, row = self.network.world, table(Delivery)
        known = {each.contact_id for each in world.rows(send_id)}
        stranger = {
            "send_id": send_id,
            "members_only": True,
            "membership_id": None,
            "state": "planned",
            "merge": {},
        }
        blank = {"language": "fr", "measured": False, "tracked": False, "cohort": 0, "epoch": 0, "owner": ""}
        with world.store.write() as tx:
            for number in set(range(1, PEOPLE + 1)) - known:
                values = {"contact_id": number, "address": f"p{number - 1}@ville.example", "attempts": 0}
                key = world.signer.delivery_key(send_id, number)
                given = {**stranger, **blank, **values, "key": key, "request_hash": "", "reason": ""}
                tx.execute(row.insert().values(**given))

    def _untold(self, send_id: int) -> None:
        self._set(Send, Send.id == send_id, members_only=False)  # type: ignore[arg-type]
        self._set(Delivery, Delivery.send_id == send_id, members_only=False)  # type: ignore[arg-type]

    def _set(self, model: Any, where: Any, **values: Any) -> None:
        with self.network.world.store.write() as tx:
            tx.execute(table(model).update().where(where).values(**values))

    def _hand_over(self, message: Message) -> None:
        """The truth of this moment; then, perhaps, it changes for those who come next."""
        address = message.envelope.to.address
        self.reached.append(address)
        if not self.network.is_member(address):
            self.strangers.append(address)
        if self.layer != "intent" and self.network.dice.random() < 0.3:
            self.network.change([self.network.dice.randint(1, BODIES)])


@pytest.fixture
def careless(sqlite_store: Store) -> Iterator[Store]:
    """A database that ignores its constraints, and, since its promises to the disk are not the matter here, is fast."""

    def ignore(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("PRAGMA synchronous = OFF")

    event.listen(sqlite_store.engine, "connect", ignore)
    yield sqlite_store
    event.remove(sqlite_store.engine, "connect", ignore)


def trials(world: World, layer: str, *, count: int, seed: int) -> None:
    print(f"members only without the {layer} layer: {count} rules, seed {seed}")
    world.changes["provider"] = ProviderSettings(rate="100000/s", threads=1)
    network = Network(world, random.Random(f"{layer}-{seed}"))
    network.found()
    reached = 0
    for number in range(count):
        trial = Trial(network, layer, number)
        trial.run()
        assert trial.strangers == [], f"rule {number}"
        reached += len(trial.reached)
    assert reached > count / 10, "nobody was reached at all: nothing was tried"


@pytest.mark.parametrize("layer", LAYERS)
def test_forty_rules_reach_no_stranger_without_one_layer(
    careless: Store, layer: str, sqlite_world: World
) -> None:
    trials(sqlite_world, layer, count=40, seed=7314)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("seed", range(20))
def test_ten_thousand_rules_reach_no_stranger_without_one_layer(
    careless: Store, layer: str, seed: int, sqlite_world: World
) -> None:
    """Sixty times 170."""
    trials(sqlite_world, layer, count=170, seed=seed)
