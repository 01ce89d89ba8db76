"""Organisations are found again, keep what a file does not say, and have several periods of membership."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import select, text

from mailer.importing import ImportReport, import_organisations, read_table
from mailer.model.columns import table
from mailer.model.people import Membership, Organisation
from mailer.store import Store
from tests.conftest import NOW
from tests.importing.files import imported, written

WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
HEADINGS = "siren;nom;type;region;population;adhesion_depuis;adhesion_jusque"
LINE = "211300561;Ville de Martigues;ville;Occitanie;48 298;2014-01-01;"


def organisations(store: Store, folder: Path, *lines: str, headings: str = HEADINGS) -> ImportReport:
    return imported(store, "organisations", written(folder, "\n".join((headings, *lines, ""))))


def rows(store: Store, model: type, *names: str) -> list[tuple[object, ...]]:
    columns = table(model).c
    with store.read() as tx:
        found = tx.execute(select(*(columns[name] for name in names)).order_by(columns.id))
        return [tuple(str(value) if value is not None else None for value in row) for row in found]


def test_what_a_file_does_not_say_stays(store: Store, tmp_path: Path) -> None:
    organisations(store, tmp_path, LINE)
    report = organisations(store, tmp_path, "211300561;Martigues", headings="siren;nom")
    assert report.changed == 1
    assert rows(store, Organisation, "name", "kind", "region", "population") == [
        ("Martigues", "ville", "Occitanie", "48298")
    ]


def test_an_organisation_that_left_and_came_back_has_two_periods(store: Store, tmp_path: Path) -> None:
    lines = (
        "211300561;Martigues;;;;2010-01-01;2012-12-31",
        "211300561;Martigues;;;;2014-01-01;",
    )
    report = organisations(store, tmp_path, *lines)
    assert (report.new, report.duplicates) == (1, 1)
    assert rows(store, Membership, "from_on", "until_on") == [
        ("2010-01-01", "2012-12-31"),
        ("2014-01-01", None),
    ]
    assert organisations(store, tmp_path, *lines).unchanged == 1


def test_an_ended_membership_is_a_change(store: Store, tmp_path: Path) -> None:
    organisations(store, tmp_path, LINE)
    assert organisations(store, tmp_path, LINE + "2026-01-31").changed == 1
    assert rows(store, Membership, "from_on", "until_on") == [("2014-01-01", "2026-01-31")]


def test_a_number_given_later_belongs_to_the_namesake(store: Store, tmp_path: Path) -> None:
    organisations(store, tmp_path, "Pays des Lacs", headings="nom")
    report = organisations(store, tmp_path, "211300561;Pays des Lacs", headings="siren;nom")
    assert (report.new, report.changed) == (0, 1)
    assert rows(store, Organisation, "siren") == [("211300561",)]


def test_namesakes_with_two_numbers_are_two(store: Store, tmp_path: Path) -> None:
    report = organisations(
        store, tmp_path, "211300561;Saint-Denis", "219733029;Saint-Denis", headings="siren;nom"
    )
    assert report.new == 2


def test_a_period_that_ends_before_it_begins_is_rejected(store: Store, tmp_path: Path) -> None:
    report = organisations(store, tmp_path, "211300561;Martigues;;;;2014-01-01;2013-01-01")
    assert [each.reason for each in report.rejected] == ["period"]


def test_a_file_without_a_last_day_reopens_no_membership(store: Store, tmp_path: Path) -> None:
    organisations(store, tmp_path, LINE + "2026-05-31")
    for headings, line in (
        ("siren;nom;adhesion_depuis", "211300561;Ville de Martigues;2014-01-01"),
        (HEADINGS, LINE),
    ):
        report = organisations(store, tmp_path, line, headings=headings)
        assert (report.changed, report.unchanged) == (0, 1)
        assert [(each.line, each.reason) for each in report.notes] == [(2, "ended")]
    assert rows(store, Membership, "from_on", "until_on") == [("2014-01-01", "2026-05-31")]


def test_a_change_beside_an_ended_membership_leaves_it_ended(store: Store, tmp_path: Path) -> None:
    organisations(store, tmp_path, LINE + "2026-05-31")
    report = organisations(
        store, tmp_path, LINE.replace("Occitanie", "Sud"), "211300561;;;;;2026-09-01;2027-12-31"
    )
    assert (report.changed, [each.reason for each in report.rejected]) == (1, ["name-empty"])
    assert rows(store, Organisation, "region") == [("Sud",)]
    assert rows(store, Membership, "from_on", "until_on") == [("2014-01-01", "2026-05-31")]


def test_a_new_period_makes_a_member_again_and_another_last_day_is_a_change(
    store: Store, tmp_path: Path
) -> None:
    organisations(store, tmp_path, LINE + "2026-05-31")
    report = organisations(store, tmp_path, LINE + "2026-06-30", LINE.replace("2014-01-01", "2026-09-01"))
    assert (report.changed, report.notes) == (1, ())
    assert rows(store, Membership, "from_on", "until_on") == [
        ("2014-01-01", "2026-06-30"),
        ("2026-09-01", None),
    ]


def test_of_two_lines_of_one_period_the_one_with_a_last_day_counts(store: Store, tmp_path: Path) -> None:
    organisations(store, tmp_path, LINE + "2026-05-31", LINE)
    assert rows(store, Membership, "from_on", "until_on") == [("2014-01-01", "2026-05-31")]


def test_a_period_over_another_one_is_rejected_and_an_end_ends_the_membership(
    store: Store, tmp_path: Path
) -> None:
    """The first day was mended in the spreadsheet: two open periods would be, of which only one is ever ended."""
    organisations(store, tmp_path, LINE)
    report = organisations(store, tmp_path, LINE.replace("2014-01-01", "2014-02-01"))
    assert [(each.line, each.reason) for each in report.rejected] == [(2, "overlap")]
    assert rows(store, Membership, "from_on", "until_on") == [("2014-01-01", None)]


def test_what_the_file_ends_makes_room_for_what_it_begins(store: Store, tmp_path: Path) -> None:
    organisations(store, tmp_path, LINE)
    lines = (LINE.replace("2014-01-01", "2026-01-01"), LINE, LINE + "2025-12-31")
    report = organisations(store, tmp_path, *lines)
    assert (report.changed, report.rejected) == (1, ())
    assert rows(store, Membership, "from_on", "until_on") == [
        ("2014-01-01", "2025-12-31"),
        ("2026-01-01", None),
    ]
    longer = organisations(store, tmp_path, LINE + "2026-01-01")
    assert [each.reason for each in longer.rejected] == ["overlap"]


def test_two_periods_of_a_new_organisation_stand_side_by_side(store: Store, tmp_path: Path) -> None:
    report = organisations(store, tmp_path, LINE, LINE.replace("2014-01-01", "2020-01-01"))
    assert [each.line for each in report.rejected] == [3]


def test_of_two_files_at_once_the_second_finds_what_the_first_brings(
    postgresql_store: Store, tmp_path: Path
) -> None:
    store, path = postgresql_store, written(tmp_path, f"{HEADINGS}\n{LINE}\n")
    with ThreadPoolExecutor(1) as pool:
        with store.write() as tx:
            import_organisations(tx, read_table(path), at=NOW, by="claude")
            later = pool.submit(imported, store, "organisations", path)
            while not tx.execute(WAITING).scalar_one():
                pass
        assert (later.result().new, later.result().unchanged) == (0, 1)
