"""The head of a letter in the composer: the line of the inbox as this person reads it, and the box of a letter that asks."""

import re

from mailer.model.accounts import Role
from tests.web.conftest import Desk
from tests.web.test_composing import PAGE, opened, send, text_of, write

QUESTION = "mailing/question-mesure"


def _mirrored(html: str, name: str) -> str:
    found = re.search(rf'data-mirror="{name}">([^<]*)<', html)
    assert found is not None
    return found[1]


def test_the_line_of_the_inbox_is_what_this_person_reads(desk: Desk) -> None:
    session = desk.browser(Role.WRITER)
    send(
        desk,
        session,
        opened(desk, session),
        quiet=True,
        subject="Bonjour {{ first_name | vous }}",
        preheader="Pour {{ organisation | votre collectivité }}",
    )
    html = session.get(desk.url + PAGE).text
    assert _mirrored(html, "subject") == "Bonjour Camille"
    assert _mirrored(html, "preheader") == "Pour votre collectivité"
    panel = session.get(f"{desk.url}{PAGE}/controles", params={"pour": "inconnu"}).text
    assert 'data-subject="Bonjour vous"' in panel
    assert 'data-preheader="Pour votre collectivité"' in panel
    letter = session.get(desk.url + PAGE.removesuffix("/ecrire")).text
    assert "Pour votre collectivité" in letter


def test_what_a_letter_says_of_its_event_stands_in_the_line_in_words(desk: Desk) -> None:
    path = desk.mailer.settings.workspace / "campaigns/mailing/2026-06-18-j-14.md"
    front = '---\nevent: "acheter-responsable"\nsubject: "Retenez : {{ event.title }}"\npreheader: "Le {{ event.day }}"\n---\n'
    path.write_text(front + path.read_text("utf-8").partition("---\n\n")[2], "utf-8")
    html = desk.browser(Role.WRITER).get(f"{desk.url}/lettres/mailing/2026-06-18-j-14/ecrire").text
    event = desk.mailer.workspace()[0].campaigns["mailing"].events["acheter-responsable"]
    assert event.title in _mirrored(html, "subject").replace("&#39;", "'")
    assert "2026" in _mirrored(html, "preheader")
    assert 'value="Retenez : {{ event.title }}"' in html


def test_a_letter_that_could_ask_has_a_box_and_others_have_none(desk: Desk) -> None:
    session = desk.browser(Role.WRITER)
    assert 'id="asks_consent"' not in session.get(desk.url + PAGE).text
    write(desk, text_of(desk) + "\n::: consent\n# Pouvons-nous mesurer ?\nOui ou non.\n:::\n")
    html = session.get(desk.url + PAGE).text
    assert re.search(r'id="asks_consent"[^>]*value="yes"(?! checked)', html)
    assert 'data-go="asks_consent"' in html
    assert "cochez-le" in html


def test_ticking_the_box_writes_the_key_and_unticking_takes_it_out(desk: Desk) -> None:
    session, path = desk.browser(Role.WRITER), f"/lettres/{QUESTION}/ecrire"
    before = text_of(desk, QUESTION)
    assert "asks_consent: true" in before
    form = opened(desk, session, path) | {"csrf": str(session.headers["X-Test-Csrf"]), "act": "save"}
    session.post(desk.url + path, data={**form, "asks_consent": "no"})
    assert "asks_consent" not in text_of(desk, QUESTION)
    form |= opened(desk, session, path)
    session.post(desk.url + path, data={**form, "asks_consent": "yes"})
    assert "asks_consent: true" in text_of(desk, QUESTION)
    assert text_of(desk, QUESTION).partition("---\n\n")[2] == before.partition("---\n\n")[2]
