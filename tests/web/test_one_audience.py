"""One audience: its count, what it is made of, whom it misses, and who asks for it in vain."""

import re
from pathlib import Path

import pytest

from mailer.app import audiences
from mailer.model.accounts import Role
from tests.web.conftest import Desk
from tests.web.people import add_people

PAGE = "/audiences/adherents"


@pytest.fixture
def network(desk: Desk, tmp_path: Path) -> Desk:
    add_people(desk.mailer, tmp_path)
    return desk


def text_of(desk: Desk, role: Role, path: str = PAGE) -> str:
    answer = desk.browser(role).get(desk.url + path)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def test_it_is_counted_by_kind_and_region(network: Desk) -> None:
    found = audiences.view(network.mailer, "adherents", language="fr")
    assert found.audience.count == 1
    assert (found.makeup.kinds, found.makeup.regions) == ({"ville": 1}, {"Sud": 1})


def test_members_without_anybody_are_named_with_whom_to_call(network: Desk) -> None:
    found = audiences.view(network.mailer, "adherents", language="fr").coverage
    assert (found.reached, found.members) == (1, 2)
    (missed,) = found.missed
    assert (missed.name, [each.address for each in missed.people]) == (
        "Ville de Cayenne",
        ["cleo@cayenne.example"],
    )
    assert "1 adhérent joint sur 2" in text_of(network, Role.READER)


def test_who_asks_without_being_a_member_is_invited_unless_excluded(network: Desk) -> None:
    found = audiences.view(network.mailer, "adherents", language="fr")
    assert (found.in_vain, [each.address for each in found.asking]) == (1, ["driss@passe.example"])
    text = text_of(network, Role.WRITER)
    assert "driss@passe.example" in text
    assert "elie@passe.example" not in text
    assert "Préparer la lettre qui les invite" in text


def test_an_audience_for_everybody_has_nobody_who_asks_in_vain(network: Desk) -> None:
    found = audiences.view(network.mailer, "abonnes", language="fr")
    assert (found.audience.count, found.in_vain) == (4, 0)


def test_a_reader_sees_numbers_and_no_people(network: Desk) -> None:
    text = text_of(network, Role.READER)
    assert "Par région" in text
    assert "@martigues.example" not in text
    assert "@cayenne.example" not in text
    assert "@passe.example" not in text


def test_people_are_listed_page_by_page_as_text(network: Desk) -> None:
    answer = network.browser(Role.WRITER).get(f"{network.url}/audiences/abonnes/personnes")
    assert "&lt;b&gt;Bo&lt;/b&gt; =1+1" in answer.text
    assert "<b>Bo" not in answer.text
    for number in ("0", "2", "999999999999"):
        page = text_of(network, Role.WRITER, f"/audiences/abonnes/personnes?page={number}")
        assert "1 à 4 sur 4" in page


@pytest.mark.parametrize("path", [PAGE + "x", PAGE + "x/personnes", "/audiences/..%2f..%2fmailer"])
def test_an_unknown_audience_is_not_found(desk: Desk, path: str) -> None:
    assert desk.browser().get(desk.url + path).status_code == 404


def test_too_many_mails_in_a_week_are_said_before_a_letter_is_scheduled(
    network: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = network.mailer.settings.pressure
    monkeypatch.setattr(limits, "per_week", 1)
    monkeypatch.setattr(limits, "people", 0)
    session = network.browser(Role.SENDER)
    page = f"{network.url}/lettres/flash/2026-06-11"
    assert "plus de 1 courriels" not in session.get(page).text
    network.mailer.departures.schedule("newsletter/2026-06", by="claude", at="2026-06-12 09:00")
    text = session.get(page).text.replace("\xa0", " ")
    assert "plus de 1 courriels en sept jours" in text
    assert "Un autre jour : vendredi 19 juin" in text
    people = session.get(f"{network.url}/audiences/adherents").text
    assert "Courriels par personne" in people
