"""Settings that change while a letter leaves: another provider, or another account, knows nothing of what the one before was handed."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from mailer.model.mail import Capabilities
from mailer.sending import pause, resume
from mailer.settings import ProviderSettings
from tests.sending.scripted import DROP, HALT, LOST_REPLY, Act, Scripted, in_an_hour
from tests.sending.world import World, addresses

A = Capabilities(idempotency_ttl=timedelta(minutes=15))
B = Capabilities(can_resolve=True)
C = Capabilities()
ONE = "p1@ville.example"


def begun(world: World, caps: Capabilities, act: Act) -> tuple[int, Scripted]:
    """Of three people the second one is lost, or put off."""
    world.people(3)
    send_id, provider = world.schedule(), Scripted(caps=caps, script={ONE: [act, *[DROP] * 99]})
    world.sender(provider).run(send_id)
    return send_id, provider


def go_on(world: World, provider: Scripted) -> None:
    for _ in range(5):
        world.sender(provider).run_due()
        world.later(minutes=2)


@pytest.mark.parametrize("before", [A, B, C])
@pytest.mark.parametrize("after", [A, B])
def test_a_doubt_at_another_provider_is_neither_repeated_nor_looked_up(
    world: World, before: Capabilities, after: Capabilities
) -> None:
    send_id, old = begun(world, before, LOST_REPLY)
    new = Scripted(name="another", caps=after)
    go_on(world, new)
    assert sorted(old.addresses + new.addresses) == addresses(range(3))
    assert (world.row(send_id, ONE).state, new.asked) == ("in_doubt", [])


@pytest.mark.parametrize("caps", [A, B])
@pytest.mark.parametrize("changed", [{"url": "https://elsewhere.example"}, {"api_key": SecretStr("another")}])
def test_another_account_of_the_same_provider_is_another_provider(
    world: World, caps: Capabilities, changed: dict[str, Any]
) -> None:
    send_id, old = begun(world, caps, LOST_REPLY)
    with_provider(world, **changed)
    new = Scripted(caps=caps)
    go_on(world, new)
    assert (new.calls, world.row(send_id, ONE).state) == ([], "in_doubt")
    assert old.addresses == addresses(range(3))


def test_nor_is_it_asked_while_the_send_is_paused(world: World) -> None:
    world.people(3)
    send_id = world.schedule()
    world.sender(Scripted(caps=B, script={ONE: [DROP], addresses([2])[0]: [in_an_hour()]})).run(send_id)
    world.do(pause, send_id)
    go_on(world, new := Scripted(name="another", caps=B))
    assert (new.asked, world.row(send_id, ONE).state) == ([], "in_doubt")


def test_whoever_comes_back_to_the_former_provider_has_it_asked(world: World) -> None:
    send_id, old = begun(world, B, LOST_REPLY)
    go_on(world, Scripted(name="another", caps=B))
    go_on(world, old)
    assert (world.row(send_id, ONE).state, old.addresses) == ("accepted", addresses(range(3)))


@pytest.mark.parametrize("changed", ["base_url", "domain"])
@pytest.mark.parametrize("act", [in_an_hour(), HALT])
def test_what_was_certainly_not_taken_leaves_with_the_bytes_of_today(
    world: World, act: Act, changed: str
) -> None:
    send_id, provider = begun(world, C, act)
    provider.script.clear()
    if changed == "base_url":
        world.changes["base_url"] = "https://elsewhere.example"
    else:
        with_provider(world, domain="elsewhere.example")
    resumed(world, send_id)
    world.later(hours=2)
    world.sender(provider).run_due()
    assert provider.addresses == addresses(range(3))
    assert world.states(send_id) == {"accepted": 3}


def test_so_does_what_a_look_up_found_absent(world: World) -> None:
    send_id, provider = begun(world, B, DROP)
    provider.script.clear()
    with_provider(world, domain="elsewhere.example")
    world.later(minutes=6)
    go_on(world, provider)
    assert (world.row(send_id, ONE).state, provider.addresses) == ("accepted", addresses(range(3)))


def with_provider(world: World, **changed: Any) -> None:
    world.changes["provider"] = ProviderSettings(rate="1000/s", threads=4, **changed)


def resumed(world: World, send_id: int) -> None:
    if world.send(send_id).state == "paused":
        world.do(resume, send_id)
