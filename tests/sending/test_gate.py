"""The way out of a process: what was made late keeps its distance, what is in time does not wait, no clock keeps anybody."""

import threading
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.clock import FixedClock
from mailer.sending.gate import Gate
from mailer.store.pacing import LATE_SECONDS, least_gap
from tests.conftest import NOW

GAP = timedelta(seconds=0.1)


def through(gate: Gate, clock: FixedClock, *leaves: datetime) -> list[timedelta]:
    """When each passed, counted from the first hour of all."""
    passed = []
    for each in leaves:
        gate.wait(each)
        passed.append(clock.now() - NOW)
    return passed


def test_messages_in_time_wait_for_their_hour_only() -> None:
    clock = FixedClock(NOW)
    hours = [NOW + 1.5 * GAP * count for count in range(5)]
    assert through(Gate(clock, gap=GAP), clock, *hours) == [hour - NOW for hour in hours]


def test_a_slow_turn_lets_nothing_leave_at_once() -> None:
    """Five fell due while a commit took a second: they leave one gap after the other, and so does the sixth."""
    clock = FixedClock(NOW + timedelta(seconds=1))
    hours = [NOW + 1.5 * GAP * count for count in range(5)]
    passed = through(Gate(clock, gap=GAP), clock, *hours, NOW + timedelta(seconds=1))
    assert passed == [timedelta(seconds=1) + count * GAP for count in range(6)]


def test_what_is_late_catches_up() -> None:
    """The gap is a little less than the pace's interval: so lateness ends by itself."""
    rate = 14
    clock = FixedClock(NOW + timedelta(seconds=0.05))
    gate = Gate(clock, gap=least_gap(rate))
    hours = [NOW + timedelta(seconds=1.015 / rate) * count for count in range(200)]
    passed = through(gate, clock, *hours)
    assert passed[0] == timedelta(seconds=0.05)
    assert passed[-1] == hours[-1] - NOW
    assert (
        max(sum(first <= each < first + timedelta(seconds=1) for each in passed) for first in passed) <= rate
    )


@given(jump=st.floats(-86400, 86400), hour=st.floats(-86400, 86400))
def test_a_clock_that_jumps_keeps_nobody(jump: float, hour: float) -> None:
    clock = FixedClock(NOW)
    gate = Gate(clock, gap=GAP)
    gate.wait(NOW)
    clock.advance(timedelta(seconds=jump))
    before = clock.now()
    gate.wait(NOW + timedelta(seconds=hour))
    assert clock.now() - before <= GAP + timedelta(seconds=LATE_SECONDS)


@pytest.mark.parametrize("threads", [2, 16])
def test_threads_pass_one_after_the_other(threads: int) -> None:
    """All at the same moment: they leave at the hours of one queue, whichever of them came first."""
    naps, lock, together = [], threading.Lock(), threading.Barrier(threads)

    class Still(FixedClock):
        def sleep(self, seconds: float) -> None:
            with lock:
                naps.append(round(seconds, 6))
            together.wait()

    gate = Gate(Still(NOW), gap=GAP)
    gate.wait(NOW)
    workers = [threading.Thread(target=gate.wait, args=(NOW,)) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(naps) == [pytest.approx(0.1 * count) for count in range(1, threads + 1)]
