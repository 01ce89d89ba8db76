"""A staged send on the command line: it rests without being a failure, says what became of the first copies, goes on."""

from pathlib import Path

from tests.cli.conftest import Command

REF = "newsletter/2026-06"


def test_a_staged_send_rests_is_looked_at_and_goes_on(network: Path, command: Command) -> None:
    file = network / "campaigns/newsletter/campaign.toml"
    file.write_text("staged = 2\n" + file.read_text("utf-8"), "utf-8")
    people = network / "people.csv"
    people.write_text(
        "Courriel;Newsletter\n" + "".join(f"p{n}@ville.example;oui\n" for n in range(5)), "utf-8"
    )
    assert command("import", "contacts", people).status == 0

    first = command("send", REF, "--json")
    assert (first.status, first.json["state"], first.json["accepted"]) == (0, "paused", 2)
    assert "error" not in first.json
    assert "The first copies have left" in first.json["reason"]
    assert "Of the first 2: 2 accepted, 0 refused, 0 in doubt." in command("status", REF).out
    [told] = command("status", REF, "--json").json["issues"]
    assert (told["stage"]["copies"], told["stage"]["complained"]) == (2, 0)

    assert command("resume", REF).status == 0
    then = command("send", REF, "--json")
    assert (then.status, then.json["state"], then.json["accepted"]) == (0, "done", 5)
