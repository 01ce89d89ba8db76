"""From settings to a mail server's account: every mistake names its setting, nothing secret is ever sent in clear."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mailer.errors import SettingError
from mailer.model.mail import Rate
from mailer.providers import create
from mailer.providers.smtp import Smtp
from mailer.settings import ProviderSettings, Settings
from tests.providers.smtp_server import Authority

HOST = {"host": "smtp.cooperative.example"}
LOGIN = {"username": "lettre@reseau.example", "password": "secret"}
BOX = {"kind": "imap", "host": "imap.cooperative.example", "username": "r@reseau.example", "password": "p"}


def smtp(tmp_path: Path, smtp: dict[str, Any], **provider: Any) -> Smtp:
    chosen = ProviderSettings.model_validate({"name": "smtp", "smtp": smtp, **provider})
    found = create(Settings(workspace=tmp_path, provider=chosen))
    assert isinstance(found, Smtp)
    return found


@pytest.mark.parametrize(
    ("security", "port", "expected"),
    [("tls", 0, 465), ("starttls", 0, 587), ("tls", 2465, 2465)],
)
def test_the_port_follows_the_encryption(tmp_path: Path, security: str, port: int, expected: int) -> None:
    account = smtp(tmp_path, {**HOST, **LOGIN, "security": security, "port": port})._account
    assert (account.port, account.early, account.hello) == (expected, security == "tls", "reseau.example")
    assert account.context is not None
    assert account.context.check_hostname


def test_it_is_class_c_with_the_rate_that_is_set(tmp_path: Path) -> None:
    caps = smtp(tmp_path, HOST, rate="500/5min").caps
    assert (caps.doubt_class, caps.mailbox, caps.webhook) == ("C", False, "none")
    assert caps.rate == Rate(500, timedelta(minutes=5))


@pytest.mark.parametrize("kind", ["imap", "pop"])
def test_a_mailbox_account_is_a_mailbox(tmp_path: Path, kind: str) -> None:
    assert smtp(tmp_path, HOST, bounces={**BOX, "kind": kind}).caps.mailbox


def test_a_maildir_lies_below_the_workspace(tmp_path: Path) -> None:
    (tmp_path / "bounces" / "new").mkdir(parents=True)
    provider = smtp(tmp_path, HOST, bounces={"kind": "maildir", "path": "bounces"})
    assert provider.caps.mailbox
    assert provider._bounces is not None
    assert provider._bounces.check() == []


def test_a_server_of_this_machine_may_do_without_encryption(tmp_path: Path) -> None:
    for host in ("127.0.0.1", "localhost", "::1"):
        assert smtp(tmp_path, {"host": host, "security": "none"})._account.context is None


def test_an_authority_of_one_s_own_stands_instead_of_the_system_s(tmp_path: Path) -> None:
    Authority(tmp_path)
    context = smtp(tmp_path, {**HOST, "ca_file": "ca.pem"})._account.context
    assert context is not None
    assert len(context.get_ca_certs()) == 1


@pytest.mark.parametrize(
    ("settings", "bounces", "named"),
    [
        ({}, {}, r"provider\.smtp\.host"),
        ({"host": "x" * 64 + ".example"}, {}, r"provider\.smtp\.host"),
        (HOST, {**BOX, "host": "imap..example"}, r"provider\.bounces\.host"),
        ({**HOST, "username": "u"}, {}, r"provider\.smtp\.password"),
        ({**HOST, "password": "p"}, {}, r"provider\.smtp\.username"),
        ({**HOST, **LOGIN, "security": "none"}, {}, r"provider\.smtp\.security"),
        ({**HOST, "ca_file": "nowhere.pem"}, {}, r"provider\.smtp\.ca_file"),
        ({**HOST, "bounce_address": "retours"}, {}, r"provider\.smtp\.bounce_address"),
        ({**HOST, "bounce_address": "r@x.example>\r\nDATA"}, {}, r"provider\.smtp\.bounce_address"),
        ({**HOST, "bounce_address": "r" * 38 + "@reseau.example"}, {}, r"provider\.smtp\.bounce_address"),
        (HOST, {"kind": "maildir"}, r"provider\.bounces\.path"),
        (HOST, {**BOX, "password": ""}, r"provider\.bounces\.password"),
        (HOST, {**BOX, "security": "none"}, r"provider\.bounces\.security"),
        (HOST, {**BOX, "ca_file": "nowhere.pem"}, r"provider\.bounces\.ca_file"),
    ],
)
def test_a_mistake_names_its_setting(
    tmp_path: Path, settings: dict[str, Any], bounces: dict[str, Any], named: str
) -> None:
    with pytest.raises(SettingError, match=named) as caught:
        smtp(tmp_path, settings, bounces=bounces)
    assert "secret" not in str(caught.value)
