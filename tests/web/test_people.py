"""One person: found without an address in a URL, given everything that is known, erased for good."""

import json
from itertools import count
from pathlib import Path

import pytest
import requests
from sqlalchemy import select

from mailer.app import persons
from mailer.errors import NotFoundError, RefusedError
from mailer.model.accounts import Role
from mailer.model.columns import metadata, table
from mailer.model.ledger import Delivery, DeliveryState
from mailer.model.mail import Person
from mailer.model.people import Exclusion
from mailer.store import exclusions, proofs, signups
from mailer.subscribing import Wish
from mailer.tokens import Purpose
from tests.conftest import NOW
from tests.tracking.ledger import Ledger
from tests.web.conftest import Desk
from tests.web.people import CONTACTS, add_people

ANNE = "anne@martigues.example"
LETTER = "newsletter/2026-05"


@pytest.fixture
def network(desk: Desk, tmp_path: Path) -> Desk:
    add_people(desk.mailer, tmp_path)
    return desk


def found(desk: Desk, wanted: str, role: Role = Role.WRITER) -> requests.Response:
    return desk.post(desk.browser(role), "/personnes", wanted=wanted)


def everything(desk: Desk) -> str:
    """Every value of every table."""
    with desk.mailer.store.read() as tx:
        return "\n".join(str(row) for each in metadata.sorted_tables for row in tx.execute(select(each)))


def delivered(desk: Desk, address: str, state: DeliveryState = DeliveryState.ACCEPTED) -> int:
    ledger = Ledger(desk.mailer.store, desk.mailer.signer, NOW, count(sum(address.encode())))
    with desk.mailer.store.read() as tx:
        contact = metadata.tables["contact"]
        person = tx.execute(select(contact.c.id).where(contact.c.address == address)).scalar_one()
    delivery = ledger.deliver(ledger.send(), person)
    with desk.mailer.store.write() as tx:
        own = table(Delivery)
        tx.execute(own.update().where(own.c.id == delivery.id).values(address=address, state=state.value))
    assert delivery.id is not None
    return delivery.id


def test_a_person_is_found_by_address_however_it_is_written(network: Desk) -> None:
    text = found(network, " Anne@Martigues.example ").text
    assert "Ville de Martigues" in text
    assert "Salon" in text
    assert "import contacts.csv" in text
    assert ">a accepté<" in text


def test_an_excluded_person_has_date_reason_and_source(network: Desk) -> None:
    text = found(network, "elie@passe.example").text
    assert "exclusions.csv" in text
    assert "2 janvier 2026" in text


def test_a_name_gives_a_list_of_hostile_texts_as_text(network: Desk) -> None:
    text = found(network, "BO").text
    assert "&lt;b&gt;Bo&lt;/b&gt; =1+1" in text
    assert "<b>Bo" not in text
    for nobody in ("%", "_", "zz"):
        assert found(network, nobody).status_code == 404


@pytest.mark.parametrize(("wanted", "status"), [("nobody@ville.example", 404), ("a@b@c", 422), ("", 404)])
def test_nobody_found_is_said_with_what_was_typed(network: Desk, wanted: str, status: int) -> None:
    answer = found(network, wanted)
    assert (answer.status_code, f'value="{wanted}"' in answer.text) == (status, True)


def test_the_export_is_readable_and_whole(network: Desk) -> None:
    delivered(network, ANNE)
    answer = network.post(network.browser(Role.SENDER), "/personnes/export", address=ANNE)
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "martigues" not in answer.headers["Content-Disposition"]
    data = json.loads(answer.text)
    assert (data["contact"]["first_name"], data["organisation"]["name"]) == ("Anne", "Ville de Martigues")
    assert [each["topic"] for each in data["subscriptions"]] == ["newsletter", "flash"]
    assert [each["state"] for each in data["consents"]] == ["granted"]
    assert [(each["campaign"], each["state"]) for each in data["letters"]] == [("flash", "accepted")]


def test_an_erased_person_is_nowhere_and_the_count_stays(network: Desk) -> None:
    kept = delivered(network, ANNE)
    administrator = network.browser()
    answer = network.post(administrator, "/personnes/effacer", address=ANNE, sure="yes")
    assert answer.headers["Location"] == "/personnes?fait=efface"
    assert ANNE not in everything(network)
    assert "Aude" not in everything(network)
    with network.mailer.store.read() as tx:
        own = table(Delivery)
        row = tx.execute(select(own).where(own.c.id == kept)).one()
    assert (row.state, row.contact_id < 0, row.address[:5]) == ("accepted", True, "hmac:")
    assert "effacée à sa demande" in found(network, ANNE).text


def test_who_read_a_proof_is_told_so_and_then_forgotten(network: Desk) -> None:
    reviews = network.mailer.reviews
    reviews.send_proofs(LETTER, to=[ANNE], by="claude", person=Person, with_link=True)
    told = persons.find(network.mailer, ANNE)["proofs"]
    assert [each["letter"] for each in told] == [LETTER, LETTER]
    persons.erase(network.mailer, ANNE, by="claude")
    assert ANNE not in everything(network)
    with network.mailer.store.read() as tx:
        assert all(each.withdrawn_at for each in proofs.links_of(tx, campaign="newsletter", issue="2026-05"))


def test_an_erased_contact_who_has_an_account_keeps_what_is_the_accounts(network: Desk) -> None:
    network.browser(Role.WRITER)
    staff = "writer@reseau.example"
    network.mailer.reviews.send_proofs(LETTER, to=[staff], by="claude", person=Person, with_link=True)
    with pytest.raises(NotFoundError):
        persons.erase(network.mailer, staff, by="claude")
    with network.mailer.store.read() as tx:
        assert [each.reader for each in proofs.links_to(tx, [staff])] == [staff]


def test_an_erased_person_is_not_brought_back_by_a_file(network: Desk, tmp_path: Path) -> None:
    persons.erase(network.mailer, ANNE, by="claude")
    path = tmp_path / "again.csv"
    path.write_text(CONTACTS, "utf-8")
    report = network.mailer.import_file("contacts", path, by="claude")
    assert [each.reason for each in report.rejected] == ["erased"]
    assert ANNE not in everything(network)


def test_a_planned_copy_is_left_out_and_one_under_way_is_waited_for(network: Desk) -> None:
    planned = delivered(network, ANNE, DeliveryState.PLANNED)
    persons.erase(network.mailer, ANNE, by="claude")
    with network.mailer.store.read() as tx:
        own = table(Delivery)
        row = tx.execute(select(own).where(own.c.id == planned)).one()
    assert (row.state, row.reason) == ("excluded", "erased")
    delivered(network, "cleo@cayenne.example", DeliveryState.POSTING)
    with pytest.raises(RefusedError):
        persons.erase(network.mailer, "cleo@cayenne.example", by="claude")
    assert persons.find(network.mailer, "cleo@cayenne.example")


def test_without_the_tick_nothing_is_erased(network: Desk) -> None:
    assert network.post(network.browser(), "/personnes/effacer", address=ANNE).status_code == 422
    assert persons.find(network.mailer, ANNE)["contact"]


def test_erasing_nobody_keeps_no_trace(network: Desk) -> None:
    with pytest.raises(NotFoundError):
        persons.erase(network.mailer, "nobody@ville.example", by="claude")
    with network.mailer.store.read() as tx:
        assert [row.reason for row in tx.execute(select(table(Exclusion)))] == ["complaint"]


def test_somebody_who_has_only_asked_to_sign_up_is_found_and_erased(desk: Desk) -> None:
    desk.mailer.signups.ask(Wish("alix@ville.example", ("newsletter",), "fr"))
    session = desk.browser()
    page = desk.post(session, "/personnes", wanted="alix@ville.example")
    assert page.status_code == 200
    assert "Demandes d’inscription" in page.text
    assert (
        desk.post(session, "/personnes/effacer", address="alix@ville.example", sure="yes").status_code == 303
    )
    assert desk.post(session, "/personnes", wanted="alix@ville.example").status_code == 404


def test_an_excluded_address_without_a_contact_has_its_page(desk: Desk) -> None:
    with desk.mailer.store.write() as tx:
        exclusions.add(tx, address="bo@ville.example", scope="*", reason="by_hand", at=NOW, source="register")
    page = desk.post(desk.browser(), "/personnes", wanted="bo@ville.example")
    assert (page.status_code, "register" in page.text) == (200, True)


def test_what_somebody_named_at_their_sign_up_is_shown_as_text(desk: Desk) -> None:
    desk.mailer.signups.ask(Wish("alix@ville.example", ("flash",), "fr", "<b>Ville</b>"))
    with desk.mailer.store.read() as tx:
        (asked,) = signups.waiting(tx, at=NOW, limit=1)
    token = desk.mailer.signer.sign(Purpose.CONFIRM, asked.key.encode())
    desk.mailer.signups.confirm(token, shown="Je veux.", accepts_measure=False)
    text = desk.post(desk.browser(), "/personnes", wanted="alix@ville.example").text
    assert "non vérifié" in text
    assert "&lt;b&gt;Ville&lt;/b&gt;" in text
    assert "<b>Ville" not in text
