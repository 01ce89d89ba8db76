"""Every order of acts that hypothesis finds: the provider's journal is the truth, our ledger the suspect."""

import itertools
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from mailer.errors import RefusedError
from mailer.model.ledger import Outcome
from mailer.model.mail import Capabilities, Message
from mailer.sending import cancel, pause, resume
from mailer.settings import ProviderSettings
from mailer.store import Store, claims, deliveries
from mailer.tokens import Signer
from tests.conftest import NOW, Statements
from tests.sending.conftest import Impatient
from tests.sending.scripted import (
    ACCEPT,
    DROP,
    HALT,
    LOST_REPLY,
    RAISE,
    REJECT,
    RETRY,
    Act,
    Scripted,
    in_an_hour,
)
from tests.sending.world import MEMBERS, World, membership

PEOPLE = 8
PERSON = st.integers(0, PEOPLE - 1).map("p{}@ville.example".format)
ACT = st.sampled_from([ACCEPT, REJECT, RETRY, LOST_REPLY, DROP, HALT, RAISE, in_an_hour()])
#: What happens to one person's attempts, the treacherous orders among them.
ACTS = st.one_of(
    st.lists(ACT, min_size=1, max_size=3),
    st.sampled_from(
        [[LOST_REPLY, REJECT], [LOST_REPLY, RETRY, REJECT], [in_an_hour(), LOST_REPLY], [DROP, HALT]]
    ),
)
MINUTES = st.sampled_from([0.1, 1, 6, 20, 61, 600, 1500])
CLASSES = st.sampled_from(
    [
        Capabilities(idempotency_ttl=timedelta(minutes=15)),
        Capabilities(can_resolve=True),
        Capabilities(echoes_key=True),
        Capabilities(),
    ]
)


class Machine(RuleBasedStateMachine):
    """One send to eight people on a fresh copy of `template`, below `place`."""

    template: Path
    place: Path
    statements: Statements
    numbers = itertools.count()

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: list[Callable[[], None]] = []
        self.folder = self.place / f"machine-{next(self.numbers)}"
        self.folder.mkdir()
        shutil.copy(self.template, self.folder / "mailer.db")
        store = self.statements.share(Store(f"sqlite:///{self.folder / 'mailer.db'}"))
        self.world = World(store, Impatient(NOW), Signer(b"only-for-tests-only-for-tests-32"), self.folder)
        # One thread: what is done while a message is handed over must hold for every later one.
        self.world.changes["provider"] = ProviderSettings(rate="1000/s", threads=1)
        self.world.people(PEOPLE)
        self.id = self.world.schedule(segment=MEMBERS)
        self.provider = Scripted(on_send=self.look)
        self.excluded: set[str] = set()
        self.member = True
        self.epochs: dict[int, int] = {}
        self.send_epoch = 0
        self.outcomes: dict[int, str] = {}

    def teardown(self) -> None:
        self.world.store.close()
        shutil.rmtree(self.folder)

    def look(self, message: Message) -> None:
        """I5, I6: at the moment a byte leaves, everything is as it must be; then something happens beside it."""
        assert message.envelope.to.address not in self.excluded
        assert self.member
        assert self.world.send(self.id).state == "sending"
        if self.meanwhile:
            self.meanwhile.pop(0)()

    @initialize(
        caps=CLASSES,
        scripts=st.lists(ACTS, min_size=PEOPLE, max_size=PEOPLE),
        complaint=PERSON,
    )
    def begins(self, caps: Capabilities, scripts: list[list[Act]], complaint: str) -> None:
        """The send has begun, and somebody complained in the middle."""
        self.provider.caps = caps
        for number, acts in enumerate(scripts):
            self.provider.script[f"p{number}@ville.example"] = list(acts)
        self.somebody_complains_during_the_send(complaint)
        self.run()

    @rule(address=PERSON)
    def somebody_complains_during_the_send(self, address: str) -> None:
        self.meanwhile.append(lambda: self.exclude(address))

    @rule()
    def the_membership_ends_during_the_send(self) -> None:
        self.meanwhile.append(lambda: self.membership_changes(False))

    @rule()
    def somebody_pauses_during_the_send(self) -> None:
        self.meanwhile.append(lambda: self.officer(pause))

    @rule(address=PERSON, acts=ACTS)
    def script(self, address: str, acts: list[Act]) -> None:
        self.provider.script[address] = list(acts)

    @rule()
    def run(self) -> None:
        self.world.sender(self.provider).run_due()

    @rule(minutes=MINUTES)
    def run_later(self, minutes: float) -> None:
        self.world.later(minutes=minutes)
        self.run()

    @rule(minutes=MINUTES)
    def resume_later(self, minutes: float) -> None:
        self.world.later(minutes=minutes)
        self.officer(resume)
        self.run()

    @rule(minutes=MINUTES)
    def time_passes(self, minutes: float) -> None:
        self.world.later(minutes=minutes)

    @rule(address=PERSON)
    def somebody_complains(self, address: str) -> None:
        self.exclude(address)

    @rule(valid=st.booleans())
    def the_membership_changes(self, valid: bool) -> None:
        self.membership_changes(valid)

    @rule(act=st.sampled_from([pause, resume, resume, cancel]))
    def an_officer_acts(self, act: Any) -> None:
        self.officer(act)

    def exclude(self, address: str) -> None:
        self.world.exclude(address)
        self.excluded.add(address)

    def membership_changes(self, valid: bool) -> None:
        until = None if valid else date(2026, 6, 10)
        with self.world.store.write() as tx:
            tx.execute(membership.update().values(until_on=until))
        self.member = valid

    def officer(self, act: Any) -> None:
        try:
            self.world.do(act, self.id)
        except RefusedError:
            return

    @rule(outcome=st.sampled_from(list(Outcome)))
    def webhooks_arrive(self, outcome: Outcome) -> None:
        with self.world.store.write() as tx:
            for message in self.provider.journal:
                found = deliveries.find_by_key(tx, message.key)
                assert found is not None
                assert found.id is not None
                deliveries.accept_by_event(tx, found.id, at=self.world.now, provider_ref=None)
                deliveries.set_outcome(tx, found.id, outcome)

    @rule()
    def process_died_with_claims(self) -> None:
        """Whatever waits was held by somebody who is gone."""
        with self.world.store.write() as tx:
            claims.claim(
                tx, self.id, owner="gone", at=self.world.now, lease=timedelta(seconds=60), limit=3,
                repeatable=None,
            )  # fmt: skip

    @invariant()
    def nothing_left_that_must_not(self) -> None:
        """I5, I6: what `look` saw."""
        assert self.provider.broken == []

    @invariant()
    def nobody_twice(self) -> None:
        """I1, for every class: nothing is ever repeated that the provider could take twice."""
        assert set(self.provider.times_taken.values()) <= {1}

    @invariant()
    def accepted_here_is_accepted_there(self) -> None:
        """I2 and I3."""
        taken = {message.key for message in self.provider.journal}
        for row in self.world.rows(self.id):
            assert row.state != "accepted" or row.key in taken
            assert row.state not in {"planned", "excluded", "cancelled", "refused"} or row.key not in taken

    @invariant()
    def the_statement_adds_up(self) -> None:
        """I4."""
        assert len(self.world.rows(self.id)) == self.world.send(self.id).planned

    @invariant()
    def one_key_one_hash(self) -> None:
        """I7."""
        assert all(len(each) == 1 for each in self.provider.bytes_by_key.values())

    @invariant()
    def epochs_grow(self) -> None:
        """I8."""
        now = {row.id: row.epoch for row in self.world.rows(self.id)}
        assert all(now[key] >= before for key, before in self.epochs.items())
        assert self.world.send(self.id).epoch >= self.send_epoch
        self.epochs, self.send_epoch = now, self.world.send(self.id).epoch

    @invariant()
    def complaints_and_bounces_stay(self) -> None:
        """I10: a later "delivered" never takes back what was worse."""
        rank = {None: 0, "delivered": 1, "bounced": 2, "complained": 3}
        now = {row.id: row.outcome for row in self.world.rows(self.id)}
        assert all(rank[now[key]] >= rank[before] for key, before in self.outcomes.items())
        self.outcomes = now


@pytest.fixture
def machine(sqlite_template: Path, tmp_path: Path, statements: Statements) -> type[Machine]:
    """The machine over fresh copies of a migrated database."""
    here = {"template": sqlite_template, "place": tmp_path, "statements": statements}
    return type("MachineHere", (Machine,), here)


@pytest.mark.timeout(300)
def test_no_order_of_acts_doubles_forgets_or_guesses(machine: type[Machine]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=40,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_no_order_of_acts_in_a_thousand_examples(machine: type[Machine]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=1000, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
