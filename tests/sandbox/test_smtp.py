"""The SMTP face, by smtplib and by a bare socket."""

import smtplib
import socket
from collections.abc import Iterator

import pytest

from mailer.sandbox import Sandbox
from tests.sandbox.conftest import KEY, control, mime


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[smtplib.SMTP]:
    with smtplib.SMTP("127.0.0.1", sandbox.smtp_port, timeout=10) as connected:
        yield connected


def _send(client: smtplib.SMTP, raw: bytes, *recipients: str) -> dict[str, tuple[int, bytes]]:
    return client.sendmail("l@reseau.example", recipients or ("a@ville.example",), raw)


def test_it_offers_what_postal_offers(client: smtplib.SMTP) -> None:
    assert client.ehlo("me.example") == (250, b"My capabilities are\nAUTH CRAM-MD5 PLAIN LOGIN")


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5"])
def test_the_key_is_the_password_of_any_user(client: smtplib.SMTP, mechanism: str) -> None:
    client.ehlo()
    client.user, client.password = "anybody", KEY
    name = mechanism.lower().replace("-", "_")
    code, text = client.auth(mechanism, getattr(client, f"auth_{name}"))
    assert (code, text) == (235, b"Granted for relais/sandbox")


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5"])
def test_a_wrong_key_is_535(client: smtplib.SMTP, mechanism: str) -> None:
    client.ehlo()
    client.user, client.password = "anybody", "wrong"
    with pytest.raises(smtplib.SMTPAuthenticationError) as caught:
        client.auth(mechanism, getattr(client, f"auth_{mechanism.lower().replace('-', '_')}"))
    assert (caught.value.smtp_code, caught.value.smtp_error) == (535, b"Invalid credential")


def test_without_a_key_it_is_530(client: smtplib.SMTP) -> None:
    client.ehlo()
    assert client.mail("l@reseau.example") == (530, b"Authentication required")


def test_mail_goes_into_the_same_store(client: smtplib.SMTP, sandbox: Sandbox) -> None:
    client.login("x", KEY)
    _send(client, mime("k5"), "a@ville.example", "b@ville.example")
    assert [(each.id, each.message_id, each.recipient) for each in sandbox.journal()] == [
        (1, "k5@reseau.example", "a@ville.example"),
        (2, "k5@reseau.example", "b@ville.example"),
    ]
    assert sandbox.journal()[0].size == len(mime("k5"))


def test_a_foreign_from_is_refused(client: smtplib.SMTP) -> None:
    client.login("x", KEY)
    with pytest.raises(smtplib.SMTPDataError, match="From/Sender name is not valid") as caught:
        _send(client, mime(sender="x@autre.invalid"))
    assert caught.value.smtp_code == 530


def test_a_suspended_server_says_so(client: smtplib.SMTP, sandbox: Sandbox) -> None:
    control(sandbox, "server", suspended=True)
    client.login("x", KEY)
    assert client.mail("l@reseau.example") == (535, b"Mail server has been suspended")


def test_more_than_14_megabytes_are_refused(client: smtplib.SMTP, sandbox: Sandbox) -> None:
    client.login("x", KEY)
    with pytest.raises(smtplib.SMTPDataError) as caught:
        _send(client, mime(body=("x" * 998 + "\r\n") * 14_800))
    assert (caught.value.smtp_code, caught.value.smtp_error) == (
        552,
        b"Message too large (maximum size 14MB)",
    )
    assert sandbox.journal() == []


def test_a_loop_is_detected(client: smtplib.SMTP) -> None:
    client.login("x", KEY)
    received = b"Received: from a.example by sandbox.example; Thu, 11 Jun 2026 09:00:00 +0200\r\n"
    with pytest.raises(smtplib.SMTPDataError, match="Loop detected"):
        _send(client, received * 5 + mime())


@pytest.mark.parametrize("ending", [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r"])
def test_only_crlf_dot_crlf_ends_a_message(sandbox: Sandbox, client: smtplib.SMTP, ending: bytes) -> None:
    client.login("x", KEY)
    client.mail("l@reseau.example")
    client.rcpt("a@ville.example")
    client.docmd("DATA")
    smuggled = b"MAIL FROM:<l@reseau.example>\r\nRCPT TO:<b@ville.example>\r\nDATA\r\n" + mime("second")
    assert isinstance(client.sock, socket.socket)
    client.sock.sendall(mime("first") + b"x" + ending + smuggled + b"\r\n.\r\n")
    assert client.getreply() == (250, b"OK")
    assert client.noop()[0] == 250
    assert [each.recipient for each in sandbox.journal()] == ["a@ville.example"]
