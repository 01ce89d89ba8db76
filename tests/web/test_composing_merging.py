"""Two people in one letter, or one and an editor: what one changed is taken, what both changed is chosen side by side."""

import re
from html import unescape

import requests

from mailer.model.accounts import Role
from tests.web.conftest import Desk
from tests.web.test_composing import PAGE, named, opened, send, text_of, write


def _conflict(desk: Desk, session: requests.Session) -> tuple[str, str]:
    """The page typed a subject and a title, an editor the same two; gives the path of the choices and the page."""
    form = opened(desk, session)
    write(desk, text_of(desk).replace('subject: "Foncier', 'subject: "À eux'))
    write(desk, text_of(desk).replace("# Foncier solidaire", "# Le leur").replace("number: 47", "number: 48"))
    answer = send(
        desk, session, form, act="save", subject="À moi", **named(b2_title="Le mien", b3_label="Lire")
    )
    assert answer.status_code == 303
    path = answer.headers["Location"]
    return path, session.get(desk.url + path).text


def _words(html: str) -> str:
    """What is read of a page, with ordinary blanks."""
    return " ".join(
        unescape(
            re.sub(r"<[^>]+>", " ", re.sub(r"</?(?:span|mark|ins|del|strong|em|u)\b[^>]*>", "", html))
        ).split()
    )


def _base(html: str) -> str:
    found = re.search(r'name="base" value="(\w+)"', html)
    assert found is not None
    return found[1]


def test_what_an_editor_changed_elsewhere_in_the_letter_is_taken_with_what_was_typed(desk: Desk) -> None:
    session = desk.browser(Role.WRITER)
    form = opened(desk, session)
    write(desk, text_of(desk).replace("number: 47", "number: 48 # vérifié"))
    said = send(desk, session, form, quiet=True, subject="Le mien").json()
    assert 'subject: "Le mien"' in text_of(desk)
    assert "number: 48 # vérifié" in text_of(desk)
    assert said["file"] != said["version"]
    # The page goes on with what it shows; the other change is neither undone nor asked about.
    form["base"] = said["version"]
    assert send(desk, session, form, quiet=True, subject="Le mien, plus long", number="47").status_code == 200
    assert "number: 48 # vérifié" in text_of(desk)
    assert 'subject: "Le mien, plus long"' in text_of(desk)


def test_an_answer_that_was_lost_after_two_versions_were_put_together_asks_nothing(desk: Desk) -> None:
    session = desk.browser(Role.WRITER)
    form = opened(desk, session)
    write(desk, text_of(desk).replace("number: 47", "number: 48"))
    send(desk, session, form, quiet=True, subject="Le mien")
    answer = send(desk, session, form, quiet=True, subject="Le mien, plus long")
    assert answer.status_code == 200
    assert 'subject: "Le mien, plus long"' in text_of(desk)
    assert "number: 48" in text_of(desk)


def test_a_page_that_is_renewed_shows_both_and_stays_in_its_block(desk: Desk) -> None:
    session = desk.browser(Role.WRITER)
    form = opened(desk, session) | {"open": "2"}
    write(desk, text_of(desk).replace("::: section", "::: text\nAvant tout\n:::\n\n::: section", 1))
    answer = send(desk, session, form, act="renew:2", **named(b2_title="Le mien"))
    assert 'id="b3-title" name="b3.title" type="text" value="Le mien"' in answer.text
    assert 'name="open" value="3"' in answer.text
    assert 'data-about="3"' in answer.text
    assert "ce qui a été modifié ailleurs" in answer.text


def test_every_choice_at_the_head_of_the_letter_is_said_in_words(desk: Desk) -> None:
    session = desk.browser(Role.WRITER)
    write(desk, text_of(desk).replace("number: 47", "number: 47\nasks_consent: false"))
    form = opened(desk, session)
    write(desk, text_of(desk).replace("\nasks_consent: false", '\nsecond_subject: "Le leur"'))
    answer = send(desk, session, form, act="save", second_subject="Le mien", asks_consent="yes")
    html = session.get(desk.url + answer.headers["Location"]).text
    heads = re.findall(r'<h2 id="choix-\d">([^<]+)', html)
    assert sorted(heads) == ["Cette lettre demande si les ouvertures peuvent être mesurées", "Deuxième objet"]
    assert "Oui" in html
    assert "true" not in re.sub(r"<[^>]+>", "", html)


def test_a_page_is_told_that_the_file_cannot_be_read_now_and_nothing_is_asked(desk: Desk) -> None:
    session = desk.browser(Role.WRITER)
    form = opened(desk, session)
    write(desk, text_of(desk) + "\n::: text\nhalf written\n")
    said = send(desk, session, form, quiet=True)
    assert said.status_code == 200
    assert said.json()["file"] != said.json()["version"]
    answer = send(desk, session, form, act="renew:2")
    assert answer.status_code == 409
    assert 'id="lettre"' not in answer.text
    assert "Le bloc text n’est pas fermé" in answer.text
    assert "Gardée à part" not in session.get(f"{desk.url}{PAGE}/historique").text


def test_what_both_changed_is_shown_side_by_side_and_chosen(desk: Desk) -> None:
    session = desk.browser(Role.WRITER)
    path, html = _conflict(desk, session)
    assert re.findall(r'<h2 id="choix-\d">([^<]+)', html) == ["Objet", "Bloc 2, Article"]
    words = _words(html)
    assert "Titre Le [ici seulement : mien]" in words
    assert "Titre Le [ici seulement : leur" in words
    # What only one of them changed is no question, and not in the file yet.
    assert "number: 48" in text_of(desk)
    assert 'label="Lire"' not in text_of(desk)
    choices = {"choix.subject": "mine", "choix.2": "both"}
    done = desk.post(session, path, base=_base(html), **choices)
    assert done.headers["Location"] == f"{PAGE}?fait=merged"
    after = text_of(desk)
    assert 'subject: "À moi"' in after
    assert "number: 48" in after
    assert 'label="Lire"' in after
    assert after.index("# Le leur") < after.index("# Le mien")
    history = session.get(f"{desk.url}{PAGE}/historique").text
    assert "Réunie" in history
    assert "Gardée à part" in history


def test_the_other_one_can_be_taken(desk: Desk) -> None:
    session = desk.browser(Role.WRITER)
    path, html = _conflict(desk, session)
    desk.post(session, path, base=_base(html), **{"choix.subject": "theirs", "choix.2": "theirs"})
    after = text_of(desk)
    assert 'subject: "À eux' in after
    assert "# Le leur" in after
    assert "# Le mien" not in after
    assert 'label="Lire"' in after


def test_mine_can_be_kept_as_a_whole(desk: Desk) -> None:
    session = desk.browser(Role.WRITER)
    path, html = _conflict(desk, session)
    whole = path.replace("/conflit/", "/historique/")
    assert f'action="{whole}"' in html
    desk.post(session, whole, base=_base(html))
    assert "number: 47" in text_of(desk)
    assert "# Le leur" not in text_of(desk)


def test_choices_made_for_a_file_that_changed_again_are_asked_again(desk: Desk) -> None:
    session = desk.browser(Role.WRITER)
    path, html = _conflict(desk, session)
    write(desk, text_of(desk).replace("# Le leur", "# Le leur, encore"))
    before = text_of(desk)
    again = desk.post(session, path, base=_base(html), **{"choix.subject": "mine", "choix.2": "mine"})
    assert again.headers["Location"] == f"{path}?encore=oui"
    assert text_of(desk) == before
    page = session.get(desk.url + again.headers["Location"]).text
    assert "encore été modifiée" in page
    assert "Le [ici seulement : leur, encore" in _words(page)


def test_a_page_sent_twice_after_a_conflict_still_asks(desk: Desk) -> None:
    session = desk.browser(Role.WRITER)
    form = opened(desk, session)
    write(desk, text_of(desk).replace('subject: "Foncier', 'subject: "À eux'))
    for _ in range(2):
        answer = send(desk, session, form, quiet=True, subject="À moi")
        assert answer.status_code == 409
        assert "/conflit/" in answer.json()["conflict"]
    assert 'subject: "À eux' in text_of(desk)


def test_undoing_takes_back_what_this_page_wrote_and_nothing_of_the_other(desk: Desk) -> None:
    session = desk.browser(Role.WRITER)
    form = opened(desk, session)
    form["base"] = send(desk, session, form, quiet=True, subject="Le mien").json()["version"]
    write(desk, text_of(desk).replace("number: 47", "number: 48"))
    assert send(desk, session, form, act="undo", subject="Le mien").status_code == 200
    assert "number: 48" in text_of(desk)
    assert 'subject: "Foncier' in text_of(desk)


def test_what_a_page_showed_beside_the_file_has_its_page_and_what_was_kept_aside_leads_to_the_choices(
    desk: Desk,
) -> None:
    session = desk.browser(Role.WRITER)
    form = opened(desk, session)
    write(desk, text_of(desk).replace("number: 47", "number: 48"))
    shown = send(desk, session, form, quiet=True, subject="Le mien").json()["version"]
    assert session.get(f"{desk.url}{PAGE}/historique/{shown}").status_code == 200
    assert shown not in session.get(f"{desk.url}{PAGE}/historique").text
    path, _ = _conflict(desk, session)
    kept = session.get(desk.url + path.replace("/conflit/", "/historique/"))
    assert f'href="{path}"' in kept.text
