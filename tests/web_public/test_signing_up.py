"""The sign-up form over real HTTP: the same answer for everybody, an act only by POST, limits that keep no address."""

import re

import pytest

from mailer.clock import FixedClock
from mailer.model.people import Contact, SignupRequest
from mailer.store import Store
from mailer.web.public import NetworkLimit
from tests.conftest import NOW
from tests.subscribing.people import rows, subscriptions
from tests.tracking.ledger import Ledger
from tests.web_public.conftest import Site

PAGE = "/inscription"
ASKED = {"address": "alix@ville.example", "topic": "newsletter", "language": "fr"}


def link(site: Site) -> str:
    """The link of the next mail."""
    found = re.search(r"(/s/\S+)", site.sent.get(timeout=10).content.text)
    assert found
    return found[1]


def test_the_form_has_no_cookie_no_script_and_nothing_ticked(site: Site) -> None:
    page = site.get(PAGE)
    assert (page.status_code, "Set-Cookie" in page.headers) == (200, False)
    assert ("<script" in page.text, " checked" in page.text) == (False, False)
    assert "pour les adhérents" in page.text
    assert "Receive our letters" in site.get(f"{PAGE}?langue=en").text


def test_asking_and_clicking_subscribes(site: Site, store: Store) -> None:
    assert "Encore un clic" in site.post(PAGE, data=ASKED).text
    path = link(site)
    for method in ("GET", "HEAD"):
        assert site.get(path, method=method).status_code == 200
    assert rows(store, Contact, "address") == []
    assert "Je souhaite recevoir" in site.get(path).text
    assert "Votre abonnement est confirmé" in site.post(path).text
    assert subscriptions(store) == [("newsletter", "subscribed")]


def test_nobody_learns_whether_an_address_is_known(site: Site, ledger: Ledger) -> None:
    ledger.subscribe(ledger.contact(), "newsletter")
    known = site.post(PAGE, data=ASKED)
    unknown = site.post(PAGE, data={**ASKED, "address": "nobody@ville.example"})
    assert (known.status_code, known.text) == (unknown.status_code, unknown.text)


def test_a_form_of_another_site_is_taken(site: Site, store: Store) -> None:
    headers = {"Origin": "https://ville.example", "Sec-Fetch-Site": "cross-site"}
    assert site.post(PAGE, data=ASKED, headers=headers).status_code == 200
    assert len(rows(store, SignupRequest, "address")) == 1


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({**ASKED, "address": "alix@@ville"}, "alix@@ville"),
        ({**ASKED, "topic": "mailing"}, "Cochez au moins une lettre"),
        ({**ASKED, "topic": ""}, "Cochez au moins une lettre"),
    ],
    ids=["no address", "not offered", "nothing"],
)
def test_what_cannot_be_followed_comes_back_with_its_reason(
    site: Site, store: Store, form: dict[str, str], said: str
) -> None:
    answer = site.post(PAGE, data=form)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'role="alert"' in answer.text
    assert rows(store, SignupRequest, "address") == []


def test_a_program_that_fills_in_every_field_is_answered_and_forgotten(site: Site, store: Store) -> None:
    answer = site.post(PAGE, data={**ASKED, "website": "https://spam.example"})
    assert "Encore un clic" in answer.text
    assert rows(store, SignupRequest, "address") == []


def test_a_network_that_asks_too_often_waits(site: Site, store: Store) -> None:
    for number in range(30):
        assert site.post(PAGE, data={**ASKED, "address": f"p{number}@ville.example"}).status_code == 200
    answer = site.post(PAGE, data=ASKED)
    assert (answer.status_code, len(rows(store, SignupRequest, "address"))) == (429, 30)


def test_a_forged_link_is_not_found_and_an_old_one_is_gone(site: Site) -> None:
    assert site.post("/s/forged").status_code == 404
    site.post(PAGE, data=ASKED)
    path = link(site)
    site.clock.sleep(73 * 3600)
    assert site.post(path).status_code == 410


@pytest.mark.parametrize(
    ("host", "neighbour", "stranger"),
    [
        ("192.0.2.7", "192.0.2.250", "192.0.3.7"),
        ("2001:db8:1:2::9", "2001:db8:1:ffff::1", "2001:db8:2::9"),
        ("::ffff:192.0.2.7", "192.0.2.8", "testclient"),
    ],
)
def test_a_limit_counts_networks_by_the_hour(host: str, neighbour: str, stranger: str) -> None:
    clock = FixedClock(NOW)
    limit = NetworkLimit(2, clock)
    assert [limit.allows(each) for each in (host, neighbour, host, stranger)] == [True, True, False, True]
    clock.sleep(3601)
    assert limit.allows(host)


def test_a_limit_keeps_no_address(clock: FixedClock) -> None:
    limit = NetworkLimit(2, clock)
    limit.allows("192.0.2.7")
    assert "192.0.2" not in repr(limit._asked)
