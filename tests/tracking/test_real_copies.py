"""The tokens of copies that the sender really made: counted while it sends, untied from people once it is done."""

import re
from pathlib import Path

import pytest
from sqlalchemy import select

from mailer.clock import FixedClock
from mailer.model.columns import table
from mailer.model.events import OpenCount
from mailer.model.workspace import Tracking
from mailer.rendering.slots import SlotKind, mark
from mailer.store import Store
from mailer.tokens import Signer
from mailer.tracking import Hits
from tests.sending.scripted import Scripted
from tests.sending.world import World, campaign
from tests.tracking.agents import FIREFOX

PIXEL = re.compile(r"/o/([\w.-]+)\.gif")
CLICK = re.compile(r"/c/([\w.-]+)")
HTML = f'<p>Bonjour</p><a href="{mark(SlotKind.LINK, "0")}">Agenda</a>{mark(SlotKind.PIXEL)}'
TARGET = "https://reseau.example/agenda"


@pytest.fixture
def world(store: Store, clock: FixedClock, signer: Signer, tmp_path: Path) -> World:
    found = World(store, clock, signer, tmp_path)
    for number, answer in enumerate(("granted", "unknown", "denied")):
        found.people(1, tracking=answer, start=number)
    return found


def sent(world: World, mode: Tracking) -> tuple[int, dict[str, str]]:
    """The send, and the HTML that each address got."""
    send_id, provider = (
        world.schedule(campaign=campaign(tracking=mode), html=HTML, links=(TARGET,)),
        Scripted(),
    )
    world.sender(provider).run(send_id)
    return send_id, {message.envelope.to.address: message.content.html for message in provider.journal}


@pytest.mark.parametrize(("mode", "measured"), [("none", 0), ("consented", 1), ("anonymous", 2)])
def test_the_mode_decides_who_gets_a_pixel(world: World, mode: str, measured: int) -> None:
    _, copies = sent(world, Tracking(mode))
    assert [bool(PIXEL.search(html)) for _, html in sorted(copies.items())] == [
        number < measured for number in range(3)
    ]


@pytest.mark.parametrize("mode", ["consented", "anonymous"])
def test_what_a_real_pixel_says_is_counted(world: World, mode: str) -> None:
    _, copies = sent(world, Tracking(mode))
    hits = Hits(world.store, world.signer, world.clock)
    tokens = [found[1] for html in copies.values() if (found := PIXEL.search(html))]
    for token in tokens * 2:
        assert hits.open(token, user_agent=FIREFOX)
    hits.flush()
    with world.store.read() as tx:
        assert sum(row.low for row in tx.execute(select(table(OpenCount)))) == len(tokens)


def test_a_real_link_leads_to_its_target(world: World) -> None:
    _, copies = sent(world, Tracking.CONSENTED)
    found = CLICK.search(copies["p0@ville.example"])
    assert found
    assert Hits(world.store, world.signer, world.clock).click(found[1], user_agent=FIREFOX) == TARGET
    assert TARGET in copies["p1@ville.example"]


def test_when_the_send_is_done_its_secret_is_gone(world: World) -> None:
    send_id, _ = sent(world, Tracking.ANONYMOUS)
    assert (world.send(send_id).state, world.secret(send_id)) == ("done", b"")
