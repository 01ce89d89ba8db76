"""`mailer import` with columns named by hand and a file of rejected lines; `mailer undo-import`."""

from pathlib import Path

import pytest

from tests.cli.conftest import Command

TEXT = "Contact;Nom\na@ville.example;Aude\nnowhere;=1+1\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(TEXT, "utf-8")
    return path


def test_columns_are_named_once_and_remembered(command: Command, file: Path, tmp_path: Path) -> None:
    refused = command("import", "contacts", file)
    assert (refused.status, "no column courriel" in refused.err) == (1, True)
    named = command("import", "contacts", file, "--column", "address=Contact", "--json").json
    assert (named["new"], named["columns"]) == (1, {"last_name": "Nom", "address": "Contact"})
    file.write_text(TEXT.replace("a@", "b@"), "utf-8")
    assert command("import", "contacts", file, "--json").json["new"] == 1


@pytest.mark.parametrize(
    ("column", "said"), [("address", "NAME=HEADING"), ("colour=Nom", "no column colour")]
)
def test_a_column_that_is_none_is_refused(command: Command, file: Path, column: str, said: str) -> None:
    answer = command("import", "contacts", file, "--column", column)
    assert (answer.status, said in answer.err) == (1, True)


def test_rejected_lines_are_written_and_imported_again(command: Command, file: Path, tmp_path: Path) -> None:
    rejects = tmp_path / "mend.csv"
    command("import", "contacts", file, "--column", "address=Contact", "--rejects", rejects)
    text = rejects.read_text("utf-8-sig")
    assert "'=1+1" in text
    rejects.write_text(text.replace("nowhere", "b@ville.example"), "utf-8")
    assert command("import", "contacts", rejects, "--json").json["new"] == 1


def test_an_import_is_undone_by_its_number(command: Command, file: Path) -> None:
    command("import", "contacts", file, "--column", "address=Contact")
    (run,) = command("undo-import", "--json").json["imports"]
    assert (run["file"], run["may_be_undone"]) == ("people.csv", True)
    assert "may be undone" in command("undo-import").out
    assert command("undo-import", "1", "--json").json == {"import": 1, "undone": True, "staying": 0}
    assert command("undo-import", "1").status == 1


def test_the_encoding_and_the_separator_are_said_by_hand(command: Command, file: Path) -> None:
    file.write_bytes("Courriel|Prénom\na@ville.example|Zoé\n".encode("cp850"))
    wrong = command("import", "contacts", file, "--encoding", "utf-8-sig", "--separator", "|")
    assert (wrong.status, "cannot be read in this encoding" in wrong.err) == (1, True)
    unknown = command("import", "contacts", file, "--encoding", "rot13")
    assert (unknown.status, "no encoding rot13" in unknown.err) == (1, True)
    read = command("import", "contacts", file, "--encoding", "cp850", "--separator", "|", "--json").json
    assert (read["new"], read["columns"]) == (1, {"address": "Courriel", "first_name": "Prénom"})
