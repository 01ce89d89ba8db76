"""The archive: who asks for one has it, by year, for everybody; nothing personal, nothing of members, no cookie."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
import requests

from mailer.errors import RefusedError
from mailer.model.ledger import SendState
from mailer.model.mail import Person
from mailer.rendering.slots import SlotKind, mark
from mailer.store import snapshots
from tests.web.conftest import Desk
from tests.web.data import add_send

LIST = "/archive/newsletter"
LETTER = f"{LIST}/2026-06"
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def sent(desk: Desk) -> Desk:
    add_send(desk.mailer, "newsletter/2026-06")
    return desk


def _get(desk: Desk, path: str, **headers: str) -> requests.Response:
    return requests.get(desk.url + path, headers=headers)


def _switch(desk: Desk, campaign: str, line: str) -> None:
    file = desk.mailer.settings.workspace / f"campaigns/{campaign}/campaign.toml"
    text = file.read_text("utf-8").replace("archive = true\n", "")
    file.write_text(f"{line}\n{text}", "utf-8")


def test_the_list_names_each_letter_by_year_and_leads_to_it(sent: Desk) -> None:
    page = _get(sent, LIST)
    assert page.status_code == 200
    assert '<html lang="fr">' in page.text
    assert "<title>La Newsletter · " in page.text
    assert '<h2 id="y-2026">2026</h2>' in page.text
    assert f'href="{sent.url}{LETTER}"' in page.text
    assert f'<link rel="canonical" href="{sent.url}{LIST}">' in page.text
    assert f'type="application/atom+xml" title="La Newsletter" href="{sent.url}{LIST}/atom.xml"' in page.text
    assert "11 juin 2026" in page.text
    assert 'href="/inscription"' in page.text
    assert "noindex" not in page.text + str(page.headers)


def test_a_letter_is_the_same_for_everybody_and_holds_nothing_personal(sent: Desk) -> None:
    page = _get(sent, LETTER)
    assert page.status_code == 200
    for personal in (
        "/u/",
        "/p/",
        "/v/",
        "/c/",
        "/o/",
        "Se désinscrire",
        "Mes abonnements",
        "Vous recevez",
        "RELAIS",
    ):
        assert personal not in page.text, personal
    assert f'<link rel="canonical" href="{sent.url}{LETTER}">' in page.text
    assert re.search(r"<title>\s*Achats responsables[^<]*</title>", page.text)
    assert 'lang="fr"' in page.text
    assert f'<a href="{sent.url}{LIST}" ' in page.text
    assert "@media print" in page.text
    assert re.search(r"prefers-color-scheme:\s*dark", page.text)


def test_names_give_way_to_what_is_said_to_nobody_in_particular(desk: Desk) -> None:
    _switch(desk, "mailing", "archive = true")
    add_send(desk.mailer, "mailing/2026-06-18-j-14", at="2026-06-18 09:30")
    page = _get(desk, "/archive/mailing/2026-06-18-j-14").text
    assert "Bonjour chère collègue, cher collègue" in page
    assert mark(SlotKind.FIRST_NAME) not in page


def test_nothing_comes_from_elsewhere_and_no_cookie_is_set(sent: Desk) -> None:
    for path in (LIST, LETTER, f"{LIST}/atom.xml"):
        page = _get(sent, path)
        assert "Set-Cookie" not in page.headers
        assert "<script" not in page.text
        for source in re.findall(
            r"<(?:img|link rel=\"(?:stylesheet|icon)\")[^>]*(?:src|href)=\"([^\"]+)", page.text
        ):
            assert source.startswith(("/", f"{sent.url}/media/")), source
    policy = _get(sent, LETTER).headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-popups")
    assert "script" not in policy


def test_caches_keep_it_and_ask_by_its_tag(sent: Desk) -> None:
    for path in (LIST, LETTER, f"{LIST}/atom.xml"):
        first = _get(sent, path)
        assert first.headers["Cache-Control"] == "public, max-age=300"
        same = _get(sent, path, **{"If-None-Match": f"W/{first.headers['ETag']}"})
        assert (same.status_code, same.content) == (304, b"")
        assert same.headers.get("Content-Security-Policy") == first.headers.get("Content-Security-Policy")
        assert _get(sent, path, **{"If-None-Match": '"other"'}).status_code == 200


def test_the_feed_is_atom_with_ids_that_stay(sent: Desk) -> None:
    answer = _get(sent, f"{LIST}/atom.xml")
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(answer.content)
    assert feed.tag == f"{ATOM}feed"
    entry = feed.find(f"{ATOM}entry")
    assert entry is not None
    for parent in (feed, entry):
        assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", parent.findtext(f"{ATOM}id") or "")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", parent.findtext(f"{ATOM}updated") or "")
    assert feed.findtext(f"{ATOM}updated") == entry.findtext(f"{ATOM}updated") == "2026-06-11T02:00:00Z"
    links = {each.get("rel"): each.get("href") for each in feed.findall(f"{ATOM}link")}
    assert links == {"self": f"{sent.url}{LIST}/atom.xml", "alternate": f"{sent.url}{LIST}"}
    before = [each.text for each in feed.iter(f"{ATOM}id")]
    add_send(sent.mailer, "newsletter/2026-05", at="2026-06-12 09:00", hours_ago=9)
    later = ElementTree.fromstring(_get(sent, f"{LIST}/atom.xml").content)
    assert before == [each.text for each in later.iter(f"{ATOM}id")][:2]


def test_whatever_a_subject_holds_the_feed_is_read_and_says_it(desk: Desk) -> None:
    """Signs of XML, what leaves a text node, and the two characters that XML knows no way to write."""
    path = desk.mailer.settings.workspace / "campaigns/newsletter/2026-06.md"
    subject = "A & B <b>gras</b> ]]> « l’été » 😀 &amp; {{ first_name | vous }}"
    text = re.sub('subject: ".*"', lambda _: f'subject: "{subject}\ufffe\uffff"', path.read_text("utf-8"))
    path.write_text(text, "utf-8")
    add_send(desk.mailer, "newsletter/2026-06")
    entry = ElementTree.fromstring(_get(desk, f"{LIST}/atom.xml").content).find(f"{ATOM}entry")
    assert entry is not None
    assert entry.findtext(f"{ATOM}title") == subject.replace("{{ first_name | vous }}", "vous")
    link = entry.find(f"{ATOM}link")
    assert link is not None
    assert requests.get(link.attrib["href"]).status_code == 200


def test_an_empty_archive_says_so_and_its_feed_is_valid(desk: Desk) -> None:
    assert "Aucune lettre" in _get(desk, LIST).text
    feed = ElementTree.fromstring(_get(desk, f"{LIST}/atom.xml").content)
    assert feed.findtext(f"{ATOM}updated")


def test_a_campaign_that_asks_is_left_out_of_search_engines(sent: Desk) -> None:
    _switch(sent, "newsletter", "archive = true\narchive_noindex = true")
    for path in (LIST, LETTER, f"{LIST}/atom.xml"):
        assert _get(sent, path).headers["X-Robots-Tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in _get(sent, LIST).text


# --- who has none -----------------------------------------------------------------------------------


def test_a_campaign_that_does_not_ask_has_none(desk: Desk) -> None:
    add_send(desk.mailer, "mailing/2026-06-12-info-flash", at="2026-06-12 14:00")
    for path in ("/archive/mailing", "/archive/mailing/atom.xml", "/archive/mailing/2026-06-12-info-flash"):
        assert _get(desk, path).status_code == 404


def test_members_letters_are_in_no_archive_whatever_the_file_says(desk: Desk) -> None:
    add_send(desk.mailer, "flash/2026-06-11")
    _switch(desk, "flash", "archive = true")
    for path in ("/archive/flash", "/archive/flash/atom.xml", "/archive/flash/2026-06-11"):
        answer = _get(desk, path)
        assert answer.status_code == 404
        assert "Foncier" not in answer.text
    problems = [each for each in desk.mailer.workspace()[1] if each.code == "archive-of-members"]
    assert [each.line for each in problems] == [1]


def test_a_letter_that_was_for_members_stays_so_when_its_campaign_opens(desk: Desk) -> None:
    add_send(desk.mailer, "flash/2026-06-11")
    file = desk.mailer.settings.workspace / "campaigns/flash/campaign.toml"
    text = re.sub(r"^(segment = ).*$", r'\1"abonnes"', file.read_text("utf-8"), flags=re.MULTILINE)
    file.write_text(text.replace("members_only = true", "archive = true"), "utf-8")
    assert _get(desk, "/archive/flash").status_code == 200
    assert _get(desk, "/archive/flash/2026-06-11").status_code == 404


def within_the_members(desk: Desk) -> Path:
    """The newsletter goes to an audience that takes that of the members into itself; its folder."""
    rule = 'title = "Élus adhérents"\n\n[[where]]\nfield = "in_segment"\nis = "adherents"\n'
    folder = desk.mailer.settings.workspace / "audiences"
    (folder / "elus.toml").write_text(rule, "utf-8")
    file = desk.mailer.settings.workspace / "campaigns/newsletter/campaign.toml"
    file.write_text(re.sub(r"(?m)^segment = .*$", 'segment = "elus"', file.read_text("utf-8")), "utf-8")
    return folder


def proof_to_a_stranger(desk: Desk) -> None:
    desk.mailer.reviews.send_proofs(
        "newsletter/2026-06", to=["x@ailleurs.example"], by="claude", person=Person
    )


@pytest.mark.parametrize("name", ["elus", "adherents"])
def test_while_its_audience_cannot_be_read_a_letter_is_for_members(desk: Desk, name: str) -> None:
    (within_the_members(desk) / f"{name}.toml").write_text("[[where", "utf-8")
    with pytest.raises(RefusedError, match="for members only"):
        proof_to_a_stranger(desk)


def test_an_audience_within_the_members_is_in_no_archive_either(desk: Desk) -> None:
    within_the_members(desk)
    send = add_send(desk.mailer, "newsletter/2026-06")
    assert send.members_only
    with desk.mailer.store.read() as tx:
        frozen = snapshots.get(tx, send.snapshot_id)
    assert "/archive" not in frozen.html + frozen.text
    assert [each.code for each in desk.mailer.workspace()[1]] == ["archive-of-members"]
    for path in (LIST, LETTER, f"{LIST}/atom.xml"):
        assert _get(desk, path).status_code == 404
    with pytest.raises(RefusedError, match="for members only"):
        proof_to_a_stranger(desk)


@pytest.mark.parametrize("state", [SendState.SENDING, SendState.PAUSED, SendState.CANCELLED])
def test_what_may_still_be_stopped_is_not_shown(desk: Desk, state: SendState) -> None:
    add_send(desk.mailer, "newsletter/2026-06", state=state)
    assert _get(desk, LETTER).status_code == 404


def test_a_scheduled_letter_or_a_draft_is_not_shown(desk: Desk) -> None:
    desk.mailer.departures.schedule("newsletter/2026-06", by="test", at="2026-06-12 09:00")
    for issue in ("2026-06", "2026-05", "..", "campaign.toml"):
        assert _get(desk, f"{LIST}/{issue}").status_code == 404


# --- the ways to it ---------------------------------------------------------------------------------


def test_the_footer_of_the_letter_and_the_sign_up_page_lead_to_it(desk: Desk) -> None:
    shown = desk.mailer.preview("newsletter/2026-06").content
    assert f'href="{desk.mailer.settings.base_url}{LIST}"' in shown.html
    assert f"Toutes nos lettres\u00a0: {desk.mailer.settings.base_url}{LIST}" in shown.text
    assert "Toutes nos lettres" not in desk.mailer.preview("flash/2026-06-11").content.text
    assert f'href="{LIST}"' in _get(desk, "/inscription?langue=fr").text
    _switch(desk, "newsletter", "archive = false")
    assert "Toutes nos lettres" not in desk.mailer.preview("newsletter/2026-06").content.html
