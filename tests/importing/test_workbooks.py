"""XLSX files give the same people as CSV; what is no workbook is refused in one sentence."""

import csv
import zipfile
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from mailer.errors import SpreadsheetError
from mailer.importing import import_contacts, read_table
from mailer.store import Store
from tests.conftest import NOW
from tests.importing.test_shared_numbers import DATA, EXPECTED


def workbook(path: Path, rows: list[list[str]]) -> Path:
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            sheet.write_string(number, place, cell)
    book.close()
    return path


def test_the_contacts_as_a_workbook_give_the_same_counts(store: Store, tmp_path: Path) -> None:
    with (DATA / "contacts.csv").open(encoding="utf-8-sig", newline="") as file:
        # A workbook cannot hold the NUL of one hostile line: it is left out.
        rows = [[cell.replace("\x00", "\x01") for cell in row] for row in csv.reader(file, delimiter=";")]
    path = workbook(tmp_path / "contacts.xlsx", rows)
    with store.write() as tx:
        report = import_contacts(tx, read_table(path), at=NOW, by="test")
    assert (report.new, report.duplicates) == (EXPECTED["contacts"], EXPECTED["duplicates"])
    assert len(report.rejected) == EXPECTED["invalid"]


@pytest.mark.parametrize("content", [b"PK\x03\x04 broken", b"not a workbook", b""])
def test_what_is_no_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "contacts.xlsx"
    path.write_bytes(content)
    with pytest.raises(SpreadsheetError):
        read_table(path)


@pytest.mark.parametrize("content", [b"", b"Nom;Fonction\nA;B\n", b"PK\x03\x04 zipped"])
def test_an_unusable_csv_is_refused_and_nothing_is_written(
    store: Store, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "contacts.csv"
    path.write_bytes(content)
    with pytest.raises(SpreadsheetError), store.write() as tx:
        import_contacts(tx, read_table(path), at=NOW, by="test")


def test_a_sheet_of_two_cells_far_apart_is_refused_by_its_size(tmp_path: Path) -> None:
    path = tmp_path / "far.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    sheet.write_string(0, 0, "Courriel")
    sheet.write_string(1_048_575, 16_383, "x")
    book.close()
    with pytest.raises(SpreadsheetError, match="too much"):
        read_table(path)


def test_a_small_file_that_unpacks_to_a_huge_one_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(60_000_000))
    assert path.stat().st_size < 100_000
    with pytest.raises(SpreadsheetError, match="unpacks to 60 MB"):
        read_table(path)


def test_days_and_whole_numbers_of_a_workbook_read_as_typed(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "dated.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    for place, heading in enumerate(("Courriel", "Date d'inscription", "SIREN")):
        sheet.write_string(0, place, heading)
    sheet.write_string(1, 0, "a@ville.example")
    sheet.write_datetime(1, 1, date(2024, 5, 3), book.add_format({"num_format": "dd/mm/yyyy"}))
    sheet.write_number(1, 2, 211300561)
    book.close()
    assert [record.cells for record in read_table(path).records()] == [
        ("a@ville.example", "2024-05-03", "211300561")
    ]
