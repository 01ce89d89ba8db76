"""Whatever befalls people, settings and sends while letters leave: nobody gets one twice, and nobody is guessed."""

import random

import pytest

from mailer.model.ledger import DeliveryState
from tests.sending.world import World
from tests.storms.lives import Life

_SAID = {DeliveryState.ACCEPTED.value, DeliveryState.IN_DOUBT.value}


def lived(world: World, seed: int) -> None:
    life = Life(world, random.Random(seed))
    life.live(50)
    life.end()
    print(f"seed {seed}: {len(life.sends)} sends, {life.received.total()} mails")
    assert [each for each, copies in life.received.items() if copies > 1] == []
    taken = life.taken
    for send_id in life.sends:
        rows = world.rows(send_id)
        assert len(rows) == world.send(send_id).planned
        assert [row for row in rows if row.state == DeliveryState.ACCEPTED and row.key not in taken] == []
        assert [row for row in rows if row.state not in _SAID and row.key in taken] == []
        assert [row for row in rows if row.state == DeliveryState.EXCLUDED and not row.reason] == []


def test_a_life_doubles_nobody_and_guesses_nobody(sqlite_world: World) -> None:
    lived(sqlite_world, 0)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(7))
def test_seven_lives_on_either_database(world: World, seed: int) -> None:
    lived(world, seed)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 300))
def test_two_hundred_lives(sqlite_world: World, seed: int) -> None:
    lived(sqlite_world, seed)
