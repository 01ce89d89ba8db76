"""The whole sender with a real SMTP dialogue that breaks: before the final dot everybody gets it once, after it nobody
gets it twice without a person's decision."""

import random
from collections import Counter
from collections.abc import Iterator

import pytest

from mailer.providers.smtp import Smtp
from mailer.providers.smtp_client import Account
from mailer.sending import resume, send_again
from tests.providers.smtp_scripted import Fault, ScriptedSmtp, drop, say, scripted_smtp
from tests.sending.world import World, addresses

PEOPLE = 12


@pytest.fixture
def server() -> Iterator[ScriptedSmtp]:
    with scripted_smtp() as running:
        yield running


def provider(server: ScriptedSmtp, world: World) -> Smtp:
    return Smtp(
        Account("127.0.0.1", server.port, None, username="relais", password="secret"), clock=world.clock
    )


def times_taken(server: ScriptedSmtp) -> Counter[str]:
    """Recipient -> how often the server took a mail for them."""
    return Counter(server.recipients)


@pytest.mark.parametrize("phase", ["connect", "EHLO", "AUTH", "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(
    "fault", [drop, say(b"2"), "451 4.3.0 not now"], ids=["drop", "half-a-reply", "a-4xx"]
)
def test_what_breaks_before_the_final_dot_is_repeated_and_arrives_once(
    sqlite_world: World, server: ScriptedSmtp, phase: str, fault: Fault
) -> None:
    sqlite_world.people(PEOPLE)
    send_id = sqlite_world.schedule()
    server.faults[phase] = [fault] * 3
    summary = sqlite_world.sender(provider(server, sqlite_world)).run(send_id)
    for _ in range(10):
        if summary.counts == {"accepted": PEOPLE}:
            break
        sqlite_world.later(minutes=20)
        summary = sqlite_world.sender(provider(server, sqlite_world)).run(send_id)
    assert summary.counts == {"accepted": PEOPLE}
    assert times_taken(server) == Counter(addresses(range(PEOPLE)))


@pytest.mark.parametrize("fault", [drop, say(b"250 2.0.0 O"), say(b"what?\r\n")])
def test_what_breaks_after_the_final_dot_stays_in_doubt(
    world: World, server: ScriptedSmtp, fault: Fault
) -> None:
    world.people(PEOPLE)
    send_id = world.schedule()
    server.faults["dot"] = [fault, fault]
    world.sender(provider(server, world)).run(send_id)
    for _ in range(5):
        world.later(hours=3)
        world.sender(provider(server, world)).run_due()
    assert world.states(send_id) == {"accepted": PEOPLE - 2, "in_doubt": 2}
    assert times_taken(server) == Counter(addresses(range(PEOPLE)))


def test_a_person_decides_and_only_the_doubtful_get_it_again(world: World, server: ScriptedSmtp) -> None:
    world.people(PEOPLE)
    send_id = world.schedule()
    server.faults["dot"] = [drop]
    world.sender(provider(server, world)).run(send_id)
    [doubtful] = [row.address for row in world.rows(send_id) if row.state == "in_doubt"]
    world.do(send_again, send_id)
    summary = world.sender(provider(server, world)).run(send_id)
    assert summary.counts == {"accepted": PEOPLE}
    assert times_taken(server) == Counter([*addresses(range(PEOPLE)), doubtful])
    assert len(set(server.taken)) == PEOPLE


def test_a_halt_pauses_the_send_and_after_it_everybody_gets_it_once(
    world: World, server: ScriptedSmtp
) -> None:
    world.people(PEOPLE)
    send_id = world.schedule()
    server.faults["AUTH"] = ["535 5.7.8 wrong password"] * 20
    summary = world.sender(provider(server, world)).run(send_id)
    assert (summary.state, summary.counts) == ("paused", {"planned": PEOPLE})
    server.faults["AUTH"] = []
    world.do(resume, send_id)
    assert world.sender(provider(server, world)).run(send_id).counts == {"accepted": PEOPLE}
    assert times_taken(server) == Counter(addresses(range(PEOPLE)))


STORM: list[Fault] = [
    drop,
    say(b"2"),
    say(b"nonsense\r\n"),
    "421 4.3.2 later",
    "451 4.3.0 not now",
    "450 4.7.1 slower",
    "550 5.1.1 nobody",
    "550 who knows",
    "554 5.7.1 policy",
    "535 no",
]


@pytest.mark.parametrize("seed", range(2))
def test_a_storm_doubles_nobody_and_forgets_nobody(
    sqlite_world: World, server: ScriptedSmtp, seed: int
) -> None:
    """Faults of every kind in every phase, halts resumed."""
    dice = random.Random(seed)
    sqlite_world.people(15)
    send_id = sqlite_world.schedule()
    for phase in ("connect", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "dot", "RSET"):
        normal = {"EHLO": server.greeting, "AUTH": "235 ok", "DATA": "354 go", "connect": "220 hello"}
        calm = normal.get(phase, "250 ok")
        server.faults[phase] = [dice.choice([*STORM, *[calm] * 10]) for _ in range(10)]
    smtp = provider(server, sqlite_world)
    for _ in range(150):
        if sqlite_world.sender(smtp).run(send_id).state == "paused":
            sqlite_world.do(resume, send_id)
        if not sqlite_world.states(send_id).get("planned"):
            break
        sqlite_world.later(minutes=10)
    taken = times_taken(server)
    rows = sqlite_world.rows(send_id)
    assert {row.state for row in rows} <= {"accepted", "refused", "in_doubt"}
    assert {row.address: taken[row.address] for row in rows if row.state == "accepted"} == {
        row.address: 1 for row in rows if row.state == "accepted"
    }
    assert all(taken[row.address] == 0 for row in rows if row.state == "refused")
    assert all(taken[row.address] <= 1 for row in rows if row.state == "in_doubt")
    assert len(taken) == len(server.taken)
