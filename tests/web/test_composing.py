"""The composer's page: every act is a form; nothing that somebody wrote is lost."""

import re
from io import BytesIO

import pytest
import requests
from PIL import Image

from mailer.model.accounts import Role
from mailer.model.ledger import SendState
from mailer.web.composing_forms import ICONS
from tests.conftest import REPOSITORY
from tests.web.conftest import Desk
from tests.web.data import add_send

REF = "flash/2026-06-11"
PAGE = f"/lettres/{REF}/ecrire"


def text_of(desk: Desk, ref: str = REF) -> str:
    return (desk.mailer.settings.workspace / f"campaigns/{ref}.md").read_text("utf-8")


def write(desk: Desk, text: str) -> None:
    (desk.mailer.settings.workspace / f"campaigns/{REF}.md").write_text(text, "utf-8")


def opened(desk: Desk, session: requests.Session, path: str = PAGE) -> dict[str, str]:
    """What the page remembers of the file that it was made from."""
    html = session.get(desk.url + path).text
    return dict(re.findall(r'name="(base|page)" value="([^"]*)"', html))


def send(
    desk: Desk, session: requests.Session, form: dict[str, str], *, quiet: bool = False, **values: str
) -> requests.Response:
    headers = {"Accept": "application/json"} if quiet else {}
    data = {"csrf": str(session.headers["X-Test-Csrf"]), **form, **values}
    return session.post(desk.url + PAGE, data=data, headers=headers, allow_redirects=False)


def named(**values: str) -> dict[str, str]:
    """`b2_title` stands for the field `b2.title`."""
    return {name.replace("_", ".", 1): value for name, value in values.items()}


def test_the_page_shows_every_block_with_its_fields(desk: Desk) -> None:
    html = desk.browser(Role.WRITER).get(desk.url + PAGE).text
    assert html.count('class="block"') == 10
    assert re.search(r'data-user="\d+"', html)
    assert 'value="Foncier solidaire, lots réservés, SCIC' in html
    assert '<label for="b2-title">Titre' in html


def test_an_untouched_form_changes_no_byte(desk: Desk) -> None:
    session, before = desk.browser(Role.WRITER), text_of(desk)
    form = opened(desk, session)
    assert send(desk, session, form, act="save").status_code == 200
    assert text_of(desk) == before


def test_one_field_changes_its_own_line_and_keeps_comments_and_unknown_keys(desk: Desk) -> None:
    before = text_of(desk).replace("number: 47", "number: 47\nauthor: Communication # gardé")
    write(desk, before.replace("::: section", "<!-- à relire -->\n::: section"))
    session = desk.browser(Role.WRITER)
    form = opened(desk, session)
    said = send(desk, session, form, quiet=True, **named(b2_title="Un autre titre")).json()
    after = text_of(desk)
    assert "author: Communication # gardé" in after
    assert "<!-- à relire -->" in after
    assert "# Un autre titre\n" in after
    assert said["version"] != form["base"]
    assert said["refused"] == []


@pytest.mark.parametrize(
    ("act", "kinds"),
    [
        ("down:1", ["article", "section", "article"]),
        ("move:3:1", ["article", "section", "article"]),
        ("add:button:1", ["section", "button", "article"]),
        ("copy:1", ["section", "section", "article"]),
        ("delete:1", ["article", "article", "agenda"]),
        ("up:99", ["section", "article", "article"]),
    ],
)
def test_blocks_are_added_moved_copied_and_deleted(desk: Desk, act: str, kinds: list[str]) -> None:
    session = desk.browser(Role.WRITER)
    answer = send(desk, session, opened(desk, session), act=act, **named(b2_title="Écrit avant l’acte"))
    assert answer.status_code == 200
    assert re.findall(r"^::: (\w+)", text_of(desk), re.MULTILINE)[:3] == kinds
    assert "# Écrit avant l’acte" in text_of(desk)


def test_undo_and_redo_go_through_what_was_saved(desk: Desk) -> None:
    session, first = desk.browser(Role.WRITER), text_of(desk)
    form = opened(desk, session)
    form["base"] = send(desk, session, form, quiet=True, subject="Deux").json()["version"]
    undone = send(desk, session, form, act="undo")
    assert text_of(desk) == first
    assert "Le dernier changement est annulé" in undone.text
    form = opened(desk, session)
    send(desk, session, form, act="redo")
    assert 'subject: "Deux"' in text_of(desk)


def test_a_file_that_was_broken_underneath_does_not_swallow_what_was_written(desk: Desk) -> None:
    session = desk.browser(Role.WRITER)
    form = opened(desk, session)
    write(desk, "rien de lisible")
    answer = send(desk, session, form, quiet=True, subject="Le mien")
    assert answer.status_code == 409
    assert "Le mien" in session.get(desk.url + answer.json()["conflict"]).text


def test_an_answer_that_was_lost_is_no_conflict_with_oneself(desk: Desk) -> None:
    session = desk.browser(Role.WRITER)
    form = opened(desk, session)
    send(desk, session, form, quiet=True, subject="Une fois")
    answer = send(desk, session, form, quiet=True, subject="Une fois, et la suite")
    assert answer.status_code == 200
    assert 'subject: "Une fois, et la suite"' in text_of(desk)


def test_a_title_of_2000_characters_stays_in_its_field_with_the_reason(desk: Desk) -> None:
    session = desk.browser(Role.WRITER)
    long = "x" * 2000
    answer = send(desk, session, opened(desk, session), act="down:2", **named(b2_title=long, b2_label="Neuf"))
    assert answer.status_code == 422
    assert f'id="b3-title" name="b3.title" type="text" value="{long}"' in answer.text
    assert re.search(r'id="b3-title"[^>]*aria-invalid="true"', answer.text)
    assert "2000 signes, et 1000 au plus sont gardés" in answer.text
    assert long not in text_of(desk)
    assert 'label="Neuf"' in text_of(desk)


def test_a_letter_that_left_says_why_it_cannot_be_written(desk: Desk) -> None:
    session = desk.browser()
    form = opened(desk, session)
    add_send(desk.mailer, state=SendState.DONE)
    before = text_of(desk)
    page = session.get(desk.url + PAGE)
    assert page.status_code == 409
    assert "Cette lettre est partie" in page.text
    answer = send(desk, session, form, quiet=True, subject="Trop tard")
    assert answer.status_code == 409
    assert "Cette lettre est partie" in answer.json()["error"]
    assert text_of(desk) == before
    assert "Gardée à part" in session.get(f"{desk.url}{PAGE}/historique").text


def test_a_second_writer_is_seen(desk: Desk) -> None:
    first, second = desk.browser(Role.WRITER), desk.browser(Role.APPROVER)
    opened(desk, first)
    assert "aussi ouverte par writer" in second.get(desk.url + PAGE).text
    assert first.get(f"{desk.url}{PAGE}/presence").json()["others"] == ["approver"]


def test_the_preview_is_the_mail_of_the_asked_person_and_the_checks_lead_to_the_field(desk: Desk) -> None:
    session = desk.browser(Role.WRITER)
    form = opened(desk, session)
    send(desk, session, form, quiet=True, **named(b2_link="reseau", b3_title=""))
    checks = session.get(f"{desk.url}{PAGE}/controles").text
    assert 'data-go="b2-link"' in checks
    assert 'data-go="b3-title"' in checks
    send(desk, session, opened(desk, session), act="undo")
    preview = session.get(f"{desk.url}{PAGE}/apercu", params={"vue": "sombre", "pour": "inconnu"})
    assert "douze territoires" in preview.text
    assert 'content="dark"' in preview.text


def _picture(kind: str = "PNG", size: tuple[int, int] = (2000, 1000)) -> bytes:
    written = BytesIO()
    Image.new("RGB", size, "teal").save(written, kind)
    return written.getvalue()


def test_a_picture_is_kept_in_the_campaign_and_shown(desk: Desk) -> None:
    session = desk.browser(Role.WRITER)
    files = {"b3.image.file": ("Ma Photo d'été.PNG", _picture(), "image/png")}
    data = {"csrf": str(session.headers["X-Test-Csrf"]), **opened(desk, session), "act": "save"}
    answer = session.post(desk.url + PAGE, data=data, files=files)
    assert answer.status_code == 200
    assert 'image="media/ma-photo-d-ete.png"' in text_of(desk)
    shown = session.get(f"{desk.url}/campagnes/flash/images/ma-photo-d-ete.png")
    assert shown.headers["Content-Type"] == "image/png"
    with Image.open(BytesIO(shown.content)) as kept:
        assert kept.size == (1088, 544)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("dessin.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "n’est pas une image"),
        ("page.jpg", b"<!doctype html><script>1</script>", "n’est pas une image"),
        ("vide.png", b"", "Ce fichier est vide"),
    ],
)
def test_what_is_no_picture_is_refused_beside_its_field(
    desk: Desk, name: str, content: bytes, sentence: str
) -> None:
    session, before = desk.browser(Role.WRITER), text_of(desk)
    files = {"b3.image.file": (name, content, "image/png")}
    data = {"csrf": str(session.headers["X-Test-Csrf"]), **opened(desk, session), "act": "save"}
    answer = session.post(desk.url + PAGE, data=data, files=files)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert text_of(desk) == before


def test_only_pictures_of_the_campaign_are_shown(desk: Desk) -> None:
    session = desk.browser()
    for name in (
        "..%2Fcampaign.toml",
        "modele-deliberation-scic.txt",
        "nowhere.png",
        "..%2F..%2F..%2Fmailer.toml",
    ):
        assert session.get(f"{desk.url}/campagnes/flash/images/{name}").status_code == 404
    assert session.get(f"{desk.url}/campagnes/..%2F..%2Fvar/images/a.png").status_code == 404


def test_a_new_letter_begins_empty_or_as_a_copy(desk: Desk) -> None:
    session = desk.browser(Role.WRITER)
    made = desk.post(
        session, "/nouvelle-lettre", campaign="flash", subject="Neuf", day="2026-06-18", hour="09:00"
    )
    assert made.headers["Location"] == "/lettres/flash/2026-06-18/ecrire?fait=created"
    assert text_of(desk, "flash/2026-06-18") == (
        '---\nsubject: "Neuf"\nnumber: 48\nsend_at: 2026-06-18 09:00\n---\n'
    )
    assert session.get(desk.url + made.headers["Location"]).status_code == 200
    copy = desk.post(session, "/nouvelle-lettre", campaign="flash", like=REF, day="2026-06-18")
    assert copy.headers["Location"].startswith("/lettres/flash/2026-06-18-2/ecrire")
    assert text_of(desk, "flash/2026-06-18-2").count("::: ") == text_of(desk).count("::: ")
    refused = desk.post(session, "/nouvelle-lettre", campaign="nulle", subject="x")
    assert (refused.status_code, "Choisissez une campagne" in refused.text) == (422, True)


def test_a_block_of_another_letter_comes_with_its_picture(desk: Desk) -> None:
    session = desk.browser(Role.WRITER)
    source = "newsletter/2026-06"
    listed = session.get(f"{desk.url}{PAGE}/reprendre", params={"de": source}).text
    assert "Reprendre" in listed
    number = 1 + re.findall(r"^::: (\w+)(.*)", text_of(desk, source), re.MULTILINE).index(
        next(
            each
            for each in re.findall(r"^::: (\w+)(.*)", text_of(desk, source), re.MULTILINE)
            if "image=" in each[1]
        )
    )
    form = opened(desk, session)
    taken = desk.post(session, f"{PAGE}/reprendre", base=form["base"], de=source, number=str(number))
    assert taken.status_code == 303
    image = re.findall(r'image="(media/[^"]*)"', text_of(desk))[-1]
    assert (desk.mailer.settings.workspace / "campaigns/flash" / image).is_file()


def test_a_former_version_is_restored_as_a_new_one(desk: Desk) -> None:
    session, first = desk.browser(Role.WRITER), text_of(desk)
    form = opened(desk, session)
    send(desk, session, form, quiet=True, subject="Deux")
    history = session.get(f"{desk.url}{PAGE}/historique").text
    path = f"{PAGE}/historique/{form['base']}"
    assert path in history
    base = opened(desk, session, path)["base"]
    assert desk.post(session, path, base=base).status_code == 303
    assert text_of(desk) == first
    assert "Restaurée" in session.get(f"{desk.url}{PAGE}/historique").text


def test_an_incomplete_letter_still_has_its_page(desk: Desk) -> None:
    session = desk.browser(Role.WRITER)
    send(desk, session, opened(desk, session), quiet=True, **named(b3_title=""))
    page = session.get(f"{desk.url}/lettres/{REF}")
    assert page.status_code == 200
    assert f'href="{PAGE}"' in page.text


def test_a_letter_to_begin_with_is_named_by_its_campaign_and_its_subject(desk: Desk) -> None:
    page = (
        desk.browser().get(f"{desk.url}/nouvelle-lettre").text.replace("\u00a0", " ").replace("\u202f", " ")
    )
    assert "Flash hebdo n° 47, Foncier solidaire" in page
    assert "Informations ponctuelles, J-14 : le programme du 2 juillet" in page


def test_the_icons_of_blocks_are_in_the_how_to() -> None:
    page = (REPOSITORY / "docs/how-to/make-a-block-type.md").read_text("utf-8")
    assert [name for name in sorted(ICONS) if f"`{name}`" not in page] == []


@pytest.mark.parametrize(
    ("day", "hour"), [("9999-12-31", "23:59"), ("0001-01-01", ""), ("2026-06-12", "09:00+02:00")]
)
def test_an_hour_that_no_file_may_have_is_refused_and_the_rest_is_saved(
    desk: Desk, day: str, hour: str
) -> None:
    session = desk.browser(Role.WRITER)
    answer = send(desk, session, opened(desk, session), quiet=True, day=day, hour=hour, subject="Autre objet")
    assert [each["at"] for each in answer.json()["refused"]] == ["day"]
    assert 'subject: "Autre objet"' in text_of(desk)
    assert "send_at: 2026-06-11 09:00" in text_of(desk)
    assert session.get(desk.url + PAGE).status_code == 200


def test_an_hour_without_neighbours_is_none_to_schedule_for(desk: Desk) -> None:
    session = desk.browser(Role.SENDER)
    answer = desk.post(session, f"/lettres/{REF}/programmer", day="9999-12-31", hour="23:59")
    assert answer.status_code == 422
    assert session.get(f"{desk.url}/lettres/{REF}").status_code == 200
