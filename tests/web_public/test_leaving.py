"""Unsubscribing over real HTTP: rules M14 and M15."""

import re

import pytest

from mailer.model.columns import table
from mailer.model.ledger import Delivery, Snapshot
from mailer.model.people import Contact
from mailer.store import Store
from mailer.tokens import Purpose
from tests.subscribing.people import consents, events, exclusions, rows, subscriptions
from tests.tracking.ledger import Ledger
from tests.web_public.conftest import Site

ALIX = "alix@ville.example"


@pytest.fixture
def delivery(ledger: Ledger) -> Delivery:
    contact = ledger.contact()
    ledger.subscribe(contact)
    return ledger.deliver(ledger.send(), contact)


def path(ledger: Ledger, delivery: Delivery, purpose: Purpose = Purpose.UNSUBSCRIBE) -> str:
    return ledger.signer.url("", purpose, delivery.key.encode())


def test_looking_at_the_page_changes_nothing(
    site: Site, store: Store, ledger: Ledger, delivery: Delivery
) -> None:
    page = site.get(path(ledger, delivery))
    assert page.status_code == site.get(path(ledger, delivery), method="HEAD").status_code == 200
    assert (page.text.count("<button"), "<script" in page.text, ALIX in page.text) == (2, False, False)
    assert '<html lang="fr">' in page.text
    assert (exclusions(store), events(store)) == ([], [])


def test_the_page_promises_no_more_than_its_two_buttons_do(
    site: Site, ledger: Ledger, delivery: Delivery
) -> None:
    """Leaving one topic leaves the others: only the second button ends every letter."""
    page = site.get(path(ledger, delivery)).text
    assert "Votre choix prend effet tout de suite." in page
    assert "plus aucune lettre" not in page


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"List-Unsubscribe": "One-Click"}},
        {"files": {"List-Unsubscribe": (None, "One-Click")}},
        {"data": b""},
        {"data": b"\xff" * 50_000, "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
        {"data": b"broken", "headers": {"Content-Type": "multipart/form-data; boundary=b"}},
    ],
    ids=["urlencoded", "multipart", "empty", "too long", "broken"],
)
def test_a_post_leaves_at_once_without_redirect_or_cookie(
    site: Site, store: Store, ledger: Ledger, delivery: Delivery, body: dict[str, object]
) -> None:
    for _ in range(2):
        answer = site.post(path(ledger, delivery), **body)
        assert answer.status_code == 200
        assert not answer.headers.keys() & {"Location", "Set-Cookie"}
    assert exclusions(store) == [(ALIX, "flash", "unsubscribed")]
    assert len(events(store)) == 1


def test_the_second_button_leaves_everything(
    site: Site, store: Store, ledger: Ledger, delivery: Delivery
) -> None:
    answer = site.post(path(ledger, delivery), data={"scope": "everything"})
    assert "Vous ne recevrez plus rien de nous" in answer.text
    assert exclusions(store) == [(ALIX, "*", "unsubscribed")]


def test_the_page_speaks_the_language_of_the_copy(
    site: Site, store: Store, ledger: Ledger, delivery: Delivery
) -> None:
    with store.write() as tx:
        tx.exec_driver_sql("UPDATE delivery SET language = 'en'")
    assert "Unsubscribe from Flash?" in site.get(path(ledger, delivery)).text


def test_a_token_for_another_purpose_or_person_opens_no_page(
    site: Site, store: Store, ledger: Ledger, delivery: Delivery
) -> None:
    view = ledger.signer.sign(Purpose.VIEW, delivery.key.encode())
    stranger = ledger.signer.sign(Purpose.UNSUBSCRIBE, b"nobody")
    for token in (view, stranger, "apercu", "x"):
        assert site.post(f"/u/{token}").status_code == 404
    assert exclusions(store) == []


def test_the_left_page_leads_back_to_the_preferences(site: Site, ledger: Ledger, delivery: Delivery) -> None:
    answer = site.post(path(ledger, delivery))
    found = re.search(r'href="(/p/[^"]+)"', answer.text)
    assert found
    assert site.get(found[1]).status_code == 200


SHOWN = ["flash", "newsletter"]


def test_topics_are_shown_and_saved(site: Site, store: Store, ledger: Ledger, delivery: Delivery) -> None:
    place = path(ledger, delivery, Purpose.PREFERENCES)
    assert 'value="flash" checked' in site.get(place).text
    answer = site.post(place, data={"form": "topics", "shown": SHOWN, "topic": ["newsletter"]})
    assert "Vos choix sont enregistrés" in answer.text
    assert subscriptions(store) == [("flash", "unsubscribed"), ("newsletter", "subscribed")]
    assert consents(store) == []


@pytest.mark.parametrize("wanted", ["denied", "granted"])
def test_the_measure_is_accepted_or_refused_by_one_button(
    site: Site, store: Store, ledger: Ledger, delivery: Delivery, wanted: str
) -> None:
    with store.write() as tx:
        tx.exec_driver_sql("UPDATE contact SET tracking = 'unknown'")
    place = path(ledger, delivery, Purpose.PREFERENCES)
    page = site.get(place).text
    assert "Vous n’avez pas répondu" in page
    assert page.count(f'name="tracking" value="{wanted}"') == 1
    site.post(place, data={"form": "tracking", "tracking": wanted})
    assert [state for state, _, _ in consents(store)] == [wanted]
    assert subscriptions(store) == [("flash", "subscribed")]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"topic": "flash"},
        {"form": "other"},
        {"form": "topics"},
        {"form": "tracking", "tracking": "perhaps"},
        {"form": "topics", "shown": ["invented"], "topic": ["invented"]},
        b"form=topics&" + b"x" * 30_000,
    ],
)
def test_a_post_that_is_not_our_form_changes_nothing(
    site: Site, store: Store, ledger: Ledger, delivery: Delivery, data: object
) -> None:
    answer = site.post(path(ledger, delivery, Purpose.PREFERENCES), data=data)
    assert answer.status_code == 200
    assert (subscriptions(store), consents(store)) == ([("flash", "subscribed")], [])


def test_a_title_from_the_files_cannot_become_markup(
    site: Site, store: Store, ledger: Ledger, delivery: Delivery
) -> None:
    with store.write() as tx:
        tx.execute(table(Snapshot).update().values(topic="<script>x</script>"))
    assert "<script>" not in site.get(path(ledger, delivery)).text


def test_every_page_is_private_and_unindexed(site: Site, ledger: Ledger, delivery: Delivery) -> None:
    for purpose in (Purpose.UNSUBSCRIBE, Purpose.PREFERENCES, Purpose.VIEW):
        headers = site.get(path(ledger, delivery, purpose)).headers
        assert headers["Cache-Control"] == "no-store"
        assert "noindex" in headers["X-Robots-Tag"]
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "script-src" not in headers["Content-Security-Policy"]
        assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_a_pause_and_a_language_are_saved_and_a_wrong_day_is_told(
    site: Site, store: Store, ledger: Ledger, delivery: Delivery
) -> None:
    place = path(ledger, delivery, Purpose.PREFERENCES)
    answer = site.post(place, data={"form": "pause", "until": "2026-06-11", "act": "pause"})
    assert (answer.status_code, 'role="alert"' in answer.text) == (422, True)
    assert site.post(place, data={"form": "pause", "until": "", "act": "pause"}).status_code == 422
    answer = site.post(place, data={"form": "pause", "until": "2026-09-01", "act": "pause"})
    assert "Vous ne recevez rien avant le 1er septembre 2026" in answer.text
    answer = site.post(place, data={"form": "language", "language": "en"})
    assert "You get nothing before 1 September 2026" in answer.text
    answer = site.post(place, data={"form": "pause", "until": "2026-09-01", "act": "end"})
    assert "End the pause now" not in answer.text
    assert rows(store, Contact, "paused_until", "language") == [(None, "en")]
