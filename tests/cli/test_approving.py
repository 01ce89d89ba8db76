"""Approved is what may leave, and scheduled is what leaves (I14): a file that changes meanwhile changes neither."""

from email import message_from_bytes
from email.policy import default
from pathlib import Path

from tests.cli.conftest import Command

REF = "newsletter/2026-06"
HOUR = ("--at", "2036-06-11 09:00")


def rewrite(network: Path) -> None:
    [file] = (network / "campaigns/newsletter").rglob("2026-06.md")
    changed = file.read_text("utf-8").replace('subject: "Achats', 'subject: "Autre chose', 1)
    assert "Autre chose" in changed
    file.write_text(changed, "utf-8")


def test_a_change_after_the_approval_voids_it(network: Path, command: Command) -> None:
    assert command("approve", REF, *HOUR).status == 0
    rewrite(network)
    refused = command("schedule", REF, *HOUR, "--json")
    assert refused.status == 1
    assert "Approve it again" in refused.json["error"]
    assert command("approve", REF, *HOUR).status == 0
    assert command("schedule", REF, *HOUR).status == 0


def test_a_change_after_the_scheduling_leaves_what_leaves_as_it_was(network: Path, command: Command) -> None:
    people = network / "people.csv"
    people.write_text("Courriel;Newsletter\np0@ville.example;oui\n", "utf-8")
    assert command("import", "contacts", people).status == 0
    assert command("schedule", REF, *HOUR).status == 0
    rewrite(network)
    assert command("send", REF).status == 0
    [mail] = (network / "var" / "maildir" / "new").glob("*")
    assert "Autre chose" not in message_from_bytes(mail.read_bytes(), policy=default)["Subject"]


def test_what_is_approved_for_another_hour_does_not_leave_at_once(network: Path, command: Command) -> None:
    assert command("approve", REF, *HOUR).status == 0
    assert command("schedule", REF, *HOUR).status == 0
    refused = command("send", REF, "--json")
    assert refused.status == 1
    assert "Approve it again" in refused.json["error"]
    assert not list((network / "var" / "maildir").rglob("new/*"))
