"""Lost answers of the real adapters through the real sender and ledger: the provider's journal is the truth.

Real HTTP on the loopback, faults between "taken" and "told". In every test nobody has two copies and nobody is
reported as reached who was not.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from mailer import tracking
from mailer.model.mail import RawRequest
from mailer.providers import Provider
from mailer.providers.brevo import Brevo
from mailer.providers.http import Limits
from mailer.providers.mailjet import Mailjet
from mailer.providers.sweego import Sweego
from mailer.sending import resume
from mailer.store import exclusions
from tests.providers.brevo_fake import BrevoApi
from tests.providers.hooks import bearer
from tests.providers.hosted_fake import NEITHER, TAKEN_AND_LOST, Host
from tests.providers.mailjet_fake import MailjetApi
from tests.providers.sweego_fake import SweegoApi
from tests.sending.world import World, addresses

QUICK = Limits(connect=1.0, read=0.5, total=1.0)
KEYS = "key:secret"


@dataclass
class Trial:
    world: World
    host: Host
    provider: Provider
    send_id: int

    def run(self) -> None:
        self.world.sender(self.provider).run(self.send_id)

    def tick(self, **later: float) -> None:
        self.world.later(**later)
        self.world.sender(self.provider).run_due()

    @property
    def reached(self) -> list[str]:
        """Who got it, sorted; twice who got it twice."""
        return sorted(each["address"] for each in self.host.api.journal)

    @property
    def accepted(self) -> list[str]:
        return sorted(row.address for row in self.world.rows(self.send_id) if row.state == "accepted")


def mailjet(world: World) -> tuple[Any, Callable[[str], Provider]]:
    return MailjetApi(KEYS), lambda url: Mailjet(KEYS, url=url, limits=QUICK, clock=world.clock)


def brevo(world: World) -> tuple[Any, Callable[[str], Provider]]:
    return BrevoApi("key", world.clock), lambda url: Brevo("key", url=url, limits=QUICK, clock=world.clock)


def sweego(world: World) -> tuple[Any, Callable[[str], Provider]]:
    return SweegoApi("key"), lambda url: Sweego("key", url=url, limits=QUICK, clock=world.clock)


@contextmanager
def trial(world: World, make: Any, *faults: str, people: int = 3) -> Iterator[Trial]:
    api, connect = make(world)
    world.changes = {"provider": {"rate": "1000/s", "threads": 2}}
    world.people(people)
    with Host(api, faults=list(faults)) as host:
        yield Trial(world, host, connect(host.url), world.schedule())


@pytest.mark.parametrize("fault", [*TAKEN_AND_LOST, *NEITHER])
def test_brevo_repeats_the_same_bytes_under_the_same_key(sqlite_world: World, fault: str) -> None:
    with trial(sqlite_world, brevo, fault) as it:
        it.run()
        assert it.reached == it.accepted == addresses(range(3))
        assert {len(bodies) for bodies in it.host.api.bodies.values()} == {1}
        assert len(it.host.sent) == 4


def test_brevo_is_never_asked_past_the_age_of_its_key(sqlite_world: World) -> None:
    """I9. After it the journal alone knows, and the row says "in doubt"."""
    with trial(sqlite_world, brevo, *["proxy_502"] * 60, people=1) as it:
        it.run()
        for _ in range(20):
            it.tick(minutes=1)
        calls = len(it.host.sent)
        it.tick(hours=1)
        [row] = it.world.rows(it.send_id)
        last = max(each.started_at for each in it.world.attempts(row.id))
        assert (row.state, it.reached, len(it.host.sent)) == ("in_doubt", [], calls)
        assert (last - row.first_attempt_at).total_seconds() < 15 * 60


def test_a_refusal_that_used_up_the_key_loses_nobody(sqlite_world: World) -> None:
    """No credit: the send pauses. A person adds some within the key's life, and everybody gets their copy."""
    with trial(sqlite_world, brevo) as it:
        it.host.api.credits = 0
        it.run()
        assert it.world.send(it.send_id).state == "paused"
        it.host.api.credits = 100
        it.world.do(resume, it.send_id)
        it.tick(minutes=2)
        assert it.reached == it.accepted == addresses(range(3))


@pytest.mark.parametrize("fault", TAKEN_AND_LOST)
@pytest.mark.parametrize(("make", "minutes"), [(mailjet, 5), (sweego, 15)])
def test_what_was_taken_is_found_and_not_sent_again(
    sqlite_world: World, make: Any, minutes: int, fault: str
) -> None:
    with trial(sqlite_world, make, fault) as it:
        it.run()
        assert Counter(it.world.states(it.send_id)) == {"accepted": 2, "in_doubt": 1}
        it.tick(minutes=minutes - 1)
        assert not [call for call in it.host.calls if call.path != it.host.api.send_path]
        it.tick(minutes=2)
        assert it.reached == it.accepted == addresses(range(3))
        assert len(it.host.sent) == 3
        assert it.world.send(it.send_id).state == "done"


@pytest.mark.parametrize("fault", NEITHER)
@pytest.mark.parametrize(("make", "minutes"), [(mailjet, 6), (sweego, 16)])
def test_what_was_not_taken_is_missed_and_sent_once(
    sqlite_world: World, make: Any, minutes: int, fault: str
) -> None:
    with trial(sqlite_world, make, fault) as it:
        it.run()
        assert len(it.reached) == 2
        for _ in range(3):
            it.tick(minutes=minutes)
        assert it.reached == it.accepted == addresses(range(3))


def test_a_look_up_that_was_wrong_makes_no_second_copy_at_mailjet(sqlite_world: World) -> None:
    """The list lags: "absent" leads to a second hand-over, and DeduplicateCampaign stops it."""
    with trial(sqlite_world, mailjet, "commit_then_reset") as it:
        it.host.api.lagging = True
        it.run()
        for _ in range(3):
            it.tick(minutes=6)
        assert it.reached == it.accepted == addresses(range(3))
        assert len(it.host.api.duplicates) == 1


def test_a_log_without_headers_leaves_a_doubt_a_doubt(sqlite_world: World) -> None:
    """Sweego would take a second one: what cannot be told apart is never sent again."""
    with trial(sqlite_world, sweego, "commit_then_reset") as it:
        it.host.api.lists_headers = it.host.api.keeps_headers = False
        it.run()
        for _ in range(5):
            it.tick(minutes=16)
        assert it.reached == addresses(range(3))
        assert Counter(it.world.states(it.send_id)) == {"accepted": 2, "in_doubt": 1}


@pytest.mark.parametrize("make", [mailjet, brevo, sweego])
def test_a_suspended_account_pauses_the_send_and_loses_nobody(sqlite_world: World, make: Any) -> None:
    with trial(sqlite_world, make) as it:
        it.host.api.suspended = True
        it.run()
        assert (it.reached, it.world.send(it.send_id).state) == ([], "paused")
        it.host.api.suspended = False
        it.world.do(resume, it.send_id)
        it.tick(minutes=2)
        assert it.reached == it.accepted == addresses(range(3))


@pytest.mark.parametrize("make", [mailjet, brevo, sweego])
def test_too_many_requests_are_tried_again(sqlite_world: World, make: Any) -> None:
    with trial(sqlite_world, make, "too_many_html", "too_many_html") as it:
        it.run()
        for _ in range(3):
            it.tick(minutes=5)
        assert it.reached == it.accepted == addresses(range(3))


def report(it: Trial, provider: Provider, body: object) -> int:
    """A webhook, believed and recorded; how many reports were new."""
    request = RawRequest(bearer("token"), json.dumps(body).encode(), it.world.now)
    with it.world.store.write() as tx:
        return tracking.record(tx, provider.parse_webhook(request), at=it.world.now)


def test_a_late_report_settles_what_brevo_can_no_longer_be_asked(sqlite_world: World) -> None:
    with trial(sqlite_world, brevo, *["commit_then_reset"] * 60, people=1) as it:
        it.run()
        for _ in range(20):
            it.tick(minutes=1)
        [row] = it.world.rows(it.send_id)
        event = {
            "event": "request",
            "message-id": "<1@x.example>",
            "ts_epoch": 1781161200000,
            "X-Mailin-custom": row.key,
        }
        listening = Brevo("key", webhook_key="token")
        it.host.faults.clear()
        assert [report(it, listening, event), report(it, listening, event)] == [1, 0]
        assert it.reached == it.accepted == addresses(range(1))


def test_a_copy_that_mailjet_stopped_is_no_bounce(sqlite_world: World) -> None:
    with trial(sqlite_world, mailjet, people=1) as it:
        it.run()
        [row] = it.world.rows(it.send_id)
        stopped = {
            "event": "blocked",
            "error": "duplicate in campaign",
            "time": 1781161200,
            "CustomID": row.key,
        }
        report(it, Mailjet(KEYS, webhook_key="token"), [stopped])
        [row] = it.world.rows(it.send_id)
        assert (row.state, row.outcome) == ("accepted", None)


def test_a_dead_mailbox_is_excluded_before_mailjet_gets_its_200(sqlite_world: World) -> None:
    """I10."""
    with trial(sqlite_world, mailjet, people=1) as it:
        it.run()
        [row] = it.world.rows(it.send_id)
        bounce = {"event": "bounce", "hard_bounce": True, "error": "user unknown", "time": 1781161200}
        report(it, Mailjet(KEYS, webhook_key="token"), {**bounce, "CustomID": row.key, "email": row.address})
        with it.world.store.read() as tx:
            assert (row.address, "*", "hard_bounce") in exclusions.known(tx)
        assert it.world.row(it.send_id, row.address).outcome == "bounced"
