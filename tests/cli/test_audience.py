"""`mailer audience`: its steps, beside another segment, and since the last letter."""

from pathlib import Path

from tests.cli.conftest import Command

PEOPLE = """Courriel;Newsletter;Flash
anne@ville.example;oui;oui
bo@ville.example;oui;
"""


def test_two_segments_are_compared_and_a_letter_that_never_left_is_told(
    network: Path, command: Command
) -> None:
    path = network / "people.csv"
    path.write_text(PEOPLE, "utf-8")
    assert command("import", "contacts", str(path)).status == 0
    found = command("audience", "abonnes", "--compare", "adherents", "--changes", "--json").json
    assert found["compared"] == {"other": "adherents", "only": 2, "both": 0, "only_other": 0}
    assert found["changes"] == []
    said = command("audience", "abonnes", "--compare", "adherents", "--changes", "--explain")
    assert "No letter has left for this audience yet." in said.out
    assert "in both" in said.out


def test_an_unknown_segment_to_compare_with_is_not_found(network: Path, command: Command) -> None:
    said = command("audience", "abonnes", "--compare", "nobody")
    assert (said.status, "nobody" in said.err) == (1, True)


def test_an_invitation_is_prepared_for_those_who_ask_in_vain(network: Path, command: Command) -> None:
    nobody = command("audience", "adherents", "--invite")
    assert (nobody.status, "nobody to invite" in nobody.err) == (1, True)
    path = network / "people.csv"
    path.write_text(PEOPLE, "utf-8")
    assert command("import", "contacts", str(path)).status == 0
    made = command("audience", "adherents", "--invite", "--json").json
    assert made["recipients"] == 1
    assert (network / f"campaigns/{made['draft']}.md").is_file()
    said = command("audience", "adherents", "--invite").out
    assert "a draft to 1 person." in " ".join(said.split())
    assert len(list(network.glob("campaigns/invitation-flash/*.md"))) == 1
    assert command("approve", made["draft"], "--at", "2099-06-11 09:00").status == 0
    assert command("schedule", made["draft"], "--at", "2099-06-11 09:00").status == 0
    assert "waits for its departure" in " ".join(command("audience", "adherents", "--invite").out.split())
