"""A mandate ends and somebody follows: what came with the function passes, what a person said stays theirs."""

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from mailer.app import Mailer, editing, persons, successions
from mailer.app.successions import Successor
from mailer.app.undoing import undo
from mailer.clock import FixedClock
from mailer.errors import RefusedError
from mailer.model.accounts import Role
from mailer.model.columns import table
from mailer.model.people import Consent, Contact, ImportRun, Mandate, SubscriptionState, TrackingConsent
from mailer.store import by_hand, consents, contacts, imports, last_opens, mandates, subscriptions
from tests.conftest import NOW
from tests.web.conftest import Desk
from tests.web.people import add_people

HOLDER, NEW = "anne@martigues.example", "zoe@martigues.example"
ENDED, BY = "2026-06-10", "claude@reseau.example"


@pytest.fixture
def network(desk: Desk, tmp_path: Path) -> Desk:
    add_people(desk.mailer, tmp_path)
    return desk


def person(mailer: Mailer, address: str) -> dict[str, Any]:
    return persons.find(mailer, address)


def letters(mailer: Mailer, address: str) -> set[str]:
    with mailer.store.read() as tx:
        return subscriptions.topics_of(tx, address)


def say(mailer: Mailer, address: str, topic: str, *, source: str = "sign-up form") -> None:
    """The person said it themselves."""
    with mailer.store.write() as tx:
        found = contacts.find_id(tx, address)
        assert found is not None
        state = SubscriptionState.SUBSCRIBED
        subscriptions.set_state(
            tx, contact_id=found, topic=topic, state=state, at=NOW, source=source, again=True
        )


def succeed(mailer: Mailer, address: str = NEW, **values: Any) -> None:
    successions.succeed(mailer, HOLDER, ENDED, Successor(address, **values), by=BY)


def post(desk: Desk, path: str, **values: str) -> str:
    answer = desk.post(desk.browser(Role.SENDER), path, address=HOLDER, **values)
    text: Mapping[str, str] = {"text": re.sub(r"\s+", " ", answer.text.replace("\xa0", " "))}
    return text["text"]


def test_function_organisation_and_its_letters_pass_to_a_new_person(network: Desk) -> None:
    assert letters(network.mailer, HOLDER) == {"newsletter", "flash"}
    text = post(
        network, "/personnes/successeur", until_on=ENDED, successor=NEW, first_name="Zoé", last_name="Zola"
    )
    assert "La fonction est passée" in text
    new, old = person(network.mailer, NEW), person(network.mailer, HOLDER)
    assert (new["contact"]["first_name"], new["contact"]["job"]) == ("Zoé", "presse")
    assert new["organisation"]["name"] == "Ville de Martigues"
    assert letters(network.mailer, NEW) == {"newsletter", "flash"}
    assert (old["contact"]["job"], old["organisation"]) == ("", None)
    assert letters(network.mailer, HOLDER) == set()
    assert network.mailer.audience("adherents").count == 1


def test_what_the_person_asked_for_stays_theirs_and_passes_to_nobody(network: Desk) -> None:
    say(network.mailer, HOLDER, "newsletter")
    succeed(network.mailer)
    assert letters(network.mailer, HOLDER) == {"newsletter"}
    assert letters(network.mailer, NEW) == {"flash"}


def test_no_answer_about_the_measure_passes(network: Desk) -> None:
    assert person(network.mailer, HOLDER)["contact"]["tracking"] == TrackingConsent.GRANTED
    succeed(network.mailer)
    assert person(network.mailer, NEW)["contact"]["tracking"] == TrackingConsent.UNKNOWN
    assert person(network.mailer, HOLDER)["contact"]["tracking"] == TrackingConsent.GRANTED
    with network.mailer.store.read() as tx:
        answered = set(tx.execute(select(table(Consent).c.contact_id)).scalars())
        assert contacts.find_id(tx, NEW) not in answered


def test_a_no_of_the_successor_is_never_lifted(network: Desk) -> None:
    editing.unsubscribe(network.mailer, "bo@martigues.example", topic="flash", why="appel", by=BY)
    succeed(network.mailer, "bo@martigues.example")
    assert letters(network.mailer, "bo@martigues.example") == {"newsletter"}
    with network.mailer.store.write() as tx:
        holder = contacts.find_id(tx, "bo@martigues.example")
        assert holder is not None
        consents.record(tx, holder, state=TrackingConsent.DENIED, at=NOW, source="test", wording="")
    assert person(network.mailer, "bo@martigues.example")["contact"]["tracking"] == TrackingConsent.DENIED


def test_an_end_for_want_of_openings_is_no_word_of_the_successor(network: Desk) -> None:
    bo = "bo@martigues.example"
    say(network.mailer, bo, "flash")
    for topic, source in (("flash", last_opens.SOURCE), ("newsletter", "preference page")):
        with network.mailer.store.write() as tx:
            found = contacts.find_id(tx, bo)
            assert found is not None
            state = SubscriptionState.UNSUBSCRIBED
            subscriptions.set_state(tx, contact_id=found, topic=topic, state=state, at=NOW, source=source)
    succeed(network.mailer, bo)
    assert letters(network.mailer, bo) == {"flash"}


def test_somebody_of_another_organisation_follows_only_if_they_leave_it(network: Desk) -> None:
    with pytest.raises(RefusedError, match="another organisation"):
        succeed(network.mailer, "cleo@cayenne.example")
    assert letters(network.mailer, HOLDER) == {"newsletter", "flash"}
    succeed(network.mailer, "cleo@cayenne.example", moves=True)
    cleo = person(network.mailer, "cleo@cayenne.example")
    assert (cleo["organisation"]["name"], cleo["contact"]["last_name"]) == ("Ville de Martigues", "Cros")


@pytest.mark.parametrize(
    ("last", "successor", "said"),
    [
        ("2026-06-11", NEW, "held until"),
        ("demain", NEW, "not a day"),
        (ENDED, HOLDER, "whose function ends"),
    ],
)
def test_what_cannot_pass_changes_nothing(network: Desk, last: str, successor: str, said: str) -> None:
    with pytest.raises(RefusedError, match=said):
        successions.succeed(network.mailer, HOLDER, last, Successor(successor), by=BY)
    assert person(network.mailer, HOLDER)["organisation"] is not None
    with network.mailer.store.read() as tx:
        assert contacts.find_id(tx, NEW) is None


def test_an_end_of_a_function_that_they_no_longer_have_passes_nothing(network: Desk) -> None:
    successions.note_end(network.mailer, HOLDER, ENDED, by=BY)
    with network.mailer.store.write() as tx:
        tx.execute(table(Contact).update().where(table(Contact).c.address == HOLDER).values(job="direction"))
    for until_on in ("", ENDED):
        with pytest.raises(RefusedError, match="another function"):
            successions.succeed(network.mailer, HOLDER, until_on, Successor(NEW), by=BY)
    successions.note_end(network.mailer, HOLDER, ENDED, by=BY)
    successions.succeed(network.mailer, HOLDER, "", Successor(NEW), by=BY)
    assert person(network.mailer, NEW)["contact"]["job"] == "direction"


def test_whoever_changes_their_function_passes_the_present_one_by_its_own_day(network: Desk) -> None:
    successions.note_end(network.mailer, HOLDER, ENDED, by=BY)
    with network.mailer.store.write() as tx:
        found = contacts.find_id(tx, HOLDER)
        assert found is not None
        by_hand.update(tx, found, at=NOW, job="direction")
    with pytest.raises(RefusedError, match="not a day"):
        successions.succeed(network.mailer, HOLDER, "", Successor(NEW), by=BY)


def test_an_erased_person_does_not_come_back_as_successor(network: Desk) -> None:
    persons.erase(network.mailer, "cleo@cayenne.example", by=BY)
    with pytest.raises(RefusedError, match="erased"):
        succeed(network.mailer, "cleo@cayenne.example")


def test_a_known_end_is_spoken_of_until_somebody_follows(network: Desk) -> None:
    page = f"{network.url}/organismes"
    post(network, "/personnes/fonction", until_on="2026-06-11")
    assert "relève à nommer" in network.browser(Role.WRITER).get(page).text
    assert "relève à nommer" not in network.browser(Role.READER).get(page).text
    network.clock.advance(timedelta(days=1))
    successions.succeed(network.mailer, HOLDER, "", Successor(NEW), by=BY)
    assert not successions.waiting(network.mailer)
    (row,) = successions.history(network.mailer, NEW)
    assert (row.holder_address, row.successor_address, row.until_on.isoformat()) == (
        HOLDER,
        NEW,
        "2026-06-11",
    )


def test_an_end_far_away_is_not_spoken_of_and_can_be_taken_back(network: Desk) -> None:
    successions.note_end(network.mailer, HOLDER, "2026-07-12", by=BY)
    assert not successions.waiting(network.mailer)
    successions.note_end(network.mailer, HOLDER, "2026-07-11", by=BY)
    assert len(successions.waiting(network.mailer)) == 1
    successions.note_end(network.mailer, HOLDER, "", by=BY)
    assert not successions.history(network.mailer, HOLDER)


def test_the_history_stands_with_both_and_with_the_organisation(network: Desk) -> None:
    text = post(network, "/personnes/successeur", until_on=ENDED, successor=NEW)
    assert "presse" in text
    assert "jusqu’au 10 juin 2026" in text
    with network.mailer.store.read() as tx:
        organisation = tx.execute(select(table(Mandate).c.organisation_id)).scalar_one()
    page = network.browser(Role.WRITER).get(f"{network.url}/organismes/{organisation}").text
    assert page.count("Fonctions qui se terminent") == 1
    assert person(network.mailer, HOLDER)["functions"][0]["part"] == "held"
    given = persons.export(network.mailer, NEW, by=BY)
    assert "took over" in given
    assert HOLDER not in given


def test_an_erased_holder_leaves_the_function_without_a_name(network: Desk) -> None:
    succeed(network.mailer)
    persons.erase(network.mailer, HOLDER, by=BY)
    (row,) = successions.history(network.mailer, NEW)
    assert (row.job, row.holder_address, row.successor_address) == ("presse", None, NEW)


def test_a_merged_person_keeps_the_functions_of_both(network: Desk) -> None:
    succeed(network.mailer)
    editing.merge(network.mailer, "bo@martigues.example", NEW, by=BY)
    (row,) = successions.history(network.mailer, "bo@martigues.example")
    assert row.successor_address == "bo@martigues.example"


def test_an_import_is_not_undone_over_a_succession(network: Desk) -> None:
    successions.note_end(network.mailer, HOLDER, ENDED, by=BY)
    with network.mailer.store.read() as tx:
        person_id = contacts.find_id(tx, HOLDER)
        assert person_id is not None
        assert mandates.open_of(tx, person_id) is not None
        updated = tx.execute(select(table(Contact).c.updated_at).where(table(Contact).c.id == person_id))
        assert updated.scalar_one() == NOW
        runs = tx.execute(select(table(ImportRun).c.id).where(table(ImportRun).c.kind == "organisations"))
        run_id = runs.scalar_one()
    undo(network.mailer, run_id, by=BY)
    assert person(network.mailer, HOLDER)["organisation"]["name"] == "Ville de Martigues"


def test_the_same_list_again_does_not_undo_a_succession(network: Desk, tmp_path: Path) -> None:
    succeed(network.mailer)
    report = network.mailer.import_file("contacts", tmp_path / "contacts.csv", by=BY)
    assert [(each.reason, each.value) for each in report.notes] == [("succeeded", HOLDER)]
    old = person(network.mailer, HOLDER)
    assert (old["contact"]["job"], old["organisation"], letters(network.mailer, HOLDER)) == ("", None, set())


def test_a_list_without_organisations_does_not_undo_a_succession(network: Desk, tmp_path: Path) -> None:
    succeed(network.mailer)
    path = tmp_path / "next.csv"
    path.write_text(f"Courriel;Flash\n{HOLDER};oui\n{NEW};oui\n", "utf-8")
    report = network.mailer.import_file("contacts", path, by=BY)
    assert [(each.reason, each.value) for each in report.notes] == [("succeeded", HOLDER)]
    assert letters(network.mailer, HOLDER) == set()
    assert "flash" in letters(network.mailer, NEW)


def test_a_list_brings_back_who_has_another_organisation_now(network: Desk, tmp_path: Path) -> None:
    succeed(network.mailer)
    path = tmp_path / "next.csv"
    path.write_text(f"Courriel;Fonction;SIREN;Flash\n{HOLDER};maire;219733029;oui\n", "utf-8")
    assert not network.mailer.import_file("contacts", path, by=BY).notes
    found = person(network.mailer, HOLDER)
    assert (found["contact"]["job"], found["organisation"]["name"]) == ("maire", "Ville de Cayenne")
    assert letters(network.mailer, HOLDER) == {"flash"}


def test_a_contact_of_whom_nothing_changes_holds_the_function_over_an_undo(
    network: Desk, clock: FixedClock, tmp_path: Path
) -> None:
    """The successor came with the list, in the same function of the same organisation."""
    clock.advance(timedelta(hours=1))
    path = tmp_path / "new.csv"
    path.write_text(f"Courriel;Fonction;SIREN\n{NEW};presse;211300561\n", "utf-8")
    network.mailer.import_file("contacts", path, by=BY)
    with network.mailer.store.read() as tx:
        run_id = imports.latest_of(tx, "contacts")
    assert run_id is not None
    clock.advance(timedelta(hours=1))
    for topic in ("newsletter", "flash"):
        say(network.mailer, HOLDER, topic)
    succeed(network.mailer)
    with pytest.raises(RefusedError, match="decided or changed"):
        undo(network.mailer, run_id, by=BY)
    assert person(network.mailer, NEW)["contact"]["job"] == "presse"
