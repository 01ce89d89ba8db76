"""Whoever refuses the measure gets no pixel, also where the ledger was written before they said so."""

import pytest

from mailer.model.people import TrackingConsent
from mailer.rendering.slots import SlotKind, mark
from mailer.sending import resume
from mailer.store import consents, fates
from tests.sending.scripted import Scripted, in_an_hour
from tests.sending.world import Tracking, World, addresses, campaign

HTML = f'<html><body><p><a href="https://ville.example/">Lire</a></p>{mark(SlotKind.PIXEL)}</body></html>'
ONE = "p7@ville.example"
REFUSALS = [
    (Tracking.ANONYMOUS, TrackingConsent.DENIED),
    (Tracking.CONSENTED, TrackingConsent.DENIED),
    (Tracking.CONSENTED, TrackingConsent.UNKNOWN),
]
refusals = pytest.mark.parametrize(("tracking", "answer"), REFUSALS)


def begun(world: World, tracking: Tracking) -> int:
    """Five of twenty have it; the others wait for a person, who looks at the first ones."""
    world.people(20, tracking="granted")
    send_id = world.schedule(campaign=campaign(tracking=tracking, staged=5), html=HTML)
    world.sender(Scripted()).run(send_id)
    assert world.send(send_id).state == "paused"
    assert (world.row(send_id, ONE).state, world.row(send_id, ONE).measured) == ("planned", True)
    return send_id


def answers(world: World, send_id: int, answer: TrackingConsent) -> None:
    own = world.row(send_id, ONE).contact_id
    with world.store.write() as tx:
        consents.record(tx, own, state=answer, at=world.now, source="test", wording="v")


def pixels(provider: Scripted) -> dict[str, bool]:
    """Address -> whether the copy that was handed over last has one."""
    return {each.envelope.to.address: "/o/" in each.content.html for each in provider.calls}


@refusals
def test_a_refusal_during_a_rest_takes_the_pixel_off(
    world: World, tracking: Tracking, answer: TrackingConsent
) -> None:
    send_id = begun(world, tracking)
    answers(world, send_id, answer)
    world.do(resume, send_id)
    world.sender(provider := Scripted()).run(send_id)
    found = pixels(provider)
    assert (found.pop(ONE), set(found.values()), len(found)) == (False, {True}, 14)
    row = world.row(send_id, ONE)
    assert (row.state, row.measured, row.tracked) == ("accepted", False, False)


def test_no_answer_is_no_refusal_where_the_measure_is_anonymous(world: World) -> None:
    send_id = begun(world, Tracking.ANONYMOUS)
    answers(world, send_id, TrackingConsent.UNKNOWN)
    world.do(resume, send_id)
    world.sender(provider := Scripted()).run(send_id)
    assert pixels(provider)[ONE]


@refusals
def test_a_refusal_between_the_claim_and_the_intent_takes_it_off_too(
    world: World, tracking: Tracking, answer: TrackingConsent
) -> None:
    """The copy is made and waits for its turn on the wire: its intent is refused, and it is made anew."""
    world.changes["provider"] = {"rate": "1000/s", "threads": 1}
    world.people(20, tracking="granted")
    send_id = world.schedule(campaign=campaign(tracking=tracking), html=HTML)
    states: list[tuple[str, bool]] = []

    def refuse(_message: object) -> None:
        if not states:
            states.append((world.row(send_id, ONE).state, world.row(send_id, ONE).measured))
            answers(world, send_id, answer)

    world.sender(provider := Scripted(on_send=refuse)).run(send_id)
    found = pixels(provider)
    assert states == [("claimed", True)]
    assert (found.pop(ONE), set(found.values())) == (False, {True})
    assert provider.addresses == addresses(range(20))


@refusals
def test_a_copy_that_was_tried_before_repeats_its_bytes(
    world: World, tracking: Tracking, answer: TrackingConsent
) -> None:
    world.people(20, tracking="granted")
    send_id = world.schedule(campaign=campaign(tracking=tracking), html=HTML)
    world.sender(provider := Scripted(script={ONE: [in_an_hour()]})).run(send_id)
    answers(world, send_id, answer)
    world.later(minutes=61)
    world.sender(provider).run(send_id)
    row = world.row(send_id, ONE)
    assert (row.state, row.attempts, len(provider.bytes_by_key[row.key])) == ("accepted", 2, 1)


@refusals
def test_measured_and_other_copies_add_up(world: World, tracking: Tracking, answer: TrackingConsent) -> None:
    send_id = begun(world, tracking)
    answers(world, send_id, answer)
    world.do(resume, send_id)
    world.sender(Scripted()).run(send_id)
    with world.store.read() as tx:
        counted = fates.count(tx, [send_id])[send_id]
    assert {each.measured: each.count for each in counted} == {True: 19, False: 1}
