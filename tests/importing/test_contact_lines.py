"""A line says the same whether its texts were met before or not; a file is read line by line."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from mailer.importing import read_table
from mailer.importing.columns import Columns
from mailer.importing.contact_lines import ContactLines, Known
from mailer.importing.contacts import COLUMNS, REQUIRED
from mailer.importing.erasures import Erasures
from mailer.importing.report import Findings, Rejected
from mailer.importing.table import Record, Table
from mailer.model.people import Contact
from mailer.store import Store
from mailer.store.contact_stage import Row
from tests.importing.files import imported, written
from tests.importing.test_contacts import HEADINGS, contacts, stored

KNOWN_SIREN, OTHER_SIREN = "211300561", "200054781"
NAMES = (
    "Courriel",
    "Prénom",
    "Nom",
    "Fonction",
    "SIREN",
    "Date d'inscription",
    "Source",
    "Mesure d'ouverture",
    "Flash",
    "Collectivité",
)


class NobodyErased(Erasures):
    """Without a database: one address belongs to somebody who was erased."""

    def __init__(self) -> None:
        pass

    def know(self, address: str) -> bool:
        return address == "gone@ville.example"


def read(lines: list[tuple[int, tuple[str, ...]]]) -> tuple[list[Row], list[Rejected], list[Rejected]]:
    """The rows of a file of these lines, what is rejected and what is remarked."""
    table = Table("f.csv", NAMES, lambda: (Record(number, cells) for number, cells in lines))
    columns = Columns(table, {**COLUMNS, "flash": ("flash",)}, required=REQUIRED)
    moved = {"former@ville.example": "present@ville.example"}
    known = Known({KNOWN_SIREN: 7}, NobodyErased(), moved, names={"martigues": 8})
    found = ContactLines(columns, findings := Findings(), known=known, topics={"flash": "flash"})
    return list(found.rows()), findings.rejected, findings.notes


_CELLS = st.tuples(
    st.sampled_from(
        ["a@ville.example", " B@ville.example;", "former@ville.example", "gone@ville.example", "a@b", ""]
    ),
    st.sampled_from(["Anne", " Anne ", "An  ne", "An\x07ne"]),
    st.sampled_from(["Aude", ""]),
    st.just("élu·e"),
    st.sampled_from([KNOWN_SIREN, f" {KNOWN_SIREN}", "211 300 561", OTHER_SIREN, "123456789", ""]),
    st.sampled_from(["03/05/2024", "2024-05-03", "31/02/2024", ""]),
    st.just("salon"),
    st.sampled_from(["oui", "OUI ", "non", "peut-être", ""]),
    st.sampled_from(["oui", "non", "x", "?", ""]),
    st.sampled_from(["Martigues", " MARTIGUES", "Lens", "Le\x07ns", ""]),
)


@given(st.lists(st.tuples(_CELLS, st.integers(0, 9)), max_size=12))
def test_a_line_means_the_same_alone_and_behind_others(drawn: list[tuple[tuple[str, ...], int]]) -> None:
    """Alone, nothing of it is known before: it takes the long way."""
    lines = [(number, cells[: len(cells) - cut]) for number, (cells, cut) in enumerate(drawn, 2)]
    alone = [read([line]) for line in lines]
    rows, rejected, notes = read(lines)
    assert rows == [row for each in alone for row in each[0]]
    assert rejected == [each for found in alone for each in found[1]]
    assert notes == [each for found in alone for each in found[2]]


def test_later_lines_fill_what_the_first_left_empty(store: Store, tmp_path: Path) -> None:
    imported(store, "organisations", written(tmp_path, f"siren;nom\n{KNOWN_SIREN};Martigues\n"))
    report = contacts(
        store, tmp_path,
        "a@ville.example;;Aude;;oui;;;;",
        "b@ville.example;Bo;;;;;;;",
        f"A@ville.example;Anne;Autre;{KNOWN_SIREN};;oui;oui;;04/05/2024",
        f"a@ville.example;Anna;;{KNOWN_SIREN};;;non;Salon;03/05/2024",
    )  # fmt: skip
    assert (report.new, report.duplicates) == (2, 2)
    first, second = stored(store, Contact)
    assert (first["first_name"], first["last_name"], first["source"]) == ("Anne", "Aude", "Salon")
    assert (str(first["registered_on"]), first["tracking"]) == ("2024-05-04", "denied")
    assert first["organisation_id"] is not None
    assert second["first_name"] == "Bo"


def test_an_unknown_organisation_is_no_empty_cell(store: Store, tmp_path: Path) -> None:
    imported(store, "organisations", written(tmp_path, f"siren;nom\n{KNOWN_SIREN};Martigues\n"))
    contacts(
        store, tmp_path, f"a@ville.example;;;{OTHER_SIREN};;;;;", f"a@ville.example;;;{KNOWN_SIREN};;;;;"
    )
    (person,) = stored(store, Contact)
    assert person["organisation_id"] is None


def test_a_file_is_read_as_often_as_it_is_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path, f"{HEADINGS}\na@ville.example;Élise\n", encoding="cp1252")
    table = read_table(path)
    path.unlink()
    assert [list(table.records()) for _ in range(2)] == [[Record(2, ("a@ville.example", "Élise"))]] * 2


def test_an_organisation_is_found_by_a_name_that_it_alone_bears_where_there_is_no_siren(
    store: Store, tmp_path: Path
) -> None:
    towns = f"siren;nom\n{KNOWN_SIREN};Ville de Saint-Cloud\n{OTHER_SIREN};Lens\n;Lens-sur-Mer\n"
    imported(store, "organisations", written(tmp_path, towns + "219300662;LENS\n"))
    lines = [
        "a;ville de Saint Cloud;",
        "b;Lens;",
        "c;Lens-sur-Mer;",
        "d;Nulle part;",
        f"e;Lens;{KNOWN_SIREN}",
    ]
    lines += ["f;Nulle part;", "g;Ville de Saint-Cloud;", "h;;"]
    text = "".join(f"{line[0]}@ville.example{line[1:]}\n" for line in lines)
    report = imported(store, "contacts", written(tmp_path, "Courriel;Collectivité;SIREN\n" + text))
    assert [each["organisation_id"] for each in stored(store, Contact)] == [
        1,
        None,
        3,
        None,
        1,
        None,
        1,
        None,
    ]
    assert [(each.line, each.reason) for each in report.notes] == [
        (line, "organisation-name") for line in (3, 5, 7)
    ]
    assert report.unknown_organisations == 3
