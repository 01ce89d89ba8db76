"""The file of rejected lines: safe in a spreadsheet, and read back it holds the same cells."""

from pathlib import Path

import pytest

from mailer.i18n import Translator
from mailer.importing import lines_to_mend, read_table
from mailer.store import Store
from tests.importing.files import imported, written


@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_was_rejected_is_mended_and_imported_again(store: Store, tmp_path: Path, language: str) -> None:
    text = 'Courriel;Prénom;=Note\na@ville.example;Anne;1\nnowhere;=1+1;"a;b"\n;Zoé;3\n'
    first = written(tmp_path, text)
    report = imported(store, "contacts", first)
    assert [each.line for each in report.rejected] == [3, 4]
    mended = "".join(lines_to_mend(read_table(first), report.rejected, Translator(language)))
    assert "'=1+1" in mended
    second = written(tmp_path, mended.replace("nowhere", "b@ville.example"), name="mended.csv")
    table = read_table(second)
    assert table.headings == ("Courriel", "Prénom", "=Note")
    assert [record.cells for record in table.records()] == [
        ("b@ville.example", "=1+1", "a;b"),
        ("", "Zoé", "3"),
    ]
    again = imported(store, "contacts", second)
    assert (again.new, [each.reason for each in again.rejected]) == (1, ["address-empty"])


def test_a_line_with_an_open_quotation_mark_can_be_mended(store: Store, tmp_path: Path) -> None:
    first = written(tmp_path, 'Courriel;Nom\na@ville.example;"Aude\nb@ville.example;Bé\n')
    report = imported(store, "contacts", first)
    assert (report.new, [each.reason for each in report.rejected]) == (1, ["quotes"])
    mended = "".join(lines_to_mend(read_table(first), report.rejected, Translator("fr")))
    (record,) = read_table(written(tmp_path, mended, name="mended.csv")).records()
    assert record.cells == ("a@ville.example", '"Aude')


def test_an_apostrophe_of_a_file_that_is_not_ours_stays(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "Courriel;Prénom\na@ville.example;'=1\n"))
    assert [record.cells for record in table.records()] == [("a@ville.example", "'=1")]
