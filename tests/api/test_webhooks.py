"""Other programs are told with the change, signed, retried for a day, and never inside our own network."""

import base64
import hashlib
import hmac
import json
import socket
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from mailer.app import persons, webhooks
from mailer.errors import InputError
from mailer.lookups.net import Net
from mailer.model.ledger import SendState
from mailer.model.outgoing import Endpoint, Happening, NoticeState
from mailer.store import outbox, sends
from tests.api.conftest import ADMINISTRATOR, Api
from tests.conftest import NOW
from tests.web.data import add_send

PUBLIC = "93.184.215.14"
SITE, DEAD = "http://site-ouvert.fr/hook", "http://site-muet.fr/hook"
EVERY = [each.value for each in Happening]


class Receiver:
    """What arrived; answers with `status`."""

    def __init__(self) -> None:
        self.arrived: list[tuple[dict[str, str], bytes]] = []
        self.status = 204
        self.address = PUBLIC
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.arrived.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(outer.status)
                self.send_header("Location", "http://site-ouvert.fr/elsewhere")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def net(self) -> Net:
        return Net(resolve=lambda _: [self.address], connect=self._connect)

    def _connect(self, address: str, port: int, seconds: float) -> socket.socket:
        assert address == self.address
        return socket.create_connection(self.server.server_address[:2], timeout=seconds)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()
    thread = Thread(target=found.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield found
    found.server.shutdown()
    found.server.server_close()


def endpoint(api: Api, url: str = SITE, events: list[str] = EVERY) -> Endpoint:
    """Over http, so that no certificate is needed: an administrator could not make it."""
    words = f" {' '.join(events)} "
    new = Endpoint(url=url, events=words, salt=url, created_at=NOW, created_by=ADMINISTRATOR)
    with api.mailer.store.write() as tx:
        new.id = outbox.create(tx, new)
    return new


def state(api: Api, number: int | None) -> dict[str, int]:
    found = next(counted for each, counted in webhooks.listed(api.mailer) if each.id == number)
    return {name: count for name, count in found.items() if count}


def leave(api: Api, address: str = "anne@martigues.example") -> int:
    number = api.number(address)
    api.ask("POST", f"/contacts/{number}/unsubscribe", {"source": "x", "topic": "flash"})
    return number


def test_a_change_is_told_once_signed_and_by_number(api: Api, receiver: Receiver) -> None:
    held = endpoint(api)
    number = leave(api)
    assert webhooks.deliver_due(api.mailer, receiver.net) == 1
    assert webhooks.deliver_due(api.mailer, receiver.net) == 0
    headers, body = receiver.arrived[0]
    told = json.loads(body)
    assert told["type"] == "contact.unsubscribed"
    assert told["data"] == {"contact_id": number, "topic": "flash"}
    assert b"anne" not in body
    key = base64.b64decode(webhooks.secret(api.mailer.signer, held).removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["webhook-timestamp"] == str(int(NOW.timestamp()))


def test_what_is_rolled_back_is_not_told(api: Api, receiver: Receiver) -> None:
    endpoint(api)
    with pytest.raises(ZeroDivisionError), api.mailer.store.write() as tx:
        outbox.tell(tx, Happening.ERASED, {"contact_id": 1}, at=NOW)
        _ = 1 / 0
    assert webhooks.deliver_due(api.mailer, receiver.net) == 0


def test_every_kind_is_told_by_the_change_itself(api: Api, receiver: Receiver) -> None:
    endpoint(api)
    number = api.number("bo@martigues.example")
    api.ask("PUT", f"/contacts/{number}/subscriptions/flash", {"source": "x"})
    api.ask("POST", f"/contacts/{number}/exclusions", {"source": "x"})
    persons.erase(api.mailer, "bo@martigues.example", by=ADMINISTRATOR)
    send = add_send(api.mailer, state=SendState.SETTLING)
    with api.mailer.store.write() as tx:
        assert send.id is not None
        sends.transition(tx, send.id, before=[SendState.SETTLING], after=SendState.DONE, ended_at=NOW)
    assert webhooks.deliver_due(api.mailer, receiver.net) == 4
    kinds = [json.loads(body)["type"] for _, body in receiver.arrived]
    assert kinds == ["contact.subscribed", "contact.excluded", "contact.erased", "letter.sent"]


def test_an_import_tells_of_everybody_it_subscribes(api: Api, receiver: Receiver, tmp_path: object) -> None:
    endpoint(api, events=["contact.subscribed"])
    path = api.mailer.settings.workspace / "two.csv"
    path.write_text(
        "Courriel;Flash\nx@ville.example;oui\ny@ville.example;oui\nanne@martigues.example;oui\n", "utf-8"
    )
    api.mailer.import_file("contacts", path, by="test")
    assert webhooks.deliver_due(api.mailer, receiver.net) == 2


def test_a_file_of_exclusions_tells_of_each_at_the_moment_of_its_import(
    api: Api, receiver: Receiver, tmp_path: Path
) -> None:
    """Nothing else tells of somebody whom a file unsubscribes; a message of long ago would be dropped as old."""
    endpoint(api, events=["contact.excluded"])
    number = api.number("anne@martigues.example")
    (file := tmp_path / "left.csv").write_text(
        "Courriel;Date;Motif\nanne@martigues.example;2024-01-02;désinscription\n", "utf-8"
    )
    api.mailer.import_file("exclusions", file, by="test")
    webhooks.purge(api.mailer)
    assert webhooks.deliver_due(api.mailer, receiver.net) == 1
    ((_, body),) = receiver.arrived
    told = json.loads(body)
    assert (told["timestamp"], told["data"]["contact_id"]) == (NOW.isoformat(), number)


def test_a_refusal_is_tried_again_with_growing_waits_and_ends_after_a_day(
    api: Api, receiver: Receiver
) -> None:
    held = endpoint(api)
    leave(api)
    receiver.status = 500
    hours = 0
    while state(api, held.id) != {NoticeState.FAILED: 1}:
        assert hours < 60
        webhooks.deliver_due(api.mailer, receiver.net)
        api.clock.advance(timedelta(hours=1))
        hours += 1
    assert 5 < len(receiver.arrived) < 12
    assert len({headers["webhook-id"] for headers, _ in receiver.arrived}) == 1
    receiver.status = 200
    assert webhooks.replay(api.mailer, held.id or 0, by=ADMINISTRATOR) == 1
    assert webhooks.deliver_due(api.mailer, receiver.net) == 1
    assert state(api, held.id) == {NoticeState.DELIVERED: 1}


def test_no_redirection_is_followed(api: Api, receiver: Receiver) -> None:
    held = endpoint(api)
    leave(api)
    receiver.status = 302
    assert webhooks.deliver_due(api.mailer, receiver.net) == 0
    assert len(receiver.arrived) == 1
    assert state(api, held.id) == {NoticeState.WAITING: 1}


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.7", "169.254.169.254", "::1", "fd00::1"])
def test_nothing_of_our_own_network_is_asked(api: Api, receiver: Receiver, address: str) -> None:
    endpoint(api)
    leave(api)
    receiver.address = address
    assert webhooks.deliver_due(api.mailer, receiver.net) == 0
    assert receiver.arrived == []


def test_a_silent_address_is_asked_once_and_holds_up_no_other(api: Api, receiver: Receiver) -> None:
    silent, well = endpoint(api, DEAD), endpoint(api)
    for address in ("anne@martigues.example", "driss@passe.example"):
        leave(api, address)
    asked: list[str] = []

    def connect(address: str, port: int, seconds: float) -> socket.socket:
        asked.append(address)
        if address != PUBLIC:
            raise ConnectionRefusedError
        return receiver.net.connect(address, port, seconds)

    net = Net(resolve=lambda host: ["93.184.215.15" if "muet" in host else PUBLIC], connect=connect)
    assert webhooks.deliver_due(api.mailer, net) == 2
    assert asked.count("93.184.215.15") == 1
    assert state(api, silent.id) == {NoticeState.WAITING: 2}
    assert state(api, well.id) == {NoticeState.DELIVERED: 2}


def test_two_senders_hand_one_message_over_once(api: Api) -> None:
    endpoint(api)
    leave(api)
    with api.mailer.store.read() as tx:
        found = outbox.due(tx, at=NOW, per_endpoint=5)[0]
    with api.mailer.store.write() as tx:
        assert outbox.claim(tx, found, at=NOW, until=NOW + timedelta(minutes=1))
    with api.mailer.store.write() as tx:
        assert not outbox.claim(tx, found, at=NOW, until=NOW + timedelta(minutes=1))


@pytest.mark.parametrize(
    "url",
    [
        "http://site-ouvert.fr/",
        "https://127.0.0.1/",
        "https://a:b@site-ouvert.fr/",
        "https://site-ouvert.fr:22/",
        "x",
    ],
)
def test_an_administrator_makes_only_addresses_that_may_be_asked(api: Api, url: str) -> None:
    with pytest.raises(InputError):
        webhooks.create(api.mailer, url=url, events=EVERY, by=ADMINISTRATOR)


def test_an_ended_address_is_told_nothing_more(api: Api, receiver: Receiver) -> None:
    held = endpoint(api)
    leave(api)
    webhooks.end(api.mailer, held.id or 0, by=ADMINISTRATOR)
    assert webhooks.deliver_due(api.mailer, receiver.net) == 0
