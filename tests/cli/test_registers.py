"""`mailer register`, `mailer privacy` and `mailer token`, for people and for programs."""

from pathlib import Path

from tests.cli.conftest import Command


def test_both_documents_are_printed_in_both_languages(network: Path, command: Command) -> None:
    assert "# Registre des traitements" in command("register").out
    assert "# How we treat your data" in command("privacy", "--language", "en").out
    assert command("privacy", "--language", "de").status == 1
    assert command("register", "--json").json["language"] == "fr"


def test_a_token_is_made_listed_and_ended(network: Path, command: Command) -> None:
    made = command("token", "site", "--scope", "contacts:read", "--json").json
    assert made["token"].startswith("relais_")
    listed = command("token", "--json")
    assert made["token"] not in listed.out
    assert listed.json["tokens"][0]["name"] == "site"
    assert "contacts:read" in command("token").out
    assert command("token", "--revoke", str(made["id"])).status == 0
    assert command("token", "--revoke", str(made["id"])).status == 1
    assert command("token", "site").status == 1
