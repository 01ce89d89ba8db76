"""What an import of contacts may change, and what it never does."""

from pathlib import Path

import pytest
from sqlalchemy import select

from mailer.model.columns import table
from mailer.model.people import (
    EVERYTHING,
    Contact,
    ExclusionReason,
    Organisation,
    Subscription,
    SubscriptionState,
)
from mailer.model.segment import Segment
from mailer.segments import resolve
from mailer.store import Store, consents, exclusions, subscriptions
from tests.conftest import NOW
from tests.importing.files import imported, told, written

HEADINGS = "Courriel;Prénom;Nom;SIREN;Newsletter;Flash hebdo;Mesure d'ouverture;Source;Date d'inscription"
SIREN = "211300561"


def contacts(store: Store, folder: Path, *lines: str, dry_run: bool = False):  # type: ignore[no-untyped-def]
    return imported(store, "contacts", written(folder, "\n".join((HEADINGS, *lines, ""))), dry_run=dry_run)


def stored(store: Store, model: type) -> list[dict[str, object]]:
    with store.read() as tx:
        return [dict(row._mapping) for row in tx.execute(select(table(model)).order_by(table(model).c.id))]


def test_a_line_becomes_a_contact_with_its_proofs(store: Store, tmp_path: Path) -> None:
    contacts(store, tmp_path, "a@ville.example;Anne;Aude;;oui;non;oui;Salon;03/05/2024")
    (person,) = stored(store, Contact)
    assert (person["first_name"], person["last_name"], person["tracking"]) == ("Anne", "Aude", "granted")
    assert str(person["registered_on"]) == "2024-05-03"
    (change,) = told(store, subscriptions.log())
    assert (change["topic"], change["state"], change["source"], change["evidence"]) == (
        "newsletter",
        "subscribed",
        "import file.csv",
        "Salon",
    )
    (answer,) = told(store, consents.log())
    assert (answer["state"], answer["source"]) == ("granted", "import file.csv")


def test_a_filled_field_is_not_emptied(store: Store, tmp_path: Path) -> None:
    contacts(store, tmp_path, "a@ville.example;Anne;Aude;;oui;;;Salon;03/05/2024")
    report = contacts(store, tmp_path, "a@ville.example;;Autre;;;;;Congrès;04/05/2024")
    assert (report.new, report.changed, report.unchanged) == (0, 1, 0)
    (person,) = stored(store, Contact)
    assert (person["first_name"], person["last_name"]) == ("Anne", "Autre")
    assert (person["source"], str(person["registered_on"])) == ("Salon", "2024-05-03")


def test_a_refused_consent_stays_refused(store: Store, tmp_path: Path) -> None:
    contacts(store, tmp_path, "a@ville.example;;;;oui;;non;;")
    report = contacts(store, tmp_path, "a@ville.example;;;;oui;;oui;;")
    assert (report.changed, report.unchanged) == (0, 1)
    assert [person["tracking"] for person in stored(store, Contact)] == ["denied"]
    assert [answer["state"] for answer in told(store, consents.log())] == ["denied"]


def test_a_withdrawn_consent_is_taken_and_logged(store: Store, tmp_path: Path) -> None:
    contacts(store, tmp_path, "a@ville.example;;;;oui;;oui;;")
    assert contacts(store, tmp_path, "a@ville.example;;;;oui;;non;;").changed == 1
    assert [answer["state"] for answer in told(store, consents.log())] == ["granted", "denied"]


def test_of_two_answers_in_one_file_the_refusal_holds(store: Store, tmp_path: Path) -> None:
    for answers in ("oui", "non"), ("non", "oui"):
        address = f"{answers[0]}@ville.example"
        contacts(store, tmp_path, *(f"{address};;;;oui;;{answer};;" for answer in answers))
    assert {person["tracking"] for person in stored(store, Contact)} == {"denied"}


def test_an_unsubscription_stays(store: Store, tmp_path: Path) -> None:
    contacts(store, tmp_path, "a@ville.example;;;;oui;;;;")
    (person,) = stored(store, Contact)
    with store.write() as tx:
        subscriptions.set_state(
            tx,
            contact_id=int(str(person["id"])),
            topic="newsletter",
            state=SubscriptionState.UNSUBSCRIBED,
            at=NOW,
            source="one click",
        )
    report = contacts(store, tmp_path, "a@ville.example;;;;oui;;;;")
    assert (report.changed, report.unchanged) == (0, 1)
    assert [row["state"] for row in stored(store, Subscription)] == ["unsubscribed"]


@pytest.mark.parametrize("reason", list(ExclusionReason))
def test_no_file_lifts_an_exclusion(store: Store, tmp_path: Path, reason: ExclusionReason) -> None:
    """I11, whatever its columns say."""
    with store.write() as tx:
        exclusions.add(
            tx, address="a@ville.example", scope=EVERYTHING, reason=reason.value, at=NOW, source="x"
        )
        before = exclusions.known(tx)
    for _ in range(2):
        contacts(store, tmp_path, "a@ville.example;Anne;Aude;;oui;oui;oui;Salon;03/05/2024")
    with store.read() as tx:
        assert exclusions.known(tx) == before
        found = resolve(tx, Segment("s", "S", Path("s.toml")), topic="newsletter", day=NOW.date())
        assert found.count == 0


def test_a_second_topic_is_a_change(store: Store, tmp_path: Path) -> None:
    contacts(store, tmp_path, "a@ville.example;;;;oui;;;;")
    report = contacts(store, tmp_path, "a@ville.example;;;;oui;oui;;;")
    assert (report.changed, report.unchanged) == (1, 0)
    assert [row["topic"] for row in stored(store, Subscription)] == ["newsletter", "flash"]


def test_a_dry_run_counts_changes_and_writes_nothing(store: Store, tmp_path: Path) -> None:
    contacts(store, tmp_path, "a@ville.example;Anne;;;oui;;;;")
    report = contacts(
        store, tmp_path, "a@ville.example;Anna;;;oui;;;;", "b@ville.example;;;;oui;;;;", dry_run=True
    )
    assert (report.new, report.changed) == (1, 1)
    assert [person["first_name"] for person in stored(store, Contact)] == ["Anne"]


def test_an_unknown_siren_is_said_and_the_person_taken(store: Store, tmp_path: Path) -> None:
    report = contacts(store, tmp_path, f"a@ville.example;;;{SIREN};oui;;;;")
    assert (report.new, [note.reason for note in report.notes]) == (1, ["unknown-organisation"])


def test_an_organisation_found_later_is_a_change(store: Store, tmp_path: Path) -> None:
    contacts(store, tmp_path, f"a@ville.example;;;{SIREN};oui;;;;")
    imported(store, "organisations", written(tmp_path, f"siren;nom\n{SIREN};Martigues\n"))
    assert contacts(store, tmp_path, f"a@ville.example;;;{SIREN};oui;;;;").changed == 1
    (person,), (organisation,) = stored(store, Contact), stored(store, Organisation)
    assert person["organisation_id"] == organisation["id"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("a@ville.example;;;123456789;;;;;", "siren"),
        ("a@ville.example;;;;peut-être;;;;", "yes-no"),
        ("a@ville.example;;;;;;;;31/02/2024", "date"),
        ("a@ville.example;;;;;;;;2024-01-01x", "date"),
        ("a@ville.example;An\x07ne;;;;;;;", "control-character"),
        ("a@ville.example;;;;;;;;;;surplus", "too-many-cells"),
        (f"a@ville.example;{'x' * 10_001};;;;;;;", "too-long"),
        ('a@ville.example;"Anne;;;;;;;', "quotes"),
        (";Anne;;;;;;;", "address-empty"),
    ],
)
def test_a_bad_line_is_named_and_its_neighbour_taken(
    store: Store, tmp_path: Path, line: str, reason: str
) -> None:
    report = contacts(store, tmp_path, line, "b@ville.example;;;;oui;;;;")
    assert [(each.line, each.reason) for each in report.rejected] == [(2, reason)]
    assert report.new == 1


def test_of_two_headings_of_one_meaning_the_better_counts(store: Store, tmp_path: Path) -> None:
    path = written(tmp_path, "Adresse;Courriel;Nom\n1 rue de la Mairie;a@ville.example;B\n")
    report = imported(store, "contacts", path)
    assert (report.new, report.ignored_columns) == (1, ("Adresse",))
