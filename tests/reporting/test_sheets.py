"""Files that people take away: no cell is a formula, French Excel reads the numbers, nobody's opens are in them."""

import csv
import io
from pathlib import Path

import pytest

from mailer.i18n import Translator
from mailer.importing import read_table
from mailer.model.series import Comparison
from mailer.reporting import comparison, exports, series, sheets, year
from mailer.reporting.sheets import Sheet
from mailer.store import Store
from tests.reporting.sent import BEGAN, Sent
from tests.reporting.test_series import add_letter

FRENCH, ENGLISH = Translator("fr"), Translator("en")
NINE = BEGAN.replace(hour=9, tzinfo=None)  # in Paris
HOSTILE = ('=HYPERLINK("x")', "+33", "-2", "@SUM(A1)", "\tx", "\rx")


def _csv(tables: list[Sheet], t: Translator = FRENCH) -> list[list[str]]:
    text = sheets.as_csv(tables, t).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";" if t.language == "fr" else ","))


def _workbook(tables: list[Sheet], folder: Path) -> Path:
    path = folder / "out.xlsx"
    path.write_bytes(sheets.as_xlsx(tables, at=BEGAN))
    return path


@pytest.mark.parametrize("cell", HOSTILE)
def test_no_cell_of_a_csv_is_a_formula(cell: str) -> None:
    rows = _csv([Sheet("=t", (cell, "b"), ((cell, 1),)), Sheet("two", ("a",), ())])
    assert all(not text.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for text in row)
    assert rows[1][0] == rows[2][0] == f"'{cell}"


def test_no_cell_of_a_workbook_is_a_formula_and_texts_stay_what_they_are(tmp_path: Path) -> None:
    import zipfile

    path = _workbook([Sheet("t", ("a",), tuple((cell,) for cell in HOSTILE[:4]))], tmp_path)
    with zipfile.ZipFile(path) as parts:
        page = parts.read("xl/worksheets/sheet1.xml").decode()
        assert 'quotePrefix="1"' in parts.read("xl/styles.xml").decode()
    assert "<f>" not in page
    assert "hyperlink" not in page
    assert [record.cells[0] for record in read_table(path).records()] == list(HOSTILE[:4])


def test_numbers_are_written_as_excel_reads_them() -> None:
    table = [Sheet("t", ("a", "b", "c", "d"), ((37.1, -2.5, 7314, None),))]
    assert _csv(table)[1] == ["37,1", "-2,5", "7314", ""]
    assert _csv(table, ENGLISH)[1] == ["37.1", "-2.5", "7314", ""]
    assert sheets.as_csv(table, FRENCH).startswith(b"\xef\xbb\xbf")


def test_several_tables_stand_below_each_other() -> None:
    rows = _csv([Sheet("One", ("a",), (("x",),)), Sheet("Two", ("b",), ((NINE,),))])
    assert rows == [["One"], ["a"], ["x"], [], ["Two"], ["b"], ["2026-06-11 09:00"]]


def _beside(sent: Sent) -> Comparison:
    with sent.store.read() as tx:
        return comparison.compare(tx, sent.send_id, zone="Europe/Paris")


def _table(tables: list[Sheet], title: str) -> dict[object, tuple[object, ...]]:
    return {row[0]: row[1:] for table in tables if table.title == title for row in table.rows}


def test_a_report_leaves_with_its_mode_its_base_and_its_interval(store: Store) -> None:
    add_letter(store, 30, opened=40)
    sent = add_letter(store, 0, copies=300, opened=135)
    sent.add(5, "refused", reason="rejected")
    sent.clicked(0, 12)
    tables = exports.report_sheets(sent.report, _beside(sent), FRENCH)
    opens = _table(tables, "Ouvertures")
    assert opens["Copies mesurées"] == (300,)
    assert opens["Taux d’ouverture, compte large (%)"] == (45.0,)
    assert opens["Médiane, 12 mois"] == (40.0,)
    assert opens["Mesure"] == ("mesure chez les personnes qui l’ont acceptée",)
    assert opens["Intervalle, de (%)"] == (39.47,)
    figures = _table(tables, "Chiffres clés")
    assert figures["Refusés par le prestataire"][:3] == (5, 1.64, "Visés")
    assert _table(tables, "Liens")["L’agenda"] == ("https://reseau.example/agenda", 12)
    assert _table(tables, "Motifs")["Refusés par le prestataire"] == (
        "le prestataire refuse cette adresse",
        5,
    )
    assert _table(tables, "Ouvertures par heure")[NINE][0] == 135


def test_where_nothing_was_measured_the_file_says_so(store: Store) -> None:
    sent = add_letter(store, 0, tracking="none")
    tables = exports.report_sheets(sent.report, _beside(sent), FRENCH)
    assert _table(tables, "Ouvertures") == {"Mesure": ("non mesuré",), "Copies mesurées": (0,)}
    with store.read() as tx:
        [line] = exports.letters_sheet(series.letters(tx), FRENCH).rows
    assert line[11:19] == ("non mesuré", 0, None, None, "non mesuré", "non mesuré", None, None)


def test_no_file_names_a_recipient(store: Store, tmp_path: Path) -> None:
    sent = add_letter(store, 0, opened=20)
    sent.clicked(0, 3)
    with store.read() as tx:
        found = series.letters(tx)
        review = year.year_review(tx, 2026, at=BEGAN, zone="Europe/Paris")
    everything = [
        *exports.report_sheets(sent.report, _beside(sent), FRENCH),
        exports.letters_sheet(found, FRENCH),
        *exports.year_sheets(review, FRENCH),
    ]
    assert b"@" not in sheets.as_csv(everything, FRENCH)


def test_the_subject_of_a_letter_cannot_become_a_formula(store: Store, tmp_path: Path) -> None:
    sent = Sent(store, title="=cmd|' /C calc'!A0")
    sent.add(30)
    with store.read() as tx:
        table = exports.letters_sheet(series.letters(tx), FRENCH)
    assert _csv([table])[1][0] == "'=cmd|' /C calc'!A0"


@pytest.mark.parametrize("t", [FRENCH, ENGLISH], ids=["fr", "en"])
def test_every_row_is_as_wide_as_its_headings(store: Store, t: Translator, tmp_path: Path) -> None:
    add_letter(store, 20, opened=3, tracking="anonymous")
    sent = add_letter(store, 0, opened=20, cohorts=["autres", "ville"])
    sent.add(30, cohort=1)
    sent.clicked(0, 3)
    with store.read() as tx:
        review = year.year_review(tx, 2026, at=BEGAN, zone="Europe/Paris")
    everything = [*exports.report_sheets(sent.report, _beside(sent), t), *exports.year_sheets(review, t)]
    assert len(everything) == 10
    assert all(len(row) == len(table.headings) for table in everything for row in table.rows)
    assert _workbook(everything, tmp_path).stat().st_size > 0
