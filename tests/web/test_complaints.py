"""Complaints are shown where the letter is: from one in a thousand a warning, and at a pause what to do."""

import pytest

from mailer.i18n import Translator
from mailer.model.accounts import Role
from mailer.model.columns import table
from mailer.model.ledger import Delivery, Send, SendState
from mailer.tracking import Complaints
from mailer.tracking.complaints import COMPLAINTS
from mailer.web.complaining import complaint_sentence
from tests.web.conftest import Desk
from tests.web.data import PEOPLE, add_send

#: One copy of each send here was refused.
LETTER = "/lettres/flash/2026-06-11"


def complain(desk: Desk, send: Send) -> None:
    delivery = table(Delivery)
    with desk.mailer.store.write() as tx:
        one = delivery.c.id.in_(
            [row.id for row in tx.execute(delivery.select().where(delivery.c.state == "accepted").limit(1))]
        )
        tx.execute(delivery.update().where(one, delivery.c.send_id == send.id).values(outcome="complained"))


def read(desk: Desk, path: str) -> str:
    answer = desk.browser(Role.ADMINISTRATOR).get(desk.url + path)
    assert answer.status_code == 200
    return " ".join(answer.text.split()).replace("\u202f", " ").replace("\u00a0", " ")


@pytest.mark.parametrize("path", [LETTER, f"{LETTER}/envoi"])
def test_a_letter_with_complaints_warns(desk: Desk, path: str) -> None:
    send = add_send(desk.mailer, state=SendState.DONE)
    assert "plainte pour" not in read(desk, path)
    complain(desk, send)
    text = read(desk, path)
    assert f"1 plainte pour {PEOPLE - 1} exemplaires acceptés" in text
    assert "Revoyez l’objet" in text


def test_the_pause_says_how_many_of_how_many_and_what_to_do(desk: Desk) -> None:
    complain(desk, add_send(desk.mailer, state=SendState.PAUSED, pause_reason=COMPLAINTS))
    text = read(desk, LETTER)
    assert "Trois personnes sur mille" in text
    assert f"1 plainte pour {PEOPLE // 2 - 1} exemplaires acceptés" in text
    assert "puis reprenez, ou annulez ce qui n’est pas parti" in text


def test_a_share_below_one_in_a_thousand_is_no_warning() -> None:
    assert not Complaints(9, 10_000).is_worth_a_warning
    assert Complaints(10, 10_000).is_worth_a_warning


def test_both_languages_say_it() -> None:
    found, send = Complaints(3, 2140), Send(state="sending")  # type: ignore[call-arg]  # nothing else is read
    assert complaint_sentence(Translator("en"), found, send).startswith(
        "3 complaints of 2,140 accepted copies (0.14%). Mailbox hosts judge"
    )
    assert "3 plaintes pour 2" in complaint_sentence(Translator("fr"), found, send)
