"""Whole runs on a scripted provider: its journal is the truth, our ledger the suspect."""

import threading
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from mailer.clock import SystemClock
from mailer.model.mail import Message, SendResult
from mailer.sending import Progress, Sender, pause, resume
from mailer.settings import ProviderSettings
from tests.conftest import NOW
from tests.sending.scripted import Scripted
from tests.sending.world import World, addresses, campaign, contact


def test_everybody_gets_it_once_and_the_statement_adds_up(world: World) -> None:
    world.people(30)
    send_id, provider = world.schedule(), Scripted()
    summary = world.sender(provider).run(send_id)
    assert provider.addresses == addresses(range(30))
    assert (summary.state, summary.planned, summary.counts) == ("done", 30, {"accepted": 30})
    assert world.send(send_id).state == "done"


def test_a_second_run_hands_nothing_over(world: World) -> None:
    world.people(5)
    send_id, provider = world.schedule(), Scripted()
    for _ in range(3):
        world.sender(provider).run(send_id)
    assert Counter(provider.addresses) == Counter(addresses(range(5)))


def test_two_senders_at_once_harm_nothing(world: World) -> None:
    world.people(150)
    send_id, provider = world.schedule(), Scripted()
    failures: list[BaseException] = []

    def run() -> None:
        try:
            world.sender(provider, clock=SystemClock()).run(send_id, start_now=True)
        except BaseException as failure:  # noqa: BLE001  # a thread's failure belongs to the test
            failures.append(failure)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert Counter(provider.addresses) == Counter(addresses(range(150)))
    assert world.states(send_id) == {"accepted": 150}


def test_nothing_starts_after_an_exclusion_was_committed(world: World) -> None:
    """I5: whoever is not in flight yet when the exclusion is committed does not get it."""
    world.people(30)
    send_id, provider = world.schedule(), Scripted()
    last = "p29@ville.example"

    def first_message_excludes_the_last(message: Message) -> None:
        if message.envelope.to.address == "p0@ville.example":
            world.exclude(last, reason="complaint")

    provider.on_send = first_message_excludes_the_last
    world.sender(provider).run(send_id)
    assert last not in [message.envelope.to.address for message in provider.calls]
    assert (world.row(send_id, last).state, world.row(send_id, last).reason) == ("excluded", "complaint")
    assert world.states(send_id) == {"accepted": 29, "excluded": 1}


def test_a_pause_stops_within_the_messages_in_flight(world: World) -> None:
    world.people(60)
    send_id, provider = world.schedule(), Scripted()
    seen: list[int] = []

    def officer_pauses(message: Message) -> None:
        if message.envelope.to.address == "p9@ville.example":
            world.do(pause, send_id)
            seen.append(len(provider.calls))

    provider.on_send = officer_pauses
    assert world.sender(provider).run(send_id).state == "paused"
    # Four threads: at the most four were in flight with it, and four more intents were committed just before.
    assert len(provider.calls) <= seen[0] + 8
    assert world.states(send_id) == {"accepted": len(provider.journal), "planned": 60 - len(provider.journal)}


def test_a_slow_pace_spends_no_permit_on_claims_that_lapsed(world: World) -> None:
    """A hundred an hour, leases of a minute: every claim would lapse in a stock of two hundred."""
    world.changes["provider"] = ProviderSettings(rate="100/h", threads=4)
    world.people(10)
    send_id, provider = world.schedule(), Scripted()
    world.sender(provider).run(send_id)
    assert world.states(send_id) == {"accepted": 10}
    assert world.now - NOW < timedelta(minutes=7)


def test_a_copy_that_cannot_be_made_keeps_nobody_else_from_theirs(world: World) -> None:
    world.people(5)
    with world.store.write() as tx:
        broken = contact.update().where(contact.c.address == "p2@ville.example")
        tx.execute(broken.values(first_name="x" * 5000))
    send_id, provider = world.schedule(), Scripted()
    world.sender(provider).run(send_id)
    others = [address for address in addresses(range(5)) if address != "p2@ville.example"]
    assert set(others) <= set(provider.addresses)
    assert sum(world.states(send_id).values()) == 5
    assert world.send(send_id).state == "done"


def test_an_interrupted_run_writes_down_what_was_in_flight(world: World) -> None:
    """Ctrl-C, or a broken pipe while telling: what was answered is no doubt."""
    world.people(20)
    send_id, provider = world.schedule(), Scripted()

    def told(progress: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        world.sender(provider).run(send_id, progress=told)
    assert world.states(send_id).get("accepted", 0) == len(provider.journal)
    assert set(world.states(send_id)) <= {"accepted", "planned"}
    world.sender(provider).run(send_id)
    assert Counter(provider.addresses) == Counter(addresses(range(20)))


def test_a_stop_lets_what_is_in_flight_conclude(world: World) -> None:
    world.people(40)
    send_id, provider, stopping = world.schedule(), Scripted(), threading.Event()
    provider.on_send = lambda message: stopping.set()
    world.sender(provider, stopping=stopping).run(send_id)
    states = world.states(send_id)
    assert states["accepted"] == len(provider.journal) < 40
    assert states["planned"] == 40 - states["accepted"]


def test_each_campaign_is_a_list_of_its_own(world: World) -> None:
    """Invitations follow the subscription to the letter, but mail programs sort them apart (rules M16)."""
    world.people(1)
    world.schedule()
    provider = Scripted()
    world.sender(provider).run_due()
    assert [message.headers["List-Id"].partition(".")[0][-7:] for message in provider.calls] == ["<lettre"]


def test_an_issue_is_dated_by_its_departure_at_every_attempt(world: World) -> None:
    """Frozen on Monday for Thursday, it is not three days old on arrival."""
    world.people(1)
    world.schedule(send_at=NOW + timedelta(days=3))
    world.later(days=3)
    provider = Scripted(script={"p0@ville.example": ["retry"]})
    world.sender(provider).run_due()
    assert {message.envelope.date for message in provider.calls} == {NOW + timedelta(days=3)}
    assert len(provider.calls) == 2


def test_a_mistake_of_ours_stops_one_letter_and_a_person_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.people(3)
    send_id = world.schedule()
    other = world.schedule(campaign=campaign(slug="autre", one_per_day=False), slug="x")
    sender, real = world.sender(provider := Scripted()), Sender._hand_over

    def stumble(self: Sender, which: int, progress: Any) -> None:
        if which == send_id:
            raise ZeroDivisionError
        real(self, which, progress)

    with monkeypatch.context() as patched:
        patched.setattr(Sender, "_hand_over", stumble)
        for state in ("sending", "sending", "paused"):
            sender.run_due()
            assert world.send(send_id).state == state
    assert (world.send(send_id).pause_reason, world.send(other).state) == ("mistake", "done")
    world.do(resume, send_id)
    sender.run_due()
    assert (world.send(send_id).state, len(provider.addresses)) == ("done", 6)


def test_whoever_waits_for_a_slow_provider_claims_more_meanwhile(world: World) -> None:
    """None of them is answered before all of them are on their way, and they are more than are claimed at once."""
    together = threading.Barrier(40)

    class Slow(Scripted):
        def send(self, batch: Sequence[Message], *, attempt_key: UUID) -> list[SendResult]:
            together.wait(30)
            return super().send(batch, attempt_key=attempt_key)

    world.people(40)
    world.changes["provider"] = ProviderSettings(rate="2000/s", threads=40)
    send_id = world.schedule()
    assert world.sender(Slow()).run(send_id).counts == {"accepted": 40}
