"""Mails outside of every ledger keep the pace of the letters that are leaving."""

from itertools import pairwise
from uuid import uuid4

import pytest

from mailer.app.paced import Paced
from mailer.clock import FixedClock
from mailer.settings import ProviderSettings
from mailer.store import Store, pacing
from tests.conftest import NOW
from tests.providers.contract import some_messages
from tests.sending.scripted import Scripted


def paced(store: Store, clock: FixedClock, rate: str) -> tuple[Paced, list[float]]:
    left: list[float] = []
    provider = Scripted(on_send=lambda _: left.append((clock.now() - NOW).total_seconds()))
    return Paced(provider, store=store, settings=ProviderSettings(rate=rate), clock=clock), left


def test_each_mail_takes_a_turn(store: Store, clock: FixedClock) -> None:
    provider, left = paced(store, clock, "10/s")
    for _ in range(5):
        provider.send(some_messages(1), attempt_key=uuid4())
    steps = [later - earlier for earlier, later in pairwise(left)]
    assert all(0.04 <= step <= 0.18 for step in steps)
    assert left[-1] - left[0] >= 3 / 10


def test_a_letter_that_is_leaving_gives_a_turn_up(store: Store, clock: FixedClock) -> None:
    """With its permits of this moment taken, the mail has the next one, and the letter waits for the one after it."""
    provider, left = paced(store, clock, "10/s")
    now = NOW.timestamp()
    with store.write() as tx:
        pacing.take(tx, provider="scripted", per_second=10, now=now, wanted=1000)
        _, before = pacing.take(tx, provider="scripted", per_second=10, now=now, wanted=1000)
    provider.send(some_messages(1), attempt_key=uuid4())
    assert left == pytest.approx([before + pacing.LATE_SECONDS], abs=1e-3)
    with store.write() as tx:
        delays, after = pacing.take(tx, provider="scripted", per_second=10, now=now + before, wanted=1000)
    assert delays == []
    assert after > 0


def test_nobody_waits_for_a_very_slow_pace(store: Store, clock: FixedClock) -> None:
    provider, left = paced(store, clock, "10/h")
    for _ in range(3):
        provider.send(some_messages(1), attempt_key=uuid4())
    assert left[-1] <= 10
