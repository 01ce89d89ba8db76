"""Organisations at the desk: found by name and SIREN, their people, their memberships over time."""

from pathlib import Path

import pytest
import requests

from mailer.app import organisations
from mailer.model.accounts import Role
from tests.web.conftest import Desk
from tests.web.people import add_people

FORMER = 3


@pytest.fixture
def network(desk: Desk, tmp_path: Path) -> Desk:
    add_people(desk.mailer, tmp_path)
    return desk


def act(desk: Desk, path: str, **values: str) -> requests.Response:
    return desk.post(desk.browser(Role.SENDER), f"/organismes/{path}", **values)


def recipients(desk: Desk) -> int:
    return desk.mailer.audience("adherents").count


@pytest.mark.parametrize("words", ["martigues", "211300561", "BOUCHES-DU"])
def test_they_are_found_by_name_siren_and_departement(network: Desk, words: str) -> None:
    (found,) = organisations.search(network.mailer, words).organisations
    assert (found.name, found.is_member, found.people) == ("Ville de Martigues", True, 2)


def test_the_list_counts_and_one_page_names_people(network: Desk) -> None:
    reader = network.browser(Role.READER)
    text = reader.get(f"{network.url}/organismes?nature=ville").text
    assert '<option value="">Tous</option>' in text
    assert ("Ville de Cayenne" in text, "Agglo du Passé" in text) == (True, False)
    assert "@" not in text.replace("reader@reseau.example", "")
    assert reader.get(f"{network.url}/organismes/{FORMER}").status_code == 403
    named = network.browser(Role.WRITER).get(f"{network.url}/organismes/{FORMER}").text
    assert "driss@passe.example" in named
    assert "du 1 janvier 2010 au 31 décembre 2020" in named.replace("1er", "1").replace("\xa0", " ")


def test_a_membership_begins_and_ends_and_the_flash_follows(network: Desk) -> None:
    assert recipients(network) == 1
    assert act(network, f"{FORMER}/adhesion", from_on="2026-06-01").status_code == 303
    assert recipients(network) == 2
    period = organisations.view(network.mailer, FORMER).periods[0]
    ended = act(network, f"{FORMER}/adhesion/{period.id}/fin", until_on="2026-06-10")
    assert ended.status_code == 303
    assert recipients(network) == 1


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ({"from_on": "2020-06-01"}, "couvre ces jours"),
        ({"from_on": "2026-06-02", "until_on": "2026-06-01"}, "finit avant"),
        ({"from_on": "hier"}, "pas un jour"),
    ],
)
def test_wrong_days_are_refused(network: Desk, days: dict[str, str], said: str) -> None:
    refused = act(network, f"{FORMER}/adhesion", **days)
    assert (refused.status_code, said in refused.text) == (422, True)
    assert act(network, f"{FORMER}/adhesion/{7314}/fin", until_on="2026-06-01").status_code == 422


def test_an_organisation_that_is_not_there_says_so(network: Desk) -> None:
    assert network.browser(Role.SENDER).get(f"{network.url}/organismes/7314").status_code == 404
    assert act(network, "7314/adhesion", from_on="2026-06-01").status_code == 404


def test_a_later_last_day_does_not_reach_into_the_next_membership(network: Desk) -> None:
    act(network, f"{FORMER}/adhesion", from_on="2026-01-01", until_on="2026-12-31")
    act(network, f"{FORMER}/adhesion", from_on="2027-01-01")
    period = organisations.view(network.mailer, FORMER).periods[1]
    refused = act(network, f"{FORMER}/adhesion/{period.id}/fin", until_on="2027-06-30")
    assert (refused.status_code, "couvre ces jours" in refused.text) == (422, True)
    assert act(network, f"{FORMER}/adhesion/{period.id}/fin", until_on="2026-06-30").status_code == 303
    assert act(network, f"{FORMER}/adhesion/{period.id}/fin", until_on="2026-12-31").status_code == 303
