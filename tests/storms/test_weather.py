"""Storms of one fault: every second call goes wrong in the same way, until the weather clears. The journal is the truth."""

import contextlib
import itertools
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from mailer.model.mail import Capabilities
from mailer.sending import resume
from tests.providers.brevo_fake import BrevoApi
from tests.providers.hosted_fake import FAULTS, Fault, Host
from tests.providers.mailjet_fake import MailjetApi
from tests.providers.scripted import drip
from tests.providers.sweego_fake import SweegoApi
from tests.sending.scripted import Scripted
from tests.sending.world import World, addresses
from tests.storms.clocks import JumpingClock
from tests.storms.providers import KEYS, Weather, connect

PEOPLE = 24
FAULTS.setdefault("byte_by_byte", Fault(True, lambda *_: drip(every=1.0, head=True)))
STORMS = (
    "too_many",
    "commit_then_500",
    "commit_then_reset",
    "truncated_200",
    "byte_by_byte",
    "reset_before_commit",
)


@contextlib.contextmanager
def host(kind: str, clock: Any, fault: str) -> Iterator[tuple[Host, Weather]]:
    api: Any = {
        "brevo": lambda: BrevoApi(KEYS, clock),
        "mailjet": lambda: MailjetApi(KEYS),
        "sweego": lambda: SweegoApi(KEYS),
    }[kind]()
    weather = Weather(random.Random(7314), (fault,), "", share=0.5)
    with Host(api, faults=weather) as running:
        yield running, weather


@pytest.mark.parametrize("fault", STORMS)
@pytest.mark.parametrize(("kind", "minutes"), [("brevo", 1), ("mailjet", 6), ("sweego", 16)])
def test_half_of_all_calls_fail_and_everybody_gets_one(
    sqlite_world: World, kind: str, minutes: int, fault: str
) -> None:
    world = sqlite_world
    world.changes["provider"] = {"rate": "1000/s", "threads": 8}
    world.people(PEOPLE)
    send_id = world.schedule()
    with host(kind, world.clock, fault) as (running, weather):
        provider = connect(kind, running.url, world.clock)
        for tick in itertools.count():
            if tick == 2:
                weather.share = 0.0
            world.sender(provider).run(send_id)
            reached = Counter(each["address"] for each in running.api.journal)
            accepted = {row.address for row in world.rows(send_id) if row.state == "accepted"}
            assert accepted <= set(reached)
            assert set(reached.values()) <= {1}
            if world.send(send_id).state == "done":
                break
            assert tick < 20, world.states(send_id)
            world.later(minutes=minutes)
        assert sorted(reached) == sorted(accepted) == addresses(range(PEOPLE))


@pytest.mark.parametrize("kind", ["brevo", "mailjet", "sweego"])
@pytest.mark.parametrize("seed", range(2))
def test_a_clock_that_jumps_by_hours_and_days_doubles_and_forgets_nobody(
    sqlite_world: World, kind: str, seed: int
) -> None:
    """Somebody for whom it is too late to ask or to repeat is in doubt, or refused after a day, and never counted as
    reached who was not."""
    print(f"clock jumps with {kind}, seed {seed}")
    world = sqlite_world
    world.changes["provider"] = {"rate": "1000/s", "threads": 4}
    world.people(PEOPLE)
    send_id = world.schedule()
    jumping = JumpingClock(world.now, random.Random(seed), one_in=4)
    # The provider's own clock is right, and hardly any time passes.
    with host(kind, world.clock, "commit_then_reset") as (running, weather):
        weather.share = 0.2
        provider = connect(kind, running.url, jumping)
        for tick in range(40):
            if tick == 10:
                jumping.calm()
                weather.share = 0.0
            state = world.sender(provider, clock=jumping).run(send_id, start_now=True).state
            if tick > 10 and state == "done":
                break
            if state == "paused":
                world.do(resume, send_id)
            jumping.sleep(16 * 60)
        reached = Counter(each["address"] for each in running.api.journal)
    rows = world.rows(send_id)
    assert jumping.jumps > 5
    assert len(rows) == PEOPLE == world.send(send_id).planned
    assert set(reached.values()) <= {1}
    assert {row.address for row in rows if row.state == "accepted"} <= set(reached)
    assert {row.state for row in rows} <= {"accepted", "in_doubt", "refused"}
    assert not {row.address for row in rows if row.state == "refused"} & set(reached)


def test_a_clock_that_jumps_leaves_nobody_behind_where_the_provider_can_be_asked(world: World) -> None:
    world.changes["provider"] = {"rate": "1000/s", "threads": 4}
    world.people(PEOPLE)
    send_id = world.schedule()
    jumping = JumpingClock(world.now, random.Random(7314), one_in=10)
    provider = Scripted(caps=Capabilities(can_resolve=True))
    for tick in range(40):
        if tick == 20:
            jumping.calm()
            jumping.sleep(3 * 86_400)
        state = world.sender(provider, clock=jumping).run(send_id, start_now=True).state
        if tick > 20 and state == "done":
            break
        jumping.sleep(600)
    assert provider.addresses == addresses(range(PEOPLE))
    assert world.states(send_id) == {"accepted": PEOPLE}
