"""At the desk: a second subject is written, said to be able to decide or not, refused where it cannot, and reported."""

import re
from pathlib import Path

import pytest
import requests

from mailer.app.proofs import proof_message
from mailer.errors import RefusedError
from mailer.model.accounts import Role
from mailer.model.columns import table
from mailer.model.events import OpenCount
from mailer.model.ledger import Delivery, Snapshot
from tests.conftest import NOW
from tests.web.conftest import Desk
from tests.web.data import add_send
from tests.web.people import add_people

LETTER = "flash/2026-06-11"
PAGE = f"/lettres/{LETTER}/ecrire"


@pytest.fixture
def network(desk: Desk, tmp_path: Path) -> Desk:
    add_people(desk.mailer, tmp_path)
    return desk


def text_of(desk: Desk, path: str, role: Role = Role.WRITER) -> str:
    page = desk.browser(role).get(desk.url + path)
    assert page.status_code == 200
    return re.sub(r"[\s\u00a0\u202f]+", " ", re.sub(r"<[^>]+>", " ", page.text))


def test_the_composer_writes_it_and_says_that_it_cannot_decide(network: Desk) -> None:
    session = network.browser(Role.WRITER)
    form = dict(re.findall(r'name="(base|page)" value="([^"]*)"', session.get(network.url + PAGE).text))
    data = {**form, "csrf": str(session.headers["X-Test-Csrf"]), "second_subject": "Les repères de juin"}
    assert session.post(network.url + PAGE, data=data).status_code == 200
    file = network.mailer.settings.workspace / f"campaigns/{LETTER}.md"
    assert 'second_subject: "Les repères de juin"\n' in file.read_text("utf-8")
    page = text_of(network, PAGE)
    assert re.search(r"\d messages de cette lettre seraient mesurés : il en faut 3 \d\d\d ", page)
    assert "ne pourrait pas être planifiée" in page
    assert "Les repères de juin" in text_of(network, f"/lettres/{LETTER}")


def test_scheduling_refuses_with_the_reason(network: Desk) -> None:
    file = network.mailer.settings.workspace / f"campaigns/{LETTER}.md"
    file.write_text(file.read_text("utf-8").replace("---\n", '---\nsecond_subject: "Autre"\n', 1), "utf-8")
    with pytest.raises(RefusedError, match="it takes 3"):
        network.mailer.departures.schedule(LETTER, by="anne", at="2030-06-13 09:00")


def test_the_report_shows_both_and_the_answer(desk: Desk) -> None:
    send = add_send(desk.mailer, LETTER, hours_ago=60, cohorts=["autres", "autres"], split_above=40)
    copies = table(Delivery)
    with desk.mailer.store.write() as tx:
        tx.execute(table(Snapshot).update().values(second_subject="Les repères de juin"))
        tx.execute(copies.update().where(copies.c.contact_id % 2 == 1).values(cohort=1))
        late = {"cohort": 1, "hour": 0, "loaded": 9, "high": 6, "low": 6}
        tx.execute(table(OpenCount).insert().values(send_id=send.id, **late))
    page = text_of(desk, f"/resultats/{LETTER}", Role.READER)
    assert "Deux objets" in page
    assert re.search(r"Les repères de juin 60 6 10,0 % de 4,7 % à 20,1 %", page)
    assert "Le premier objet a été plus ouvert que le deuxième, et l’écart dépasse le hasard." in page


def test_whoever_is_asked_for_a_yes_sees_both(network: Desk) -> None:
    """By the link's page and by the proof in the mail."""
    file = network.mailer.settings.workspace / f"campaigns/{LETTER}.md"
    file.write_text(
        file.read_text("utf-8").replace("---\n", '---\nsecond_subject: "Autre & mieux"\n', 1), "utf-8"
    )
    link = network.mailer.reviews.make_link(
        LETTER, by="anne@reseau.example", may_approve=True, at="2026-06-12 09:00"
    )
    page = requests.get(network.mailer.reviews.url(link)).text
    assert "Foncier solidaire" in page
    assert "<b>Autre &amp; mieux</b>" in page
    preview = network.mailer.preview(LETTER)
    campaign = network.mailer.find(LETTER)[1]
    message = proof_message(
        preview,
        campaign,
        network.mailer.settings,
        at=NOW,
        key="a" * 26,
        review_url="https://lettres.example/r/x",
    )
    assert "un autre objet" in message.content.text
    assert "Autre & mieux" in message.content.text
