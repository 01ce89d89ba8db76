"""Changing one person at the desk: fields, subscriptions by hand, a new address, two contacts that are one."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
import requests

from mailer.app import persons
from mailer.model.accounts import Role
from mailer.store import by_hand, contacts, directory, exclusions
from tests.conftest import NOW
from tests.web.conftest import Desk
from tests.web.people import add_people

ANNE, BO, ELIE = "anne@martigues.example", "bo@martigues.example", "elie@passe.example"
NEW = "anne.aude@martigues.example"


@pytest.fixture
def network(desk: Desk, tmp_path: Path) -> Desk:
    add_people(desk.mailer, tmp_path)
    return desk


def act(desk: Desk, path: str, **values: str) -> requests.Response:
    return desk.post(desk.browser(Role.SENDER), f"/personnes/{path}", **values)


def imported_again(desk: Desk, folder: Path) -> tuple[int, int, int]:
    path = folder / "contacts.csv"
    report = desk.mailer.import_file("contacts", path, by="claude")
    return report.new, report.changed, len(report.notes)


def test_fields_are_changed_and_an_unknown_organisation_is_refused(network: Desk) -> None:
    fields = {"first_name": " Anna ", "last_name": "Aude", "job": "élue", "written_in": "en"}
    text = act(network, "modifier", address=ANNE, organisation="219733029", **fields).text
    assert "C’est noté" in text
    found = persons.find(network.mailer, ANNE)
    own = found["contact"]
    assert (own["first_name"], own["job"], own["language"]) == ("Anna", "élue", "en")
    assert found["organisation"]["name"] == "Ville de Cayenne"
    refused = act(network, "modifier", address=ANNE, organisation="Ville de Nulle Part", **fields)
    assert (refused.status_code, "aucun organisme" in refused.text) == (422, True)


def test_of_two_officers_the_later_one_writes_nothing_over(network: Desk) -> None:
    session = network.browser(Role.SENDER)
    page = network.post(session, "/personnes", wanted=ANNE).text
    (seen,) = re.findall(r'name="seen" value="([^"]+)"', page)
    fields = {"first_name": "Anne", "last_name": "Aude", "address": ANNE, "seen": seen}
    network.clock.advance(timedelta(minutes=1))
    moved = act(network, "modifier", **fields, job="presse", organisation="219733029")
    assert "C’est noté" in moved.text
    late = act(network, "modifier", **fields, job="achats", organisation="211300561")
    assert (late.status_code, "modifiée depuis" in late.text) == (422, True)
    found = persons.find(network.mailer, ANNE)
    assert (found["contact"]["job"], found["organisation"]["siren"]) == ("presse", "219733029")


def test_whoever_belongs_to_one_of_several_namesakes_stays_there(network: Desk) -> None:
    with network.mailer.store.write() as tx:
        number = contacts.find_id(tx, ANNE)
        assert number is not None
        lens = {"name": "Lens", "kind": "ville", "departement": "", "region": ""}
        bodies = [directory.create_organisation(tx, lens, at=NOW) for _ in range(4)]
        by_hand.update(tx, number, at=NOW, organisation_id=bodies[-1])
    fields = {"address": ANNE, "organisation": "Lens", "job": "élue"}
    assert act(network, "modifier", **fields).status_code == 200
    with network.mailer.store.read() as tx:
        assert (by_hand.get(tx, number).organisation_id, by_hand.get(tx, number).job) == (bodies[-1], "élue")


def test_a_subscription_by_hand_says_who_and_why_and_never_lifts_a_no(network: Desk) -> None:
    by_hand = {"address": BO, "topic": "flash"}
    assert act(network, "abonnement", **by_hand, act="join").status_code == 422
    act(network, "abonnement", **by_hand, why="appel du 12 juin", act="join")
    (*_, last) = persons.find(network.mailer, BO)["subscription_changes"]
    assert (last["state"], last["source"], last["evidence"]) == (
        "subscribed",
        "by hand: sender@reseau.example",
        "appel du 12 juin",
    )
    act(network, "abonnement", **by_hand, why="mail", act="leave")
    again = act(network, "abonnement", **by_hand, why="appel", act="join")
    assert (again.status_code, "elle seule peut revenir" in again.text) == (422, True)


def test_a_changed_address_is_a_move_and_no_file_brings_the_former_one_back(
    network: Desk, tmp_path: Path
) -> None:
    text = act(network, "adresse", address=ANNE, new=f" {NEW.upper()} ").text
    assert "Aucun fichier ne ramènera" in text
    assert imported_again(network, tmp_path) == (0, 0, 1)
    found = persons.find(network.mailer, NEW)
    assert persons.find(network.mailer, ANNE) == found
    assert persons.search(network.mailer, ANNE).people == ()
    assert found["former_addresses"] == [ANNE]
    assert {each["topic"] for each in found["subscriptions"]} == {"newsletter", "flash"}


@pytest.mark.parametrize(("new", "said"), [(BO, "Un autre contact"), ("nowhere", "adresse")])
def test_an_address_of_somebody_else_and_one_that_is_none_are_refused(
    network: Desk, new: str, said: str
) -> None:
    refused = act(network, "adresse", address=ANNE, new=new)
    assert (refused.status_code, said in refused.text) == (422, True)
    assert persons.find(network.mailer, ANNE)["former_addresses"] == []


def test_two_contacts_become_one_and_the_refusal_of_either_holds(network: Desk, tmp_path: Path) -> None:
    assert act(network, "fusionner", address=ANNE, other=ELIE).status_code == 422
    text = act(network, "fusionner", address=ANNE, other=ELIE, sure="yes").text
    assert "ne font plus qu’une personne" in text
    with network.mailer.store.read() as tx:
        assert (ANNE, "*", "complaint") in exclusions.known(tx)
    assert imported_again(network, tmp_path)[0] == 0


def test_erasing_somebody_erases_former_addresses_as_well(network: Desk, tmp_path: Path) -> None:
    act(network, "adresse", address=ANNE, new=NEW)
    persons.erase(network.mailer, NEW, by="claude")
    path = tmp_path / "contacts.csv"
    report = network.mailer.import_file("contacts", path, by="claude")
    assert [each.reason for each in report.rejected] == ["erased"]


def test_people_are_found_by_organisation_and_page_by_page(network: Desk, tmp_path: Path) -> None:
    lines = "".join(f"p{n:02}@ville.example;Nom{n:02}\n" for n in range(25))
    path = tmp_path / "many.csv"
    path.write_text("Courriel;Nom\n" + lines, "utf-8")
    network.mailer.import_file("contacts", path, by="claude")
    session = network.browser(Role.WRITER)
    first = network.post(session, "/personnes", wanted="@ville.example").text
    assert ("Nom00" in first, "Nom24" in first) == (True, False)
    assert "Nom24" in network.post(session, "/personnes", wanted="@ville.example", page="2").text
    assert "Aude" in network.post(session, "/personnes", wanted="de martigues").text
