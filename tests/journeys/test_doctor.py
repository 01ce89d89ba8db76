"""`mailer doctor` shows what the chosen provider can do, and what is wrong, without sending."""

from pathlib import Path

import pytest

from mailer import app
from mailer.app.doctor import Check, capabilities
from mailer.i18n import Translator
from mailer.model.mail import Capabilities
from mailer.providers import create
from mailer.settings import ProviderSettings, Settings


def said(caps: Capabilities) -> list[str]:
    return [Translator("en")(text, **filled) for text, filled in capabilities(caps)]


@pytest.mark.parametrize(
    ("name", "doubt"),
    [
        ("maildir", "A lost answer: the same message is handed over again; it takes it once."),
        ("postal", "A lost answer: its report is waited for, then a person decides."),
        ("mailjet", "A lost answer: it is asked for the message after 5 minutes."),
        (
            "brevo",
            "A lost answer: the same message is handed over again within 15 minutes; it takes it once.",
        ),
        ("sweego", "A lost answer: it is asked for the message after 15 minutes."),
    ],
)
def test_each_provider_says_how_a_doubt_is_settled(tmp_path: Path, name: str, doubt: str) -> None:
    provider = ProviderSettings.model_validate({"name": name, "url": "http://127.0.0.1:9", "api_key": "a:b"})
    caps = create(Settings(workspace=tmp_path, provider=provider)).caps
    assert doubt in said(caps)
    assert "Messages per call: 1." in said(caps)


def test_a_provider_without_any_of_it_leaves_doubts_to_a_person() -> None:
    assert said(Capabilities(mailbox=True)) == [
        "Messages per call: 1.",
        "A lost answer: a person decides.",
        "Webhooks: none.",
        "Bounces come to a mailbox, which is read.",
    ]


def test_the_table_stands_beside_what_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for setting, value in (("NAME", "mailjet"), ("API_KEY", "canary:canary"), ("URL", "http://127.0.0.1:9")):
        monkeypatch.setenv(f"MAILER_PROVIDER__{setting}", value)
    app.init_workspace(folder := tmp_path / "network")
    checks = {each.name: each for each in app.examine(folder)}
    t = Translator("fr")
    assert "Mailjet ne répond pas" in checks["Provider"].said(t)
    assert "Webhooks : non signés" in checks["What it can do"].said(t)
    assert not any("canary" in _all(each, t) for each in checks.values())


def _all(check: Check, t: Translator) -> str:
    return f"{check.said(t)} {check.values(t)} {check!r}"
