"""Who was not reached, by name: for those who may send, with addresses in no URL."""

import re

import pytest

from mailer.model.accounts import Role
from mailer.model.columns import table
from mailer.model.ledger import Delivery, DeliveryState, SendState
from mailer.web.unreached import PAGE_SIZE
from tests.web.conftest import Desk
from tests.web.data import add_send, doubt

RESULT = "/resultats/flash/2026-06-11"
LIST = f"{RESULT}/personnes"


@pytest.mark.parametrize("role", [Role.READER, Role.WRITER, Role.APPROVER])
def test_addresses_are_for_those_who_may_send(desk: Desk, role: Role) -> None:
    send = add_send(desk.mailer)
    assert send.id is not None
    session = desk.browser(role)
    assert session.get(desk.url + LIST).status_code == 403
    for path in (RESULT, "/lettres/flash/2026-06-11"):
        page = session.get(desk.url + path).text
        assert "personne.0@commune.example" not in page
        assert LIST not in page


def test_a_refused_person_is_named_with_the_reason_in_words(desk: Desk) -> None:
    add_send(desk.mailer)
    session = desk.browser(Role.SENDER)
    page = session.get(desk.url + LIST).text
    assert "personne.0@commune.example" in page
    assert "adresse en erreur" in page
    assert "personne.1@commune.example" not in page
    assert LIST in session.get(desk.url + RESULT).text


def test_people_in_doubt_have_a_list_of_their_own(desk: Desk) -> None:
    send = add_send(desk.mailer, state=SendState.SETTLING)
    assert send.id is not None
    doubt(desk.mailer, send.id, 2, reason="deadline", minutes_ago=10)
    page = desk.browser().get(f"{desk.url}{LIST}?etat=incertains").text
    assert len(re.findall(r"personne\.\d+@commune\.example", page)) == 2


def test_long_lists_are_turned_page_by_page_and_name_nobody_twice(desk: Desk) -> None:
    add_send(desk.mailer)
    rows = table(Delivery)
    with desk.mailer.store.write() as tx:
        tx.execute(rows.update().values(state=DeliveryState.EXCLUDED.value, reason="unsubscribed"))
    session = desk.browser()
    first = session.get(f"{desk.url}{LIST}?etat=exclus").text
    following = re.search(r'href="([^"]*apres=[^"]*)"', first)
    assert following is not None
    second = session.get(desk.url + following[1].replace("&amp;", "&")).text
    named = [set(re.findall(r"personne\.\d+@", page)) for page in (first, second)]
    assert [len(each) for each in named] == [PAGE_SIZE, 20]
    assert not named[0] & named[1]
    assert "apres=" not in second


@pytest.mark.parametrize("asked", ["etat=nonsense", "apres=-5"])
def test_strange_questions_show_the_first_list(desk: Desk, asked: str) -> None:
    add_send(desk.mailer)
    assert "personne.0@commune.example" in desk.browser().get(f"{desk.url}{LIST}?{asked}").text


def test_no_link_of_any_page_holds_an_address(desk: Desk) -> None:
    send = add_send(desk.mailer, state=SendState.SETTLING)
    assert send.id is not None
    doubt(desk.mailer, send.id, 2, reason="deadline")
    session = desk.browser()
    for path in ("/", "/lettres/flash/2026-06-11", RESULT, LIST, f"{LIST}?etat=incertains"):
        links = re.findall(r'(?:href|action|src|data-live)="([^"]*)"', session.get(desk.url + path).text)
        assert not [link for link in links if "@" in link or "%40" in link], path
