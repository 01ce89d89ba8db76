"""Whatever is given wrongly: one clear sentence with its place and the way out, the right status, nothing half-done."""

import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.conftest import REPOSITORY

LETTER = "campaigns/newsletter/2026-06.md"


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def sends(network: Path) -> int:
    with sqlite3.connect(network / "var" / "mailer.db") as connection:
        return int(connection.execute("SELECT count(*) FROM send").fetchone()[0])


def broken_campaign(network: Path) -> str:
    (network / "campaigns/newsletter/campaign.toml").write_text('title = "x"\ntopic = \n', "utf-8")
    return "campaigns/newsletter/campaign.toml:2"


def broken_segment(network: Path) -> str:
    (network / "audiences/abonnes.toml").write_text("[rule]\n=\n", "utf-8")
    return "audiences/abonnes.toml:2"


def broken_block_type(network: Path) -> str:
    (network / "templates/blocks/article.toml").write_text("title = [\n", "utf-8")
    return "templates/blocks/article.toml"


def unknown_attribute(network: Path) -> str:
    change(network / LETTER, "::: article {", '::: article {colour="red" ')
    line = (network / LETTER).read_text("utf-8").split("colour=")[0].count("\n") + 1
    return f"{LETTER}:{line}"


def missing_image(network: Path) -> str:
    for image in (network / "campaigns/newsletter/media").iterdir():
        image.unlink()
    return f"{LETTER}:"


def unknown_field(network: Path) -> str:
    path = network / "audiences/elus-petites-villes.toml"
    change(path, "field = ", 'field = "contact.shoe_size" # ')
    line = path.read_text("utf-8").split("contact.shoe_size")[0].count("\n") + 1
    return f"audiences/elus-petites-villes.toml:{line}"


@pytest.mark.parametrize(
    "spoil",
    [broken_campaign, broken_segment, broken_block_type, unknown_attribute, missing_image, unknown_field],
    ids=lambda spoil: spoil.__name__,
)
def test_a_mistake_in_a_file_is_found_with_its_line(network: Path, command: Command, spoil: object) -> None:
    assert callable(spoil)
    place = spoil(network)
    found = command("check")
    assert found.status == 1
    assert place in found.out
    problems = command("check", "--json").json["problems"]
    assert any(f"{each['path']}:{each['line']}".startswith(place) and each["remedy"] for each in problems)


@pytest.mark.parametrize("spoil", [broken_campaign, unknown_attribute, missing_image])
def test_a_letter_with_a_mistake_cannot_be_sent(network: Path, command: Command, spoil: object) -> None:
    assert callable(spoil)
    place = spoil(network)
    found = command("send", "newsletter/2026-06", "--json")
    assert found.status == 1
    assert place in found.json["error"]
    assert found.json["problems"]
    assert sends(network) == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("audience", "nobody"), "There is no segment nobody. Known: abonnes"),
        (("audience", "abonnes", "--topic", "nothing"), "There is no topic nothing. Known: flash"),
        (
            ("preview", "newsletter/1999-01"),
            "There is no issue newsletter/1999-01. Known: newsletter/2026-06.",
        ),
        (("preview", "nothing/2026-06"), "There is no campaign nothing. Known: flash"),
        (("preview", "newsletter/2026-06", "--for", "camille"), "“camille” is not an e-mail address."),
        (("proof", "newsletter/2026-06", "--to", "a@b.example,c@d.example"), "more than one address"),
        (("report", "newsletter/2026-06"), "newsletter/2026-06 was never scheduled."),
        (("schedule", "newsletter/2026-06", "--at", "tomorrow"), "tomorrow is not an hour."),
        (("schedule", "newsletter/2026-06", "--at", "2020-01-01 09:00"), "is in the past"),
        (("import", "contacts", "nothing.csv"), "nothing.csv cannot be read: No such file or directory."),
    ],
)
def test_what_does_not_exist_is_named_and_what_does_is_listed(
    command: Command, network: Path, arguments: tuple[str, ...], said: str
) -> None:
    found = command(*arguments)
    assert (found.status, found.out) == (1, "")
    assert said in found.err.replace("\n", " ")
    assert said in command(*arguments, "--json").json["error"]
    assert sends(network) == 0


@pytest.mark.parametrize("name", ["people.xlsx", "people.ods", "people.csv"])
def test_a_spreadsheet_that_is_none_is_refused(network: Path, command: Command, name: str) -> None:
    path = network / name
    path.write_bytes(bytes(range(256)) * 20)
    found = command("import", "contacts", path, "--json")
    assert found.status == 1
    assert name in found.json["error"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("imprt", "x"), "imprt"),
        (("import", "people", "x.csv"), "organisations"),
        (("audience",), "SEGMENT"),
        (("send", "newsletter/2026-06", "--now"), "--now"),
    ],
)
def test_wrong_usage_is_status_2(command: Command, arguments: tuple[str, ...], said: str) -> None:
    found = command(*arguments)
    assert (found.status, found.out) == (2, "")
    assert said.lower() in found.err.lower()
    again = command(*arguments, "--json")
    assert again.status == 2
    assert said.lower() in again.json["error"].lower()


def test_an_unreachable_provider_ends_a_send_before_it_begins(
    network: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: every call is refused
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        monkeypatch.setenv("MAILER_PROVIDER__NAME", "postal")
        monkeypatch.setenv("MAILER_PROVIDER__URL", url)
        monkeypatch.setenv("MAILER_PROVIDER__API_KEY", "wrong")
        for arguments in (
            ("send", "newsletter/2026-06"),
            ("proof", "newsletter/2026-06", "--to", "a@b.example"),
        ):
            found = command(*arguments, "--json")
            assert found.status == 3
            assert url in found.json["error"]
            assert "provider.url" in found.json["error"]
        assert command("doctor").status == 3
    assert sends(network) == 0


def test_a_database_of_a_newer_version_is_left_alone(network: Path, command: Command) -> None:
    with sqlite3.connect(network / "var" / "mailer.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'ffff'")
    found = command("status", "--json")
    assert found.status == 3
    assert "made by a newer version (revision ffff)" in found.json["error"]


def test_a_database_that_is_none_is_refused(network: Path, command: Command) -> None:
    (network / "var" / "mailer.db").write_bytes(b"something else " * 100)
    found = command("status", "--json")
    assert found.status == 3
    assert "mailer.db" in found.json["error"]


def test_a_port_in_use_is_said_before_anything_else(network: Path, command: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        found = command("serve", "--port", str(port))
        assert found.status == 1
        assert f"port {port}" in found.err
        assert found.out == ""
        assert f"port {port}" in command("serve", "--port", str(port), "--json").json["error"]


def test_a_folder_that_is_no_workspace_stays_as_it_is(
    tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = tmp_path / "nowhere"
    monkeypatch.setenv("MAILER_WORKSPACE", str(nowhere))
    found = command("status", "--json")
    assert found.status == 1
    assert "mailer init" in found.json["error"]
    assert command("doctor").status == 1
    assert not nowhere.exists()


def test_a_state_folder_that_cannot_be_made_names_its_setting(
    network: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAILER_STATE_DIR", str(network / "mailer.toml" / "var"))
    found = command("status", "--json")
    assert found.status == 1
    assert "Setting state_dir" in found.json["error"]
    assert "Not a directory" in found.json["error"]


def test_a_preview_that_cannot_be_written_names_the_file(network: Path, command: Command) -> None:
    found = command("preview", "newsletter/2026-06", "--out", network / "mailer.toml" / "x", "--json")
    assert found.status == 1
    assert "mailer.toml" in found.json["error"]


def test_a_full_disk_is_the_databases_refusal(network: Path) -> None:
    """A real one: the process may write no file past 100 kB."""
    limited = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "from mailer.cli import main\n"
        "sys.argv[0] = 'mailer'\n"
        "main()\n"
    )
    data = REPOSITORY / "mailer" / "demo" / "data" / "contacts.csv"
    ran = subprocess.run(
        [sys.executable, "-c", limited, "import", "contacts", str(data), "--json"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 3, ran.stdout + ran.stderr
    assert '"error"' in ran.stdout
    assert "Traceback" not in ran.stderr
    with sqlite3.connect(network / "var" / "mailer.db") as connection:
        assert connection.execute("SELECT count(*) FROM contact").fetchone() == (0,)


def test_a_workspace_is_never_made_over_another(network: Path, command: Command) -> None:
    before = sorted(network.rglob("*"))
    found = command("init", network, "--json")
    assert found.status == 1
    assert "already holds mailer.toml" in found.json["error"]
    assert sorted(network.rglob("*")) == before
