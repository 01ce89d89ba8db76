"""Organisations of one name: what cannot be told apart is not guessed, and the same file again changes nothing."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from mailer.importing import IMPORTS, ImportReport, read_table, undo_import
from mailer.model.columns import table
from mailer.model.people import ImportRun, Membership, Organisation
from mailer.store import Store
from tests.conftest import NOW
from tests.importing.files import written
from tests.importing.test_undoing import rows

HOUR = timedelta(hours=1)
BODIES = (Organisation, Membership)
NAMESAKES = "siren;nom\n219300662;Saint-Denis\n219740115;Saint-Denis\n"
MARTIGUES = "siren;nom\n211300561;Martigues\n"
UNSAID = "nom;adhesion_depuis\nSaint-Denis;2020-01-01\n"
#: What is known, and a file of which two lines may be about one organisation.
FILES = [
    ("", "siren;nom;adhesion_depuis\n211300561;Martigues;2014-01-01\n;Martigues;2015-01-01\n"),
    ("", "siren;nom;adhesion_depuis\n;Martigues;2015-01-01\n211300561;Martigues;2014-01-01\n"),
    (
        "nom\nMartigues\n",
        "siren;nom;adhesion_depuis\n;Martigues;2015-01-01\n211300561;Martigues;2014-01-01\n",
    ),
    (MARTIGUES, "siren;nom\n211300561;Ville de Martigues\n;Martigues\n"),
    ("nom\nSaint-Denis\n", NAMESAKES),
    ("nom\nSaint-Denis\n", NAMESAKES + ";Saint-Denis\n"),
    (NAMESAKES, UNSAID),
    (NAMESAKES, "siren;nom;adhesion_depuis\n219300662;Saint-Denis (93);\n;Saint-Denis;2020-01-01\n"),
    (MARTIGUES + ";Istres\n", "siren;nom\n211300561;Istres\n219300662;Istres\n;Istres\n"),
]


def run(store: Store, folder: Path, text: str, *, hours: int = 0) -> tuple[ImportReport, int]:
    with store.write() as tx:
        table_ = read_table(written(folder, text))
        report = IMPORTS["organisations"](tx, table_, at=NOW + hours * HOUR, by="claude")
        runs = table(ImportRun).c.id
        return report, int(tx.execute(select(runs).order_by(runs.desc()).limit(1)).scalar_one())


def bodies(store: Store) -> list[tuple[object, object]]:
    found, _ = rows(store, *BODIES)
    return [(each["siren"], each["name"]) for each in found]


@pytest.mark.parametrize(("known", "text"), FILES)
def test_the_same_file_again_changes_nothing(store: Store, tmp_path: Path, known: str, text: str) -> None:
    if known:
        run(store, tmp_path, known)
    first, _ = run(store, tmp_path, text, hours=1)
    before = rows(store, *BODIES)
    again, _ = run(store, tmp_path, text, hours=2)
    assert (again.new, again.changed, again.rejected) == (0, 0, first.rejected)
    assert rows(store, *BODIES) == before


@pytest.mark.parametrize(("known", "text"), FILES)
def test_the_undone_file_leaves_nothing_behind(store: Store, tmp_path: Path, known: str, text: str) -> None:
    if known:
        run(store, tmp_path, known)
    before = rows(store, *BODIES)
    report, number = run(store, tmp_path, text, hours=1)
    with store.write() as tx:
        if report.new or report.changed:
            assert undo_import(tx, number, at=NOW + 3 * HOUR) == 0
    assert rows(store, *BODIES) == before


def test_a_line_that_may_be_about_several_namesakes_is_rejected(store: Store, tmp_path: Path) -> None:
    run(store, tmp_path, NAMESAKES)
    before = rows(store, *BODIES)
    report, _ = run(store, tmp_path, UNSAID, hours=1)
    assert [(each.line, each.column, each.reason, each.value) for each in report.rejected] == [
        (2, "nom", "namesakes", "Saint-Denis")
    ]
    assert rows(store, *BODIES) == before


def test_rejected_lines_are_told_in_the_order_of_the_file(store: Store, tmp_path: Path) -> None:
    run(store, tmp_path, NAMESAKES)
    report, _ = run(store, tmp_path, "siren;nom\n;Saint-Denis\n12;Istres\n", hours=1)
    assert [(each.line, each.reason) for each in report.rejected] == [(2, "namesakes"), (3, "siren")]


def test_a_line_without_siren_is_about_the_one_of_its_name(store: Store, tmp_path: Path) -> None:
    text = (
        "siren;nom;type;adhesion_depuis;adhesion_jusque\n"
        ";Martigues;;2015-01-01;\n211300561;Martigues;ville;2014-01-01;2014-06-30\n"
    )
    report, _ = run(store, tmp_path, text)
    assert (report.new, report.duplicates) == (1, 1)
    organisations, memberships = rows(store, *BODIES)
    assert [each["siren"] for each in organisations] == ["211300561"]
    assert sorted(str(each["from_on"]) for each in memberships) == ["2014-01-01", "2015-01-01"]


def test_of_two_numbers_for_one_name_nobody_knows_which_it_has(store: Store, tmp_path: Path) -> None:
    run(store, tmp_path, "nom\nSaint-Denis\n")
    report, _ = run(store, tmp_path, NAMESAKES, hours=1)
    assert (report.new, report.changed) == (2, 0)
    assert bodies(store) == [
        (None, "Saint-Denis"),
        ("219300662", "Saint-Denis"),
        ("219740115", "Saint-Denis"),
    ]


def test_a_membership_of_a_new_organisation_without_siren_is_written(store: Store, tmp_path: Path) -> None:
    run(store, tmp_path, MARTIGUES)
    text = "siren;nom;adhesion_depuis\n211300561;Ville de Martigues;\n;Martigues;2020-01-01\n"
    run(store, tmp_path, text, hours=1)
    assert bodies(store) == [("211300561", "Ville de Martigues"), (None, "Martigues")]
    organisations, memberships = rows(store, *BODIES)
    assert [each["organisation_id"] for each in memberships] == [organisations[1]["id"]]
