"""Whole runs on a scripted provider: its journal is the truth, our ledger the suspect."""

from collections import Counter

from tests.sending.scripted import Scripted
from tests.sending.world import World, addresses


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
