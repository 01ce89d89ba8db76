"""The page to which a letter that asks for the consent to be measured leads: rules P3, P5, P7."""

import pytest

from mailer.model.ledger import Delivery
from mailer.model.people import TrackingConsent
from mailer.store import Store
from mailer.tokens import Purpose
from tests.subscribing.people import consents, events, tracking
from tests.tracking.ledger import Ledger
from tests.web_public.conftest import Site

BOTH = [Purpose.CONSENT_YES, Purpose.CONSENT_NO]


@pytest.fixture
def delivery(ledger: Ledger) -> Delivery:
    return ledger.deliver(ledger.send("none"), ledger.contact(tracking=TrackingConsent.UNKNOWN))


def path(ledger: Ledger, delivery: Delivery, purpose: Purpose) -> str:
    return ledger.signer.url("", purpose, delivery.key.encode())


@pytest.mark.parametrize("purpose", BOTH)
def test_a_program_that_follows_every_link_answers_nothing(
    site: Site, store: Store, ledger: Ledger, delivery: Delivery, purpose: Purpose
) -> None:
    found = path(ledger, delivery, purpose)
    for method in ("GET", "HEAD"):
        assert site.get(f"{found}?tracking=granted", method=method).status_code == 200
    assert (tracking(store), consents(store), events(store)) == ("unknown", [], [])


@pytest.mark.parametrize("purpose", BOTH)
@pytest.mark.parametrize("said", ["granted", "denied"])
def test_the_answer_is_that_of_the_button_and_is_proved(
    site: Site, store: Store, ledger: Ledger, delivery: Delivery, purpose: Purpose, said: str
) -> None:
    found = path(ledger, delivery, purpose)
    for _ in range(2):  # pressing twice is one answer
        page = site.post(found, data={"tracking": said})
        assert (page.status_code, "Votre réponse est enregistrée." in page.text) == (200, True)
    assert tracking(store) == said
    assert consents(store) == [(said, "asking-letter-2026-11", "asking letter")]


@pytest.mark.parametrize("data", [{}, {"tracking": "unknown"}, {"List-Unsubscribe": "One-Click"}])
def test_any_other_post_says_nothing(
    site: Site, store: Store, ledger: Ledger, delivery: Delivery, data: dict[str, str]
) -> None:
    assert site.post(path(ledger, delivery, Purpose.CONSENT_YES), data=data).status_code == 200
    assert (tracking(store), consents(store)) == ("unknown", [])


def test_the_page_says_what_is_measured_and_how_to_withdraw(
    site: Site, ledger: Ledger, delivery: Delivery
) -> None:
    page = site.get(path(ledger, delivery, Purpose.CONSENT_NO))
    for said in ("une image invisible", "rien ne change pour vous", "changer d’avis à tout moment"):
        assert said in page.text
    assert page.text.index('value="denied"') < page.text.index('value="granted"')
    assert (page.text.count("<button"), "<script" in page.text, "btn--primary" in page.text) == (
        2,
        False,
        False,
    )
    assert page.headers["Cache-Control"] == "no-store"


def test_a_link_for_another_act_answers_nothing(
    site: Site, store: Store, ledger: Ledger, delivery: Delivery
) -> None:
    token = ledger.signer.sign(Purpose.VIEW, delivery.key.encode())
    assert site.post(f"/oui/{token}", data={"tracking": "granted"}).status_code == 404
    assert tracking(store) == "unknown"


def test_who_was_erased_is_told_so(site: Site, store: Store, ledger: Ledger) -> None:
    gone = ledger.deliver(ledger.send("none"), 4_000)
    answer = site.post(path(ledger, gone, Purpose.CONSENT_YES), data={"tracking": "granted"})
    assert (answer.status_code, consents(store)) == (410, [])
