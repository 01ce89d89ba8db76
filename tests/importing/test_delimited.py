"""CSV as it is found in the wild."""

from pathlib import Path

import pytest

from mailer.errors import SpreadsheetError
from mailer.importing import read_table
from mailer.importing.table import MAX_COLUMNS, Record
from tests.importing.files import written

HEADINGS = "Courriel;Prénom"


def records(path: Path) -> list[Record]:
    return list(read_table(path).records())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_accents_survive_every_usual_encoding(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path, f"{HEADINGS}\na@ville.example;Anaïs\n", encoding=encoding)
    assert read_table(path).headings == ("Courriel", "Prénom")
    assert records(path) == [Record(2, ("a@ville.example", "Anaïs"))]


@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_the_separator_is_the_one_that_cuts_the_headings(tmp_path: Path, separator: str) -> None:
    path = written(tmp_path, f'"Courriel, de la personne"{separator}Nom\na@ville.example{separator}B\n')
    assert read_table(path).separator == separator
    assert records(path) == [Record(2, ("a@ville.example", "B"))]


def test_excels_own_hint_and_empty_lines_stand_above_the_headings(tmp_path: Path) -> None:
    path = written(tmp_path, "sep=;\r\n\r\nCourriel;Nom\r\na@ville.example;B\r\n")
    assert read_table(path).headings == ("Courriel", "Nom")
    assert records(path) == [Record(4, ("a@ville.example", "B"))]


def test_a_line_break_inside_a_cell_shifts_no_number(tmp_path: Path) -> None:
    path = written(tmp_path, f'{HEADINGS}\na@ville.example;"Anne\nMarie"\nb@ville.example;Bo\n')
    assert [record.line for record in records(path)] == [2, 4]


def test_an_open_quotation_mark_does_not_swallow_its_neighbours(tmp_path: Path) -> None:
    path = written(tmp_path, f'{HEADINGS}\na@ville.example;"Anne\nb@ville.example;Bo\nc@ville.example;Cy\n')
    assert [(record.line, record.fault) for record in records(path)] == [(2, "quotes"), (3, ""), (4, "")]


def test_a_quotation_mark_inside_a_cell_is_a_letter(tmp_path: Path) -> None:
    path = written(tmp_path, f'{HEADINGS}\na@ville.example;Anne "Nana"\n')
    assert records(path) == [Record(2, ("a@ville.example", 'Anne "Nana"'))]


def test_too_many_columns_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, ";".join(f"c{number}" for number in range(MAX_COLUMNS + 1)) + "\n")
    with pytest.raises(SpreadsheetError, match="columns"):
        read_table(path)


def test_an_old_workbook_is_named_as_such(tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    path.write_bytes(b"\xd0\xcf\x11\xe0" + bytes(100))
    with pytest.raises(SpreadsheetError, match="password"):
        read_table(path)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SpreadsheetError, match="cannot be read"):
        read_table(tmp_path / "nowhere.csv")
