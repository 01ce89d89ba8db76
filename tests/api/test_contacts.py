"""Contacts through the API: found by body, replaced under a version, and never past what somebody said."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from mailer.app import persons
from mailer.model.columns import table
from mailer.model.ledger import Delivery, DeliveryState
from tests.api.conftest import ADMINISTRATOR, Api
from tests.tracking.ledger import Ledger

ANNE = "anne@martigues.example"
NEW = {"address": " Farah@Ville.example ", "external_id": "crm-1", "first_name": "Farah", "source": "CRM"}


def test_a_contact_is_created_once_and_the_same_again_changes_nothing(api: Api) -> None:
    first, again = api.ask("PUT", "/contacts", NEW), api.ask("PUT", "/contacts", NEW)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["address"] == "farah@ville.example"
    assert first.json()["registered_on"] == "2026-06-11"
    assert first.headers["ETag"] == again.headers["ETag"]


def test_a_replacement_says_which_version_it_replaces(api: Api) -> None:
    etag = api.ask("PUT", "/contacts", NEW).headers["ETag"]
    other = {**NEW, "first_name": "Fara"}
    assert api.ask("PUT", "/contacts", other).status_code == 428
    assert api.ask("PUT", "/contacts", other, If_Match='"0123"').status_code == 412
    changed = api.ask("PUT", "/contacts", other, If_Match=etag)
    assert (changed.status_code, changed.json()["first_name"]) == (200, "Fara")
    assert api.ask("PUT", "/contacts", {**NEW, "first_name": "F"}, If_Match="*").json()["first_name"] == "F"


def test_of_two_writers_the_second_is_told(api: Api) -> None:
    number = api.number(ANNE)
    etag = api.ask("GET", f"/contacts/{number}").headers["ETag"]
    assert api.ask("PATCH", f"/contacts/{number}", {"job": "édition"}, If_Match=etag).status_code == 200
    late = api.ask("PATCH", f"/contacts/{number}", {"job": "achats"}, If_Match=etag)
    assert (late.status_code, late.json()["code"]) == (412, "outdated")
    assert api.ask("GET", f"/contacts/{number}").json()["job"] == "édition"
    assert api.ask("PATCH", f"/contacts/{number}", {"job": "achats"}).status_code == 428


def test_what_a_replacement_does_not_say_is_emptied_but_not_where_the_address_comes_from(api: Api) -> None:
    number = api.number(ANNE)
    body = {"address": ANNE, "source": "CRM", "registered_on": "2030-01-01"}
    found = api.ask("PUT", "/contacts", body, If_Match="*").json()
    assert (found["id"], found["first_name"], found["organisation_id"]) == (number, "", None)
    assert (found["source"], found["registered_on"]) == ("Salon", None)
    assert found["tracking"] == "granted"


def test_an_erased_person_stays_erased(api: Api) -> None:
    persons.erase(api.mailer, ANNE, by=ADMINISTRATOR)
    body = {"address": ANNE, "source": "CRM"}
    assert api.ask("PUT", "/contacts", body).status_code == 409
    number = api.number("bo@martigues.example")
    moved = api.ask("PATCH", f"/contacts/{number}", {"address": ANNE}, If_Match="*")
    assert (moved.status_code, moved.json()["code"]) == (409, "refused")
    assert ANNE not in moved.text


def test_a_moved_person_takes_along_what_they_said(api: Api) -> None:
    number = api.number(ANNE)
    api.ask("POST", f"/contacts/{number}/unsubscribe", {"source": "téléphone"})
    moved = api.ask("PATCH", f"/contacts/{number}", {"address": "anne@ville.example"}, If_Match="*").json()
    assert [(each["scope"], each["reason"]) for each in moved["exclusions"]] == [("*", "unsubscribed")]
    assert api.ask("POST", "/contacts/search", {"address": ANNE}).status_code == 404


def test_a_move_takes_along_the_copy_that_waits_and_what_is_known_of_the_former_address(api: Api) -> None:
    copies, number = table(Delivery), api.number(ANNE)
    ledger = Ledger(api.mailer.store, api.mailer.signer, api.clock.now())
    ledger.deliver(ledger.send(), number, ANNE, state=DeliveryState.PLANNED)
    new = {"address": "anne@ville.example", "job": "achats"}
    tried = api.ask("PATCH", f"/contacts/{number}", new, If_Match="*")
    assert (tried.status_code, tried.json()["code"]) == (409, "refused")
    with api.mailer.store.write() as tx:
        tx.execute(copies.update().values(attempts=0))
    moved = api.ask("PATCH", f"/contacts/{number}", new, If_Match="*").json()
    assert (moved["address"], moved["job"]) == ("anne@ville.example", "achats")
    with api.mailer.store.read() as tx:
        assert tx.execute(select(copies.c.address)).scalars().all() == ["anne@ville.example"]
    assert persons.find(api.mailer, "anne@ville.example")["former_addresses"] == [ANNE]


def test_a_former_address_is_still_the_person_to_a_program_that_has_not_heard(api: Api) -> None:
    number = api.number(ANNE)
    api.ask("PATCH", f"/contacts/{number}", {"address": "anne@ville.example"}, If_Match="*")
    again = api.ask(
        "PUT", "/contacts", {"address": ANNE, "source": "CRM", "external_id": "crm-7"}, If_Match="*"
    )
    found = again.json()
    assert (again.status_code, found["id"], found["address"]) == (200, number, "anne@ville.example")
    assert api.ask("PUT", "/contacts", {**NEW, "address": ANNE}, If_Match="*").status_code == 409
    named = api.ask("PUT", "/contacts", {"address": ANNE, "source": "CRM", "external_id": "crm-7"})
    assert named.json() == found


def test_who_takes_a_former_address_stays_when_its_first_holder_is_erased(api: Api) -> None:
    first, second = api.number(ANNE), api.number("bo@martigues.example")
    ledger = Ledger(api.mailer.store, api.mailer.signer, api.clock.now())
    ledger.deliver(ledger.send(), first, ANNE)
    for number, address in ((first, "anne@ville.example"), (second, ANNE)):
        api.ask("PATCH", f"/contacts/{number}", {"address": address}, If_Match="*")
    persons.erase(api.mailer, "anne@ville.example", by=ADMINISTRATOR)
    assert api.number(ANNE) == second


def test_an_address_stays_while_a_doubt_or_another_copy_stands_in_its_way(api: Api) -> None:
    number = api.number(ANNE)
    ledger = Ledger(api.mailer.store, api.mailer.signer, api.clock.now())
    send = ledger.send()
    ledger.deliver(send, number, ANNE, state=DeliveryState.IN_DOUBT)
    ledger.deliver(send, number + 90, "anne@ville.example")
    new, copies = {"address": "anne@ville.example"}, table(Delivery)
    doubtful = api.ask("PATCH", f"/contacts/{number}", new, If_Match="*")
    with api.mailer.store.write() as tx:
        mine = copies.update().where(copies.c.contact_id == number)
        tx.execute(mine.values(state=DeliveryState.PLANNED.value, attempts=0))
    crowded = api.ask("PATCH", f"/contacts/{number}", new, If_Match="*")
    assert (doubtful.status_code, crowded.status_code) == (409, 409)
    assert doubtful.json()["detail"] != crowded.json()["detail"]


def test_one_address_is_one_contact(api: Api) -> None:
    number = api.number("bo@martigues.example")
    moved = api.ask("PATCH", f"/contacts/{number}", {"address": ANNE}, If_Match="*")
    assert (moved.status_code, moved.json()["code"]) == (409, "conflict")
    api.ask("PUT", "/contacts", NEW)
    other = api.ask("PUT", "/contacts", {**NEW, "external_id": "crm-2"}, If_Match="*")
    assert other.status_code == 409


def test_a_refused_measure_is_not_lifted(api: Api) -> None:
    path = f"/contacts/{api.number(ANNE)}/tracking"
    said = {"evidence": "formulaire 2026", "source": "site"}
    assert api.ask("POST", path, {"state": "denied", **said}).json()["tracking"] == "denied"
    assert api.ask("POST", path, {"state": "granted", **said}).status_code == 409
    found = persons.find(api.mailer, ANNE)
    assert found["consents"][-1]["wording"] == "formulaire 2026"


def test_pages_give_everybody_once(api: Api) -> None:
    seen, cursor = [], ""
    while cursor is not None:
        page = api.ask("GET", f"/contacts?limit=2{cursor and f'&cursor={cursor}'}").json()
        seen += [each["id"] for each in page["items"]]
        cursor = page["next"]
    assert len(seen) == len(set(seen)) == 5
    assert seen == sorted(seen)


def test_what_changed_since_a_moment_includes_who_was_excluded(api: Api) -> None:
    number = api.number(ANNE)
    api.clock.advance(timedelta(hours=1))
    since = "/contacts?updated_since=2026-06-11T07:30:00Z"
    assert api.ask("GET", since).json()["items"] == []
    api.ask("POST", f"/contacts/{number}/exclusions", {"source": "au téléphone"})
    assert [each["id"] for each in api.ask("GET", since).json()["items"]] == [number]


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"address": "nobody", "source": "x"}, "body/address"),
        ({"address": "a@b.example"}, "body/source"),
        ({"address": "a@b.example", "source": "x", "admin": True}, "body/admin"),
        ({"address": "a@b.example", "source": "x\u0000"}, "body/source"),
        ({"address": "a@b.example", "source": "x", "tracking": "granted"}, "body/tracking"),
    ],
)
def test_a_mistake_is_named_by_its_place_and_not_repeated(
    api: Api, body: dict[str, object], where: str
) -> None:
    answer = api.ask("PUT", "/contacts", body)
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert [each["where"] for each in answer.json()["errors"]] == [where]
    assert "nobody" not in answer.text


def test_who_goes_back_to_a_former_address_has_not_left_what_they_came_back_to(api: Api) -> None:
    number = api.number(ANNE)
    path, consent = f"/contacts/{number}", {"wording": "v1", "given_at": "2026-06-11T08:00:00Z"}
    api.ask("POST", f"{path}/unsubscribe", {"source": "phone", "topic": "newsletter"})
    api.ask("PATCH", path, {"address": "anne@ville.example"}, If_Match="*")
    api.clock.advance(timedelta(hours=2))
    again = {"source": "form", "consent": consent}
    assert api.ask("PUT", f"{path}/subscriptions/newsletter", again).status_code == 200
    back = api.ask("PATCH", path, {"address": ANNE}, If_Match="*").json()
    assert (back["address"], back["exclusions"]) == (ANNE, [])


def test_a_tag_is_what_a_rule_chooses_by(api: Api) -> None:
    path = f"/contacts/{api.number(ANNE)}"
    tagged = api.ask("PATCH", path, {"attributes": {"tags": ["presse", "d'\"été"]}}, If_Match="*")
    assert tagged.json()["attributes"] == {"tags": ["presse", "d'\"été"]}
    rule = 'title = "Presse"\n\n[[where]]\nfield = "tag"\nis = "presse"\n'
    (api.mailer.settings.workspace / "audiences/presse.toml").write_text(rule, "utf-8")
    assert api.mailer.audience("presse", topic="newsletter").count == 1
    for wrong in ({"tags": "presse"}, {"other": ["presse"]}, {"tags": [""]}, {"tags": [1]}):
        assert api.ask("PATCH", path, {"attributes": wrong}, If_Match="*").status_code == 422


def test_an_exclusion_of_an_old_day_is_news_from_the_day_of_its_file(api: Api, tmp_path: Path) -> None:
    api.clock.advance(timedelta(hours=1))
    since = api.clock.now().isoformat().replace("+00:00", "Z")
    (file := tmp_path / "left.csv").write_text(
        f"Courriel;Date;Motif\n{ANNE};2024-01-02;désinscrit\n", "utf-8"
    )
    api.mailer.import_file("exclusions", file, by=ADMINISTRATOR)
    found = api.ask("GET", f"/contacts?updated_since={since}").json()["items"]
    assert [each["address"] for each in found] == [ANNE]
    api.clock.advance(timedelta(hours=1))
    later = api.clock.now().isoformat().replace("+00:00", "Z")
    assert api.ask("GET", f"/contacts?updated_since={later}").json()["items"] == []
