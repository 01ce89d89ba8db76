"""A wrong setting is one sentence: where it stands, what is wrong, what is expected."""

from pathlib import Path

import pytest

from tests.cli.conftest import Command


def settings(network: Path, text: str) -> None:
    (network / "mailer.toml").write_text(text, "utf-8")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('language = "fr"\nbase_url = \n', "mailer.toml:2: this is not valid TOML (Invalid value)."),
        ("language = [\n", "mailer.toml:1: this is not valid TOML (Invalid value)."),
        (
            '[provider]\n\nrat = "1/s"',
            "mailer.toml:3: there is no setting provider.rat. Perhaps you meant: provider.rate.",
        ),
        ("[provider]\nthreads = 'x'", "mailer.toml:2: setting provider.threads: expected a whole number"),
        ("[provider]\nthreads = 0", "mailer.toml:2: setting provider.threads: expected 1 or more."),
        ("[provider]\nthreads = 257", "mailer.toml:2: setting provider.threads: expected 256 or less."),
        ("[network]\nname = 3", "mailer.toml:2: setting network.name: expected a text"),
        ("provider = 'postal'", "mailer.toml:1: provider is a group of settings: write [provider] on a line"),
        ("[sandbox]\ndomains = 3", "mailer.toml:2: setting sandbox.domains: expected a list"),
        ("[sandbox]\nclock_scale = 'x'", "mailer.toml:2: setting sandbox.clock_scale: expected a number"),
        (
            "[sandbox]\nstore = 'some'",
            "mailer.toml:2: setting sandbox.store: expected 'all', 'journal', 'none'.",
        ),
        (
            'base_url = "ftp://x"',
            "mailer.toml:1: setting base_url: this value cannot be used. Expected something like https:",
        ),
        (
            'digest_to = ["direction@reseau.example", "direction"]',
            "mailer.toml:1: setting digest_to: this value cannot be used. Expected something like direction@reseau.example",
        ),
        ("time_zone = 'Paris'", "mailer.toml:1: setting time_zone: this value cannot be used."),
        (
            '[provider]\nname = "pigeon"',
            "Setting provider.name: pigeon is not a provider. Known: maildir, postal, ",
        ),
        ('[provider]\nname = "postal"', "provider.url"),
        ('database_url = "mysql://x/y"', "Setting database_url: this database cannot be used"),
        ('network.name = "\\x"', "mailer.toml:1: this is not valid TOML"),
    ],
)
def test_a_mistake_in_the_file_says_its_line(network: Path, command: Command, text: str, said: str) -> None:
    settings(network, text)
    found = command("status")
    assert found.status == (3 if "database_url" in said else 1)
    assert said in found.err.replace("\n", " ")
    assert found.out == ""
    again = command("status", "--json")
    assert again.status == found.status
    assert said in again.json["error"]


def test_a_mistake_in_the_environment_names_the_variable(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAILER_PROVIDER__THREADS", "many")
    found = command("status")
    assert found.err.startswith("MAILER_PROVIDER__THREADS: setting provider.threads: expected a whole number")
    assert found.status == 1


def test_a_secret_is_not_repeated(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILER_PROVIDER__THREADS", "a-secret-in-the-wrong-place")
    assert "a-secret" not in command("status").err


def test_a_file_in_another_encoding_says_its_line(network: Path, command: Command) -> None:
    (network / "mailer.toml").write_bytes('language = "fr"\n# Réseau'.encode("cp1252"))
    assert command("status").err.startswith("mailer.toml:2: the file is not written in UTF-8.")


def test_a_byte_order_mark_is_no_mistake(network: Path, command: Command) -> None:
    (network / "mailer.toml").write_bytes(b'\xef\xbb\xbflanguage = "fr"\r\n')
    assert command("status").status == 0


def test_doctor_says_it_as_a_failed_check(network: Path, command: Command) -> None:
    settings(network, "language = [\n")
    found = command("doctor", "--json")
    assert found.status == 1
    assert not found.json["ok"]
    assert found.json["checks"][0]["said"].startswith("mailer.toml:1: this is not valid TOML")


def test_doctor_finds_a_variable_that_nothing_reads(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAILER_PROVIDR__API_KEY", "secret")
    found = command("doctor")
    assert found.status == 1
    assert "MAILER_PROVIDR__API_KEY" in found.out
    assert "secret" not in found.out


def test_french_sentences_are_french(
    network: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MAILER_LANGUAGE")
    settings(network, "[provider]\nthreads = 0")
    assert "réglage provider.threads : attendu, 1 ou plus" in command("status").err.replace("\u00a0", " ")
