"""A mail server over TLS: whom it believes, and that no password is said before."""

import socket
from pathlib import Path

import pytest

from mailer.errors import ProviderHalt
from mailer.model.mail import Status
from mailer.providers.http import Limits
from mailer.providers.smtp import EnvelopeSender, Smtp
from mailer.providers.smtp_client import Account
from tests.providers.contract import ATTEMPT
from tests.providers.samples import message
from tests.providers.smtp_scripted import ScriptedSmtp, drip, scripted_smtp
from tests.providers.smtp_server import PASSWORD, USER, Authority, mail_server

QUICK = Limits(connect=2.0, read=2.0, total=5.0)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def over_tls(port: int, authority: Authority, *, early: bool = True, password: str = PASSWORD) -> Smtp:
    account = Account("127.0.0.1", port, authority.client_context(), early, USER, password)
    return Smtp(account, sender=EnvelopeSender("bounce@reseau.example"), limits=QUICK)


@pytest.mark.parametrize("early", [True, False], ids=["tls", "starttls"])
def test_it_sends_over_tls_with_a_password_of_any_letters(authority: Authority, early: bool) -> None:
    with mail_server(authority.server_context(), early=early) as server:
        [result] = over_tls(server.port, authority, early=early).send([message()], attempt_key=ATTEMPT)
        assert result.status is Status.ACCEPTED
        [(sender, recipient, raw)] = server.kept
    assert (sender, recipient) == (f"bounce+{message().key}@reseau.example", "a@ville.example")
    assert raw == message().mime


@pytest.mark.parametrize("early", [True, False], ids=["tls", "starttls"])
@pytest.mark.parametrize("wrong", ["authority", "expired", "not-yet", "name"])
def test_a_wrong_certificate_halts_before_the_password_is_said(
    authority: Authority, tmp_path: Path, early: bool, wrong: str
) -> None:
    (tmp_path / "other").mkdir()
    signing = Authority(tmp_path / "other") if wrong == "authority" else authority
    days = {"expired": (-3, -2), "not-yet": (2, 3)}.get(wrong, (-1, 1))
    context = signing.server_context(days=days, name="127.0.0.2" if wrong == "name" else "127.0.0.1")
    with mail_server(context, early=early) as server:
        provider = over_tls(server.port, authority, early=early)
        with pytest.raises(ProviderHalt) as caught:
            provider.send([message()], attempt_key=ATTEMPT)
        [problem] = provider.check()
        assert server.kept == []
    assert caught.value.reason == "certificate"
    assert problem.code == "smtp-certificate"


@pytest.mark.parametrize("early", [True, False], ids=["tls", "starttls"])
def test_a_handshake_in_drips_holds_nobody_up(authority: Authority, early: bool) -> None:
    """A TLS record that never comes to its end: no single wait is long."""
    record = drip(b"\x16\x03\x03\x40\x00" + bytes(16384), after=b"" if early else b"220 go\r\n")
    phases = {"connect" if early else "STARTTLS": [record]}
    greeting = "250-scripted\r\n250 STARTTLS"
    account_limits = Limits(connect=1.0, read=1.0, total=0.6)
    with ScriptedSmtp(phases, greeting=greeting) as server:
        account = Account("127.0.0.1", server.port, authority.client_context(), early, USER, PASSWORD)
        [result] = Smtp(account, limits=account_limits).send([message()], attempt_key=ATTEMPT)
    assert result.status is Status.RETRY
    assert result.code in {"deadline", "read-timeout"}


def test_a_server_without_starttls_never_hears_the_password(authority: Authority) -> None:
    with scripted_smtp() as server:
        provider = over_tls(server.port, authority, early=False)
        with pytest.raises(ProviderHalt) as caught:
            provider.send([message()], attempt_key=ATTEMPT)
        [problem] = provider.check()
        server.hear_out()
    assert caught.value.reason == problem.code.removeprefix("smtp-") == "encryption"
    assert {line.split()[0] for line in server.commands} == {"ehlo", "QUIT"}


def test_what_is_said_in_clear_after_starttls_is_not_believed(authority: Authority) -> None:
    """CVE-2011-0411: a reply slipped in before the encryption begins would be taken for one of the server's."""
    heard = []

    def slip_in(connection: socket.socket) -> None:
        connection.sendall(b"220 go\r\n250 AUTH LOGIN\r\n")
        with authority.server_context().wrap_socket(connection, server_side=True) as encrypted:
            lines = encrypted.makefile("rb")
            heard.append(lines.readline())
            encrypted.sendall(b"250-scripted\r\n250 AUTH PLAIN\r\n")
            heard.append(lines.readline())

    greeting = "250-scripted\r\n250-STARTTLS\r\n250 AUTH LOGIN"
    with ScriptedSmtp({"STARTTLS": [slip_in]}, greeting=greeting) as server:
        [result] = over_tls(server.port, authority, early=False).send([message()], attempt_key=ATTEMPT)
    assert result.status is Status.RETRY
    assert [line.split()[:2] for line in heard] == [[b"ehlo", b"[127.0.0.1]"], [b"AUTH", b"PLAIN"]]


@pytest.mark.parametrize("early", [True, False])
def test_the_wrong_kind_of_encryption_is_named(authority: Authority, early: bool) -> None:
    """TLS said to a port that waits for EHLO is refused; the other way round both sides wait."""
    with mail_server(authority.server_context(), early=not early) as server:
        provider = over_tls(server.port, authority, early=early)
        if early:
            with pytest.raises(ProviderHalt, match=r"provider\.smtp\.security"):
                provider.send([message()], attempt_key=ATTEMPT)
        else:
            [result] = provider.send([message()], attempt_key=ATTEMPT)
            assert result.status is Status.RETRY
        assert server.kept == []
