"""One send that fails, in whatever way, keeps no other from leaving."""

from collections.abc import Sequence
from dataclasses import dataclass

from mailer.model.mail import Capabilities, Pending, Resolution
from tests.sending.scripted import DROP, Scripted
from tests.sending.world import World, campaign


@dataclass
class Broken(Scripted):
    """Its look-ups do what no contract foresees."""

    def resolve(self, asked: Sequence[Pending]) -> list[Resolution]:
        raise ValueError(f"{len(asked)} asked")


def test_a_look_up_that_breaks_starves_nobody(world: World) -> None:
    world.people(2)
    waiting = world.schedule()
    provider = Broken(caps=Capabilities(can_resolve=True), script={"p0@ville.example": [DROP]})
    world.sender(provider).run(waiting)
    world.later(hours=2)
    later = world.schedule(campaign=campaign(slug="autre"), slug="2026-07")
    world.sender(provider).run_due()
    assert world.states(later) == {"accepted": 2}
    assert world.states(waiting) == {"accepted": 1, "in_doubt": 1}
