"""`mailer signup`: the form to copy, or why there is none."""

from pathlib import Path

from tests.cli.conftest import Command


def test_it_prints_the_form_and_what_it_offers(network: Path, command: Command) -> None:
    (network / "mailer.toml").write_text('[signup]\ntopics = ["newsletter"]\n', "utf-8")
    assert '<input type="hidden" name="topic" value="newsletter">' in command("signup").out
    found = command("signup", "--language", "en", "--json").json
    assert found["topics"] == [{"topic": "newsletter", "members_only": False}]
    assert "Your e-mail address" in found["html"]


def test_a_form_that_is_closed_says_which_setting_opens_it(network: Path, command: Command) -> None:
    (network / "mailer.toml").write_text("", "utf-8")
    said = command("signup")
    assert (said.status, "signup.topics" in said.err) == (1, True)
