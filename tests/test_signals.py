"""A process that is told to end does, at whatever moment the word comes."""

import os
import random
import signal
import threading
import time

import pytest

from mailer.signals import listening
from tests.nursery import Nursery


def test_what_came_before_anybody_waited_is_heard() -> None:
    with listening() as wait:
        for _ in range(3):
            os.kill(os.getpid(), signal.SIGTERM)
        wait()


def test_the_handlers_of_before_are_back_afterwards() -> None:
    before = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]
    with listening():
        assert [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)] != before
    assert [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)] == before


@pytest.mark.timeout(120)
def test_a_busy_process_hears_it_at_any_moment(nursery: Nursery) -> None:
    children = [nursery.start("tests.test_signals:be_told", number) for number in range(40)]
    assert [each.wait(seconds=60) for each in children] == [0] * 40


def be_told(number: int) -> None:
    """Another thread tells it about when it begins to wait; others want the processor all the time."""
    over = threading.Event()

    def tell() -> None:
        time.sleep(random.Random(number).random() * 0.02)
        os.kill(os.getpid(), signal.SIGTERM)

    def work() -> None:
        while not over.is_set():
            pass

    with listening() as wait:
        for each in (work, work, tell):
            threading.Thread(target=each, daemon=True).start()
        wait()
    over.set()
