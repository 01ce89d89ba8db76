"""What monitors read: health without a login, metrics for this machine or with a token; nobody is named."""

import re
from datetime import timedelta

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from starlette.requests import Request

from mailer.app import Mailer
from mailer.clock import FixedClock
from mailer.model.columns import table
from mailer.model.ledger import Delivery, DeliveryState, SendState
from mailer.web.metrics import is_from_here
from tests.conftest import NOW
from tests.web.conftest import Desk
from tests.web.data import PEOPLE, add_send

TOKEN = "a-token-of-this-test"


def _metrics(desk: Desk, **headers: str) -> dict[tuple[str, ...], float]:
    """(name, label values …) -> value, as a monitor would parse them."""
    answer = requests.get(f"{desk.url}/metrics", headers=headers)
    assert answer.status_code == 200
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_health_is_503_with_the_reason_when_the_database_is_none(desk: Desk) -> None:
    _break_database(desk.mailer)
    answer = requests.get(f"{desk.url}/health")
    assert (answer.status_code, answer.json()) == (503, {"status": "unavailable", "reason": "database"})


def test_health_says_nothing_of_the_machine(desk: Desk) -> None:
    _break_database(desk.mailer)
    assert str(desk.mailer.settings.workspace) not in requests.get(f"{desk.url}/health").text


def test_health_answers_head_as_load_balancers_ask(desk: Desk) -> None:
    assert requests.head(f"{desk.url}/health").status_code == 200


def test_metrics_count_sends_and_their_deliveries(desk: Desk) -> None:
    add_send(desk.mailer, state=SendState.SENDING)
    _doubt(desk.mailer, 5)
    found = _metrics(desk)
    assert found[("relais_sends", "sending")] == 1
    assert found[("relais_sends", "done")] == 0
    assert found[("relais_deliveries", "planned")] == PEOPLE // 2 - 5
    assert found[("relais_deliveries", "accepted")] == PEOPLE // 2 - 1
    assert found[("relais_deliveries_accepted_total",)] == PEOPLE // 2 - 1
    assert found[("relais_deliveries_refused_total",)] == 1
    assert found[("relais_deliveries_in_doubt",)] == 5
    assert found[("relais_hits_stored_total", "load")] == 75
    assert found[("relais_hits_stored_total", "click")] == 7
    assert found[("relais_hits_dropped_total",)] == 0


def test_deliveries_of_ended_sends_are_no_work(desk: Desk) -> None:
    add_send(desk.mailer, state=SendState.DONE)
    found = _metrics(desk)
    assert found[("relais_deliveries", "accepted")] == 0
    assert found[("relais_deliveries_accepted_total",)] == PEOPLE - 1


def test_a_send_that_should_have_left_grows_older(desk: Desk, clock: FixedClock) -> None:
    desk.mailer.departures.schedule("flash/2026-06-11", by="test", at="2026-06-11 10:00")
    assert _metrics(desk)[("relais_oldest_due_send_seconds",)] == 0
    clock.advance(timedelta(hours=1, minutes=10))
    assert _metrics(desk)[("relais_oldest_due_send_seconds",)] == 600


def test_the_last_tick_is_known_where_the_heart_beats(desk: Desk) -> None:
    name = ("relais_heartbeat_last_tick_timestamp_seconds",)
    assert name not in _metrics(desk)
    desk.mailer.run_due()
    assert _metrics(desk)[name] == NOW.timestamp()


def test_webhooks_that_are_refused_are_counted_by_reason(desk: Desk) -> None:
    requests.post(f"{desk.url}/hooks/maildir/guessed", data=b"{}")
    assert _metrics(desk)[("relais_webhooks_refused_total", "maildir", "address")] == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "203.0.113.7"},
        {"Forwarded": "for=203.0.113.7"},
        {"Via": "1.1 proxy"},
    ],
)
def test_what_a_proxy_passes_on_does_not_come_from_this_machine(desk: Desk, headers: dict[str, str]) -> None:
    assert requests.get(f"{desk.url}/metrics", headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("client", "host", "here"),
    [
        ("127.0.0.1", "127.0.0.1:8080", True),
        ("::1", "[::1]:8080", True),
        ("127.0.0.1", "localhost", True),
        ("127.0.0.1", "lettres.reseau.example", False),
        ("203.0.113.7", "127.0.0.1", False),
        ("127.0.0.1", "", False),
    ],
)
def test_this_machine_is_told_by_the_caller_and_the_name_it_calls(client: str, host: str, here: bool) -> None:
    scope = {"type": "http", "client": (client, 5000), "headers": [(b"host", host.encode())]}
    assert is_from_here(Request(scope)) is here


def test_with_a_token_only_its_bearer_reads(desk: Desk) -> None:
    desk.mailer.settings.metrics_token = SecretStr(TOKEN)
    url = f"{desk.url}/metrics"
    assert requests.get(url).status_code == 401
    for wrong in ("", "Bearer", f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer é"):
        assert requests.get(url, headers={"Authorization": wrong.encode()}).status_code == 401, wrong
    right = {"Authorization": f"Bearer {TOKEN}", "X-Forwarded-For": "203.0.113.7"}
    assert requests.get(url, headers=right).status_code == 200


def test_metrics_name_nobody_and_no_letter(desk: Desk) -> None:
    add_send(desk.mailer, state=SendState.SENDING)
    text = requests.get(f"{desk.url}/metrics").text
    assert "@" not in text
    assert ".example" not in text
    assert "SCIC" not in text
    assert set(re.findall(r"^([a-z]+)_", text, re.MULTILINE)) == {"relais"}


def _doubt(mailer: Mailer, count: int) -> None:
    rows = table(Delivery)
    with mailer.store.write() as tx:
        planned = rows.select().where(rows.c.state == DeliveryState.PLANNED.value).limit(count)
        ids = [row.id for row in tx.execute(planned)]
        values = {"state": DeliveryState.IN_DOUBT.value, "in_doubt_since": NOW}
        tx.execute(rows.update().where(rows.c.id.in_(ids)).values(values))


def _break_database(mailer: Mailer) -> None:
    mailer.store.engine.dispose()
    path = mailer.store.url.removeprefix("sqlite:///")
    for name in (path, f"{path}-wal", f"{path}-shm"):
        with open(name, "wb") as file:
            file.write(b"no database at all, but as long as a header would be " * 40)
