"""Files of people: with a reason, without a formula, written down, and the same when they come back."""

import csv
import io
from pathlib import Path

import pytest
import requests

from mailer.i18n import Translator
from mailer.model.accounts import Role
from mailer.reporting import csv_pieces
from mailer.store import acts
from tests.web.conftest import Desk
from tests.web.people import add_people

WHY = "étiquettes de l’assemblée"


def take(desk: Desk, what: str = "everybody", form: str = "csv", why: str = WHY) -> requests.Response:
    return desk.post(desk.browser(Role.SENDER), "/personnes/fichiers", what=what, form=form, why=why)


def lines(answer: requests.Response) -> list[list[str]]:
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))


def test_everybody_stands_in_the_file_and_no_cell_is_a_formula(desk: Desk, tmp_path: Path) -> None:
    add_people(desk.mailer, tmp_path)
    rows = lines(take(desk))
    assert len(rows) == 6
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
    bo = next(row for row in rows if "bo@martigues.example" in row)
    assert "'=1+1" in bo
    elie = next(row for row in rows if "elie@passe.example" in row)
    assert elie[-1] == Translator("fr")("complained")


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("kind", ["contacts", "organisations"])
def test_a_file_that_comes_back_changes_nothing(desk: Desk, tmp_path: Path, form: str, kind: str) -> None:
    add_people(desk.mailer, tmp_path)
    path = tmp_path / f"back.{form}"
    path.write_bytes(take(desk, "everybody" if kind == "contacts" else kind, form).content)
    report = desk.mailer.import_file(kind, path, by="test", dry_run=True)
    assert (report.new, report.changed, report.rejected) == (0, 0, ())
    assert report.unchanged == (5 if kind == "contacts" else 3)


def test_an_audience_gives_its_people_only(desk: Desk, tmp_path: Path) -> None:
    add_people(desk.mailer, tmp_path)
    expected = desk.mailer.audience("adherents").count
    assert len(lines(take(desk, "adherents"))) == expected + 1
    assert take(desk, "nothing").status_code == 404


def test_who_took_what_and_why_is_written_down(desk: Desk, tmp_path: Path) -> None:
    add_people(desk.mailer, tmp_path)
    take(desk, "adherents")
    with desk.mailer.store.read() as tx:
        found = acts.about(tx, "adherents")
    assert [(each.by, each.act, each.detail) for each in found] == [
        ("sender@reseau.example", "export-people", f"csv: {WHY}")
    ]


def test_without_a_reason_nothing_leaves(desk: Desk) -> None:
    answer = take(desk, why="  ?  ")
    assert answer.status_code == 422
    assert "à quoi sert le fichier" in answer.text
    with desk.mailer.store.read() as tx:
        assert acts.about(tx, "everybody") == []


def test_a_long_list_leaves_piece_by_piece() -> None:
    asked = []

    def rows() -> object:
        for number in range(5_000):
            asked.append(number)
            yield (str(number),)

    pieces = csv_pieces(("n",), rows(), Translator("fr"))  # type: ignore[arg-type]  # a generator of tuples
    next(pieces)
    next(pieces)
    assert len(asked) < 5_000
    assert b"4999" in b"".join(pieces)
