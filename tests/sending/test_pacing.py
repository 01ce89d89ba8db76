"""The shared pace: never above the rate by more than two in a hundred, and hardly below when asked continuously."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.sending.sender import threads_for
from mailer.store import Store, pacing
from tests.sending.world import World

START = 1_781_000_000.0


def taken(store: Store, *, per_second: float, step: float, seconds: float, callers: int = 1) -> list[float]:
    """The instants at which messages leave, of callers who ask for as many as they can get, one after the other."""
    given_at: list[float] = []
    with store.write() as tx:
        for tick in range(int(seconds / step)):
            now = START + tick * step
            for _ in range(callers):
                delays, _ = pacing.take(tx, provider="p", per_second=per_second, now=now, wanted=1000)
                given_at += [now + delay for delay in delays]
    return given_at


def busiest(instants: list[float]) -> int:
    return max((sum(first <= each < first + 1 for each in instants) for first in instants), default=0)


@pytest.mark.parametrize(("rate", "step"), [(14, 0.05), (50, 0.027), (99, 0.017), (100, 0.029), (500, 0.05)])
def test_no_second_exceeds_the_rate_by_more_than_two_in_a_hundred(
    world: World, rate: int, step: float
) -> None:
    """Whatever the callers' steps have to do with the interval; those who come often lose less than two in a hundred."""
    instants = taken(world.store, per_second=rate, step=step, seconds=4)
    assert busiest(instants) <= rate * 1.02
    assert len(instants) >= rate * 4 * 0.98


def test_two_callers_share_one_pace(world: World) -> None:
    instants = taken(world.store, per_second=50, step=0.013, seconds=3, callers=2)
    assert busiest(instants) <= 50 * 1.02


def test_silence_is_not_saved_up_for_a_burst(world: World) -> None:
    with world.store.write() as tx:
        pacing.take(tx, provider="p", per_second=10, now=START, wanted=1)
        delays, _ = pacing.take(tx, provider="p", per_second=10, now=START + 3600, wanted=1000)
    assert len(delays) == 1


def test_a_clock_set_back_silences_nobody(world: World) -> None:
    with world.store.write() as tx:
        pacing.take(tx, provider="p", per_second=10, now=START, wanted=1000)
        _, wait = pacing.take(tx, provider="p", per_second=10, now=START - 86400, wanted=1)
        assert wait <= 0.1015 + pacing.REACH_SECONDS + 0.001
        now = START - 86400 + wait
        delays, _ = pacing.take(tx, provider="p", per_second=10, now=now, wanted=1)
    assert len(delays) == 1


def test_turns_that_are_reserved_at_one_instant_are_different(world: World) -> None:
    """And stay taken where a letter asks for permits meanwhile."""
    waits: list[float] = []
    with world.store.write() as tx:
        for _ in range(20):
            waits.append(pacing.reserve(tx, provider="p", per_second=10, now=START))
            assert pacing.take(tx, provider="p", per_second=10, now=START, wanted=5)[0] == []
    assert all(later - earlier > 0.1 for earlier, later in pairwise(waits))


def test_each_provider_has_its_own_pace(world: World) -> None:
    with world.store.write() as tx:
        for name in ("p", "q"):
            assert len(pacing.take(tx, provider=name, per_second=1, now=START, wanted=5)[0]) == 1


@given(rate=st.floats(0.02, 500), tat=st.floats(-7200, 7200), now=st.floats(0, 1))
def test_nobody_waits_longer_than_one_interval_and_the_reach(rate: float, tat: float, now: float) -> None:
    """The same arithmetic without a database, wherever the stored time stands."""
    delays, wait, _ = pacing.permits(tat=START + tat, now=START + now, per_second=rate, wanted=3)
    assert len(delays) <= 3
    assert all(0 <= delay <= pacing.LATE_SECONDS + 1e-6 for delay in delays)
    assert wait <= 1.015 / rate + pacing.REACH_SECONDS + 1e-6


@pytest.mark.parametrize(("rate", "threads"), [(0.1, 8), (14, 8), (100, 31), (5_000, 64)])
def test_as_many_requests_in_flight_as_the_rate_needs(rate: float, threads: int) -> None:
    assert threads_for(rate) == threads
