"""Whatever happens to two sends, in whatever order: the figures read from kept counts are those counted anew."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from mailer import reporting
from mailer.model.columns import table
from mailer.model.ledger import DeliveryState, Outcome
from mailer.model.mail import Kind, ProviderEvent
from mailer.model.people import Contact
from mailer.model.tallies import Tally
from mailer.sending import settling
from mailer.store import Store, Tx, deliveries, merging, persons, sends, tallies
from mailer.subscribing.leaving import unsubscribe
from mailer.tracking import purge, record
from tests.conftest import NOW
from tests.reporting.sent import BEGAN, Sent

ZONE = "Europe/Paris"
#: What a provider may tell, at whatever moment.
KINDS = [
    Kind.DELIVERED,
    Kind.HARD_BOUNCE,
    Kind.SOFT_BOUNCE,
    Kind.COMPLAINT,
    Kind.DEFERRED,
    Kind.UNSUBSCRIBE,
    Kind.OPEN,
]
NAMES = [
    *("keep", "keep", "told", "told", "left", "doubt", "absent", "again"),
    *("cancelled", "erased", "merged", "purged", "bytes"),
]
ACTS = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.integers(0, 1),
        st.integers(0, 7),
        st.integers(0, len(KINDS) - 1),
    ),
    min_size=4,
    max_size=10,
)
_numbers = count(1)


@dataclass
class Story:
    """Two letters of one campaign to the same eight people, in a campaign of their own."""

    store: Store
    number: int = field(default_factory=lambda: next(_numbers))
    events: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        with self.store.write() as tx:
            people = [self._contact(tx, place) for place in range(8)]
        began = (BEGAN.replace(day=4), BEGAN)
        self.sends = [self._sent(place, began[place]) for place in range(2)]
        self.copies = [
            [self._copy(sent, place, contact_id) for place, contact_id in enumerate(people)]
            for sent in self.sends
        ]

    def address(self, place: int) -> str:
        return f"p{self.number}-{place}@ville.example"

    def _contact(self, tx: Tx, place: int) -> int:
        values = {
            "address": self.address(place),
            "created_at": NOW,
            "updated_at": NOW,
            "organisation_id": None,
        }
        rows = table(Contact)
        made = Contact(**values).model_dump(exclude={"id"})
        return int(tx.execute(rows.insert().values(**made)).inserted_primary_key[0])

    def _sent(self, place: int, began: Any) -> Sent:
        name = f"{self.number:08x}{place:08x}"
        return Sent(self.store, public_id=name, campaign=f"c{self.number}", issue=f"i{place}", began=began)

    def _copy(self, sent: Sent, place: int, contact_id: int) -> int:
        state = "accepted" if place < 6 else "in_doubt"
        facts = {"address": self.address(place), "contact_id": contact_id, "attempts": 1, "cohort": place % 2}
        (copy,) = sent.add(1, state, **facts, in_doubt_since=None if place < 6 else NOW)
        return copy

    def act(self, name: str, place: int, person: int, kind: int) -> None:
        acts: dict[str, Callable[[Tx], object]] = {
            "keep": lambda tx: tallies.keep(tx, self.sends[place].send_id, at=NOW),
            "told": lambda tx: self._told(tx, place, person, KINDS[kind]),
            "left": lambda tx: self._left(tx, place, person),
            "doubt": lambda tx: deliveries.accept_by_event(
                tx, self.copies[place][person], at=NOW, provider_ref=None
            ),
            "absent": lambda tx: self._absent(tx, place, person),
            "again": lambda tx: deliveries.release_doubts(tx, self.sends[place].send_id),
            "cancelled": lambda tx: deliveries.cancel_planned(tx, self.sends[place].send_id, at=NOW),
            "erased": lambda tx: persons.erase(
                tx, self.address(person), digest=lambda known: f"hmac:{known}", at=NOW, source="desk"
            ),
            "merged": lambda tx: self._merged(tx, person),
            "purged": lambda tx: purge(tx, at=NOW.replace(year=NOW.year + 2)),
            "bytes": lambda tx: settling.untie(tx, sends.get(tx, self.sends[place].send_id)),
        }
        with self.store.write() as tx:
            acts[name](tx)

    def _told(self, tx: Tx, place: int, person: int, kind: Kind) -> None:
        key = f"{self.sends[place].public_id}{person + 1:010}"
        record(tx, [ProviderEvent("postal", kind, NOW, dedupe=self._dedupe(), key=key)], at=NOW)

    def _dedupe(self) -> str:
        return f"{self.number}:{next(self.events)}"

    def _left(self, tx: Tx, place: int, person: int) -> None:
        about = deliveries.find_by_key(tx, f"{self.sends[place].public_id}{person + 1:010}")
        assert about is not None
        unsubscribe(tx, about, topic="flash", everything=False, at=NOW, source="page")

    def _absent(self, tx: Tx, place: int, person: int) -> None:
        deliveries.conclude(
            tx,
            self.copies[place][person],
            epoch=0,
            expected=DeliveryState.IN_DOUBT,
            state=DeliveryState.CANCELLED,
            at=NOW,
            reason="looked-up-absent",
        )

    def _merged(self, tx: Tx, person: int) -> None:
        pair = (self.address(person), self.address((person + 1) % 8))
        found = merging.lock(tx, pair)
        if len(found) == 2:
            merging.merge(tx, found[pair[0]], found[pair[1]], at=NOW, by="desk")

    def figures(self, tx: Tx) -> list[object]:
        """What the report's page, the list of letters and the year are made of, for both."""
        ids = [each.send_id for each in self.sends]
        return [
            *(reporting.report(tx, each, at=NOW) for each in ids),
            *(reporting.compare(tx, each, zone=ZONE) for each in ids),
            reporting.letters(tx, campaign=self.sends[0].campaign),
        ]


@settings(
    max_examples=15,
    phases=[Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(acts=ACTS)
def test_kept_figures_are_those_counted_anew_after_any_acts_in_any_order(
    store: Store, acts: list[tuple[str, int, int, int]]
) -> None:
    story = Story(store)
    for act in acts:
        story.act(*act)
        with store.read() as tx:
            kept = story.figures(tx)
            tx.execute(table(Tally).delete())  # undone at the end of this look
            assert kept == story.figures(tx)


def test_a_story_keeps_figures_and_voids_them(store: Store) -> None:
    """Else the test above would compare what is counted anew with itself."""
    story = Story(store)
    ids = [each.send_id for each in story.sends]
    for place in range(2):
        story.act("keep", place, 0, 0)
    with store.read() as tx:
        assert set(tallies.held(tx, ids)) == set(ids)
    story.act("told", 1, 2, KINDS.index(Kind.HARD_BOUNCE))
    with store.read() as tx:
        assert set(tallies.held(tx, ids)) == {ids[0]}
        assert reporting.report(tx, ids[1], at=NOW).letter.bounced == 1
        assert Outcome.BOUNCED.value in {each.outcome for each in tallies.counts(tx, ids)[ids[1]]}


def test_complaints_are_found_without_reading_every_copy(sqlite_store: Store) -> None:
    sent = Sent(sqlite_store)
    sent.add(3)
    sent.add(2, outcome=Outcome.COMPLAINED.value)
    asked: list[tuple[str, Any]] = []
    event.listen(
        sqlite_store.engine, "before_cursor_execute", lambda *about: asked.append((about[2], about[3]))
    )
    with sqlite_store.read() as tx:
        assert deliveries.complaints(tx, sent.send_id) == (2, 5)
        sql, values = next(each for each in asked if "outcome" in each[0])
        plan = tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all()
    assert "ix_delivery_accepted" in str(plan)
