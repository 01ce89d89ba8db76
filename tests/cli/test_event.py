"""`mailer event`: what would be begun, what is begun, and where each letter stands."""

from pathlib import Path

from tests.cli.conftest import Command

TOML = """title = "Rencontre de l’eau"
start = "2026-09-17 09:30"
end = "2026-09-17 16:00"
place = "Albi"
"""
REF = "mailing/eau"


def _write(network: Path, text: str = TOML) -> Path:
    folder = network / "campaigns/mailing/events"
    folder.mkdir(exist_ok=True)
    (folder / "eau.toml").write_text(text, "utf-8")
    return folder.parent


def test_a_dry_run_says_what_would_be_begun(network: Path, command: Command) -> None:
    campaign = _write(network)
    said = command("event", REF, "--dry-run", "--json").json
    assert said["begun"] == [f"{REF}-{each}" for each in ("save-the-date", "j-14", "j-1", "replay")]
    assert not list(campaign.glob("eau-*.md"))


def test_a_second_run_begins_nothing(network: Path, command: Command) -> None:
    campaign = _write(network)
    first, second = command("event", REF, "--json").json, command("event", REF, "--json").json
    assert (len(first["begun"]), second["begun"]) == (4, [])
    assert len(list(campaign.glob("eau-*.md"))) == 4
    assert next((each["planned_at"], each["state"]) for each in second["letters"]) == (
        "2026-08-06T09:30:00",
        "draft",
    )


def test_a_person_reads_a_table(network: Path, command: Command) -> None:
    _write(network)
    said = command("event", REF)
    assert said.status == 0
    assert "Thursday 17\u00a0September 2026" in said.out
    assert f"Begun: {REF}-j-14." in said.out


def test_a_mistake_in_the_file_has_its_line(network: Path, command: Command) -> None:
    _write(network, TOML.replace("2026-09-17 16", "2026-09-16 16"))
    said = command("event", REF)
    assert said.status == 1
    assert "campaigns/mailing/events/eau.toml:3: The event ends before it begins." in said.err


def test_there_is_nothing_to_tell_while_nobody_has_a_letter(network: Path, command: Command) -> None:
    _write(network)
    said = command("event", REF, "--tell")
    assert said.status == 1
    assert "nothing to tell" in said.err
