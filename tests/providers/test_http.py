"""The door tells "certainly not sent" from "perhaps", whatever the network does."""

import datetime as dt
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from mailer.errors import SettingError
from mailer.providers.http import Door, Limits, NotSent, Unclear
from tests.providers.scripted import (
    Script,
    answer,
    closed_port,
    drip,
    half_a_header,
    hang,
    hang_up,
    reset,
    scripted,
    truncated,
)

QUICK = Limits(connect=0.5, read=0.4, total=0.8, answer_bytes=1000)


def test_an_answer_comes_back_whole() -> None:
    with scripted(answer('{"a":1}', status=201, headers="X-Kind: test\r\n")) as server:
        found = Door(server.url).post("/x", b"{}")
    assert (found.status, found.headers["x-kind"], found.body) == (201, "test", b'{"a":1}')


def test_the_request_is_what_was_asked() -> None:
    with scripted(answer("{}")) as server:
        Door(server.url + "/", headers={"X-Server-API-Key": "k"}).post("/api", b'{"b":2}')
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /api HTTP/1.1\r\n")
    assert b"\r\nX-Server-API-Key: k\r\n" in head
    assert b"Cookie" not in head
    assert body == b'{"b":2}'


def test_one_thread_keeps_one_connection() -> None:
    with scripted(answer("{}")) as server:
        door = Door(server.url)
        for _ in range(5):
            door.post("/x", b"{}")
        assert len(server.requests) == 5
        assert server.connections == 1


def test_two_threads_have_two_connections() -> None:
    with scripted(answer("{}")) as server:
        door = Door(server.url)
        door.post("/x", b"{}")
        other = threading.Thread(target=door.post, args=("/x", b"{}"))
        other.start()
        other.join()
        assert server.connections == 2


def test_a_redirect_is_an_answer_and_not_followed() -> None:
    with scripted(answer("", status=302, headers="Location: /elsewhere\r\n")) as server:
        assert Door(server.url).post("/x", b"{}").status == 302
        assert len(server.requests) == 1


def test_the_environment_has_no_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port()}")
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed_port()}")
    with scripted(answer("{}")) as server:
        assert Door(server.url).get("/x").status == 200


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (hang(), "read-timeout"),
        (drip(), "deadline"),
        (drip(head=True), "deadline"),
        (reset, "connection-lost"),
        (hang_up, "connection-lost"),
        (half_a_header, "connection-lost"),
        (truncated('{"a":1}'), "connection-lost"),
        (answer("x" * 1001), "answer-too-large"),
        (answer("nonsense", length=-5), None),
    ],
    ids=[
        "hang",
        "drip",
        "drip-head",
        "reset",
        "hang-up",
        "half-header",
        "truncated",
        "too-large",
        "bad-length",
    ],
)
def test_a_lost_answer_is_unclear(script: Script, code: str | None) -> None:
    with scripted(script) as server, pytest.raises(Unclear) as caught:
        Door(server.url, limits=QUICK).post("/x", b"{}")
    assert len(server.requests) == 1
    assert code is None or caught.value.code == code


def test_after_a_lost_answer_the_next_call_has_a_new_connection() -> None:
    with scripted(drip(), answer("{}")) as server:
        door = Door(server.url, limits=QUICK)
        with pytest.raises(Unclear):
            door.post("/x", b"{}")
        assert door.post("/x", b"{}").status == 200
        assert server.connections == 2


def test_a_refused_connection_is_not_sent() -> None:
    with pytest.raises(NotSent) as caught:
        Door(f"http://127.0.0.1:{closed_port()}").post("/x", b"{}")
    assert caught.value.code == "connection-refused"


def test_a_name_that_nobody_knows_is_not_sent() -> None:
    with pytest.raises(NotSent) as caught:
        Door("http://nobody.invalid").post("/x", b"{}")
    assert caught.value.code == "name-not-found"


def test_a_wrong_address_is_a_wrong_setting() -> None:
    with pytest.raises(SettingError, match=r"provider\.url"):
        Door("http://[half-an-address")


@pytest.fixture
def self_signed(tmp_path: Path) -> Iterator[str]:
    """An HTTPS server whose certificate nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "server.pem").write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"https://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_certificate_that_nobody_vouches_for_is_not_sent(self_signed: str) -> None:
    with pytest.raises(NotSent) as caught:
        Door(self_signed).post("/x", b"{}")
    assert caught.value.code == "certificate"


def test_the_watch_ends_when_nothing_is_under_way() -> None:
    with scripted(answer("{}")) as server:
        door = Door(server.url, limits=Limits(total=0.5))
        door.get("/x")
        with door._watch.guard():  # it does not end while a call is under way
            thread = door._watch._thread
        assert thread is not None
        thread.join(10)
        assert not thread.is_alive()
        assert door._watch._thread is None
        assert door.get("/x").status == 200
