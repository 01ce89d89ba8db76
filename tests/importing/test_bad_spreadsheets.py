"""Spreadsheets as offices keep them: merged cells, two rows of headings, formulas, dates as numbers, cells far away."""

from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from sqlalchemy import select

from mailer.errors import SpreadsheetError
from mailer.importing import ImportReport, choosing, import_contacts, import_organisations, read_table
from mailer.model.columns import table
from mailer.model.people import Contact
from mailer.store import Store
from tests.conftest import NOW

Fill = Callable[[xlsxwriter.worksheet.Worksheet], object]


def book(folder: Path, *rows: list[object], then: Fill = lambda _sheet: None) -> Path:
    path = folder / "people.xlsx"
    made = xlsxwriter.Workbook(str(path))
    sheet = made.add_worksheet()
    for number, cells in enumerate(rows):
        for place, cell in enumerate(cells):
            sheet.write(number, place, cell)
    then(sheet)
    made.close()
    return path


def contacts(store: Store, path: Path) -> ImportReport:
    with store.write() as tx:
        return import_contacts(tx, read_table(path), at=NOW, by="test")


def test_merged_cells_are_named_and_their_lines_taken(store: Store, tmp_path: Path) -> None:
    rows = (["Courriel", "Prénom", "Collectivité"], ["a@v.example", "A"], ["b@v.example", "B"])
    report = contacts(store, book(tmp_path, *rows, then=lambda sheet: sheet.merge_range("C2:C3", "Ville")))
    assert (report.new, report.merged) == (2, "C2:C3")


@pytest.mark.parametrize("above", [["Liste des contacts 2026"], ["Identité", "", "Abonnements", ""]])
def test_a_second_row_of_headings_is_said_with_its_line(tmp_path: Path, above: list[object]) -> None:
    path = book(tmp_path, above, ["Courriel", "Prénom", "Newsletter", "Flash"], ["a@v.example", "A", "oui"])
    with pytest.raises(SpreadsheetError, match="line 2"):
        choosing.refuse_late_headings("contacts", read_table(path))


def test_a_formula_is_its_result_and_a_number_is_no_day(store: Store, tmp_path: Path) -> None:
    def formulas(sheet: xlsxwriter.worksheet.Worksheet) -> None:
        sheet.write_formula("B2", '="An"&"ne"', None, "Anne")
        sheet.write_formula("B3", "=1/0", None, "#DIV/0!")

    rows = (
        ["Courriel", "Prénom", "Date d’inscription"],
        ["a@v.example", "", "11/06/2026"],
        ["b@v.example"],
        ["c@v.example", "C", 45123],
    )
    report = contacts(store, book(tmp_path, *rows, then=formulas))
    assert [(each.line, each.reason) for each in report.rejected] == [(4, "date-number")]
    with store.read() as tx:
        found = tx.execute(select(table(Contact).c.first_name).order_by(table(Contact).c.address))
        # What is no value is no name: the cell is as good as empty.
        assert list(found.scalars()) == ["Anne", ""]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_twenty_thousand_columns_are_refused_in_one_sentence(tmp_path: Path, form: str) -> None:
    if form == "csv":
        path = tmp_path / "wide.csv"
        path.write_text(";".join(["Courriel", *map(str, range(20_000))]) + "\na@v.example\n", "utf-8")
    else:
        path = book(tmp_path, ["Courriel", *range(16_000)], ["a@v.example"])
    with pytest.raises(SpreadsheetError, match="columns"):
        read_table(path)


def test_one_person_at_two_addresses_is_two_contacts_until_somebody_merges_them(
    store: Store, tmp_path: Path
) -> None:
    rows = (
        ["Courriel", "Prénom", "Nom"],
        ["zoe@v.example", "Zoé", "Zola"],
        ["zola@w.example", "Zoé", "Zola"],
    )
    report = contacts(store, book(tmp_path, *rows))
    assert (report.new, report.duplicates) == (2, 0)


def test_an_organisation_without_siren_is_one_by_its_name(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "bodies.csv"
    path.write_text("siren;nom;type\n;Syndicat mixte du Lot;autre\n;Syndicat mixte du Lot;autre\n", "utf-8")
    for new in (1, 0):
        with store.write() as tx:
            report = import_organisations(tx, read_table(path), at=NOW, by="test")
        assert (report.new, report.duplicates, report.rejected) == (new, 1, ())
