"""Columns chosen by hand, and files with something wrong in their shape: one clear sentence each."""

import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from mailer.errors import InputError, SpreadsheetError
from mailer.importing import IMPORTS, choosing, read_table
from mailer.store import Store
from tests.conftest import NOW
from tests.importing.files import imported, written

_MANIFEST = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
TEXT = "Contact;Patronyme;Fonction;Infos\na@ville.example;Aude;presse;oui\n"


def test_columns_are_named_by_hand(store: Store, tmp_path: Path) -> None:
    table = read_table(written(tmp_path, TEXT))
    start = choosing.proposal("contacts", table)
    assert start == {"job": 2}
    named = {"address": "contact", "last_name": "Patronyme", "topic:flash": "Infos", "job": ""}
    places = choosing.by_name("contacts", table, named, start)
    assert places == {"address": 0, "last_name": 1, "topic:flash": 3}
    with store.write() as tx:
        report = IMPORTS["contacts"](tx, choosing.with_places(table, "contacts", places), at=NOW, by="claude")
    assert (report.new, report.ignored_columns) == (1, ("Fonction",))


def test_a_column_named_by_hand_is_no_other_any_more(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "Courriel;Nom\na@ville.example;Aude\n"))
    start = choosing.proposal("contacts", table)
    assert choosing.by_name("contacts", table, {"job": "Nom"}, start) == {"address": 0, "job": 1}


@pytest.mark.parametrize(
    ("named", "said"), [({"colour": "Infos"}, "no column"), ({"job": "Métier"}, "no heading")]
)
def test_what_is_not_there_cannot_be_named(tmp_path: Path, named: dict[str, str], said: str) -> None:
    table = read_table(written(tmp_path, TEXT))
    with pytest.raises(InputError, match=said):
        choosing.by_name("contacts", table, named, {})


def test_the_headings_of_next_month_are_the_same_without_case_and_accents() -> None:
    one = choosing.fingerprint("contacts", ("Courriel", "Prénom"))
    assert one == choosing.fingerprint("contacts", ("COURRIEL ", "Prenom"))
    assert one != choosing.fingerprint("exclusions", ("Courriel", "Prénom"))
    assert one != choosing.fingerprint("contacts", ("Prénom", "Courriel"))


def test_headings_below_a_title_are_pointed_at(store: Store, tmp_path: Path) -> None:
    path = written(
        tmp_path, "Contacts 2026;;\nIdentité;;Écrire à\nNom;Prénom;Courriel\nAude;Anne;a@v.example\n"
    )
    with pytest.raises(SpreadsheetError, match="headings are in line 3"):
        imported(store, "contacts", path)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [("45123", "date-number"), ("=AUJOURDHUI()", "formula"), ("#REF!", "formula-error"), ("hier", "date")],
)
def test_a_cell_that_is_no_date_says_what_it_is(store: Store, tmp_path: Path, cell: str, reason: str) -> None:
    path = written(tmp_path, f"Courriel;Date d'inscription\na@ville.example;{cell}\n")
    assert [each.reason for each in imported(store, "contacts", path).rejected] == [reason]


def test_merged_cells_are_named(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "merged.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["Courriel", "Nom"])
    sheet.merge_range(1, 0, 2, 0, "a@ville.example")
    sheet.write_column(1, 1, ["Aude", "Bé"])
    book.close()
    report = imported(store, "contacts", path)
    assert (report.merged, [each.reason for each in report.rejected]) == ("A2:A3", ["address-empty"])


def test_twenty_thousand_columns_are_counted(tmp_path: Path) -> None:
    path = written(tmp_path, ";".join(f"c{number}" for number in range(20_000)) + "\n")
    with pytest.raises(SpreadsheetError, match="has 20000 columns"):
        read_table(path)


def test_an_ods_file_is_read_as_any_other(store: Store, tmp_path: Path) -> None:
    report = imported(
        store, "contacts", open_document(tmp_path / "people.ods", [["Courriel"], ["a@ville.example"]])
    )
    assert (report.new, report.encoding) == (1, "")


def open_document(path: Path, rows: list[list[str]]) -> Path:
    """The least that LibreOffice itself would open."""
    body = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
            for cell in row
        )
        + "</table:table-row>"
        for row in rows
    )
    spaces = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{spaces}><office:body><office:spreadsheet>'
        f'<table:table table:name="A">{body}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", _MANIFEST)
        archive.writestr("content.xml", content)
    return path
