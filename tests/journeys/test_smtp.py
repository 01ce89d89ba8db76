"""A network without Postal: an account at a mail server, and a folder that bounces come back to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mailer.app import Mailer, create_mailer, examine, init_workspace
from mailer.sandbox import Sandbox
from mailer.settings import SandboxSettings
from tests.providers.bounce_mails import report
from tests.providers.samples import KEY

SECRET = "secretsecretsecretsecret"
REF = "newsletter/2026-06"
PEOPLE = 30


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    settings = SandboxSettings(http_port=0, smtp_port=0, control_port=0, api_key=SECRET, store="journal")
    with Sandbox(settings, tmp_path / "sandbox") as running:
        yield running


@pytest.fixture
def bounces(tmp_path: Path) -> Path:
    (tmp_path / "bounces" / "new").mkdir(parents=True)
    return tmp_path / "bounces"


@pytest.fixture
def workspace(tmp_path: Path, sandbox: Sandbox, bounces: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new workspace, set up as docs/how-to/install.md says."""
    chosen = {
        "NAME": "smtp",
        "RATE": "2000/s",
        "SMTP__HOST": "127.0.0.1",
        "SMTP__PORT": str(sandbox.smtp_port),
        "SMTP__SECURITY": "none",
        "SMTP__USERNAME": "lettre@reseau.example",
        "SMTP__PASSWORD": SECRET,
        "SMTP__BOUNCE_ADDRESS": "retours@reseau.example",
        "BOUNCES__KIND": "maildir",
        "BOUNCES__PATH": str(bounces),
    }
    for name, value in chosen.items():
        monkeypatch.setenv(f"MAILER_PROVIDER__{name}", value)
    init_workspace(tmp_path / "workspace")
    return tmp_path / "workspace"


def test_a_letter_leaves_by_smtp_and_its_bounces_exclude(
    workspace: Path, sandbox: Sandbox, bounces: Path
) -> None:
    [checked] = [each for each in examine(workspace) if each.name == "Provider"]
    assert checked.ok, checked.problems
    mailer = create_mailer(workspace)
    try:
        _import_people(mailer, workspace)
        summary = mailer.send_now(REF, by="test")
        assert (summary.planned, summary.counts) == (PEOPLE, {"accepted": PEOPLE})
        keys = [entry.message_id.partition("@")[0] for entry in sandbox.journal()]
        assert len(set(keys)) == len(keys) == PEOPLE
        for number, key in enumerate(keys[:3]):
            raw = report(message_id=f"<r{number}@mx.example>").replace(KEY.encode(), key.encode())
            (bounces / "new" / str(number)).write_bytes(raw)
        mailer.run_due()
        assert mailer.report(REF).letter.bounced == 3
        assert list((bounces / "new").iterdir()) == []
        left = mailer.audience("abonnes", topic="newsletter")
        assert (len(left.contact_ids), left.excluded["hard_bounce"]) == (PEOPLE - 3, 3)
    finally:
        mailer.close()


def _import_people(mailer: Mailer, workspace: Path) -> None:
    lines = [f"p{number}@ville.example;Prénom{number};Nom;oui" for number in range(PEOPLE)]
    (workspace / "contacts.csv").write_text(
        "\n".join(["Courriel;Prénom;Nom;Newsletter", *lines, ""]), "utf-8"
    )
    mailer.import_file("contacts", workspace / "contacts.csv", by="test")
