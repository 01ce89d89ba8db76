"""`mailer erratum`: a draft for exactly those who have the letter."""

from pathlib import Path

from tests.cli.conftest import Command

REF = "newsletter/2026-06"
ERRATUM = f"{REF}-erratum"


def test_an_erratum_is_begun_filled_in_and_sent_to_whoever_has_the_letter(
    network: Path, command: Command
) -> None:
    people(network, command, range(3))
    assert (
        command("erratum", REF, "--json").json["error"].startswith("Nobody has a copy of newsletter/2026-06")
    )
    assert command("send", REF, "--json").json["accepted"] == 3
    people(network, command, range(3, 5))
    begun = command("erratum", REF, "--json")
    assert begun.json == {
        "issue": REF,
        "erratum": ERRATUM,
        "path": f"campaigns/{ERRATUM}.md",
        "copies": 3,
        "recipients": 3,
    }
    unfinished = command("send", ERRATUM, "--json")
    assert (unfinished.status, unfinished.json["problems"][0]["code"]) == (1, "leftover")
    file = network / begun.json["path"]
    file.write_text(file.read_text("utf-8").replace("[à compléter]", "le 18 juin"), "utf-8")
    assert command("send", ERRATUM, "--json").json["accepted"] == 3


def test_it_says_where_the_draft_is_and_makes_no_second_one(network: Path, command: Command) -> None:
    people(network, command, range(1))
    command("send", REF)
    for _ in range(2):
        said = command("erratum", REF)
        assert said.status == 0
        assert f"campaigns/{ERRATUM}.md" in said.out
        assert "1 person has a copy of the faulty letter" in said.out
    assert len(list((network / "campaigns/newsletter").glob("*erratum*"))) == 1


def people(network: Path, command: Command, numbers: range) -> None:
    file = network / "people.csv"
    file.write_text("Courriel;Newsletter\n" + "".join(f"p{n}@ville.example;oui\n" for n in numbers), "utf-8")
    assert command("import", "contacts", file).status == 0
