"""A letter read from the composer: who is asked, what is shown while they read, remarks at their block, and To do."""

import re

import pytest
import requests

from mailer.app import administration, reviews
from mailer.app.preview import Preview
from mailer.errors import ProviderHalt
from mailer.model.accounts import Role
from mailer.store import administering, proofs
from tests.web.conftest import Desk
from tests.web.test_composing import PAGE, REF, opened, send, text_of, write
from tests.web.test_forgotten import mails
from tests.web.test_reading import HOUR


def _plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def _asked(desk: Desk, session: requests.Session, **form: str | list[str]) -> requests.Response:
    data = {"csrf": str(session.headers["X-Test-Csrf"]), **form}
    return session.post(f"{desk.url}{PAGE}/relire", data=data, allow_redirects=False)


def _links(desk: Desk) -> dict[str, str]:
    """Reader -> the address of their link."""
    with desk.mailer.store.read() as tx:
        found = proofs.links_of(tx, campaign="flash", issue="2026-06-11")
    return {each.reader: desk.mailer.reviews.url(each) for each in found}


def _remark(desk: Desk, text: str, *, block: str = "", act: str = "remark") -> None:
    link = desk.mailer.reviews.make_link(REF, by="anne@reseau.example", may_approve=True, at=HOUR)
    form = {"act": act, "name": "Jeanne", "text": text, "block": block}
    assert requests.post(desk.mailer.reviews.url(link), data=form).status_code == 200


def _remark_id(html: str) -> str:
    found = re.search(r'value="done:(\d+):', html)
    assert found is not None
    return found[1]


def test_a_writer_asks_an_approver_who_may_approve_by_mail_and_others_who_may_not(desk: Desk) -> None:
    desk.browser(Role.APPROVER)
    session = desk.browser(Role.WRITER)
    page = _plain(session.get(f"{desk.url}{PAGE}/relire").text)
    assert "approver@reseau.example" in page
    assert "Toute modification ensuite annule l’approbation" in page
    answer = _asked(
        desk, session, reader="approver@reseau.example", others="jean@reseau.example", may_approve="yes"
    )
    assert answer.headers["Location"] == f"{PAGE}?fait=asked#relecture"
    links = _links(desk)
    assert "J’approuve" in requests.get(links["approver@reseau.example"]).text
    assert "J’approuve" not in requests.get(links["jean@reseau.example"]).text
    html = session.get(desk.url + answer.headers["Location"]).text
    assert "La relecture est demandée" in html
    assert "En relecture" in html
    assert "En attente de" in _plain(html)
    # Whoever asked sees no address by which the letter can be approved.
    assert links["approver@reseau.example"] not in session.get(f"{desk.url}/lettres/{REF}").text


def test_of_many_nobody_is_asked_where_one_address_is_mistyped(desk: Desk) -> None:
    desk.browser(Role.APPROVER)
    session = desk.browser(Role.WRITER)
    answer = _asked(desk, session, reader="approver@reseau.example", others="jean@reseau")
    assert answer.status_code == 422
    assert "jean@reseau" in answer.text
    assert _links(desk) == {}
    assert mails(desk) == []


def test_whoever_has_their_mail_is_not_asked_again_where_the_provider_fails(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.browser(Role.APPROVER)
    session = desk.browser(Role.WRITER)
    left: list[str] = []

    def take(provider: object, preview: Preview, *_: object, **__: object) -> None:
        if preview.person.address == "jean@reseau.example":
            raise ProviderHalt("down", "The provider does not answer.")
        left.append(preview.person.address)

    monkeypatch.setattr(reviews, "send_proof", take)
    answer = _asked(
        desk, session, reader="approver@reseau.example", others="Ana@reseau.example jean@reseau.example"
    )
    assert answer.status_code == 422
    assert left == ["approver@reseau.example", "ana@reseau.example"]
    assert 'name="others"' in answer.text
    assert 'value="jean@reseau.example"' in answer.text
    assert 'value="approver@reseau.example" checked' not in answer.text
    with desk.mailer.store.read() as tx:
        found = proofs.links_of(tx, campaign="flash", issue="2026-06-11")
    assert {each.reader for each in found if each.withdrawn_at is None} == set(left)
    assert len({each.snapshot_id for each in found}) == 1


@pytest.mark.parametrize("end", ["deactivate", "demote", "withdraw"])
def test_a_link_to_an_account_approves_no_longer_than_the_account(desk: Desk, end: str) -> None:
    desk.browser(Role.APPROVER)
    session = desk.browser(Role.WRITER)
    _asked(desk, session, reader="approver@reseau.example", others="jean@reseau.example")
    links = _links(desk)
    with desk.mailer.store.read() as tx:
        account = administering.find_any(tx, "approver@reseau.example")
    assert account is not None
    assert account.id is not None
    if end == "demote":
        administration.change_role(desk.mailer, account.id, role=Role.WRITER, by="claude")
    elif end == "deactivate":
        administration.deactivate(desk.mailer, account.id, by="claude")
        administration.reactivate(desk.mailer, account.id, by="claude")
    else:
        administration.withdraw_invitation(desk.mailer, account.id, by="claude")
    answer = requests.post(
        links["approver@reseau.example"], data={"act": "approve", "name": "Jeanne", "text": ""}
    )
    assert answer.status_code == 410
    assert "Ce lien a été retiré" in answer.text
    assert "Approuvée" not in _plain(session.get(desk.url + PAGE).text)
    assert requests.get(links["jean@reseau.example"]).status_code == 200


def test_whoever_has_an_account_that_may_not_approve_gets_a_link_for_remarks(desk: Desk) -> None:
    desk.browser(Role.WRITER)
    asked = {"others": "writer@reseau.example, jean@reseau.example", "may_approve": "yes"}
    _asked(desk, desk.browser(Role.APPROVER), **asked)
    links = _links(desk)
    assert "J’approuve" in requests.get(links["jean@reseau.example"]).text
    assert "J’approuve" not in requests.get(links["writer@reseau.example"]).text


def test_an_approval_is_shown_and_the_next_key_voids_it(desk: Desk) -> None:
    desk.browser(Role.APPROVER)
    session = desk.browser(Role.WRITER)
    _asked(desk, session, reader="approver@reseau.example")
    requests.post(_links(desk)["approver@reseau.example"], data={"act": "approve", "name": "Jeanne"})
    assert "Approuvée par Jeanne" in _plain(session.get(desk.url + PAGE).text)
    send(desk, session, opened(desk, session), quiet=True, subject="Autre chose")
    panel = _plain(session.get(f"{desk.url}{PAGE}/controles").text)
    assert "puis modifiée : à relire" in panel.replace("\u00a0", " ")
    assert "À relire" in panel


def test_a_letter_that_was_changed_while_it_is_read_says_so(desk: Desk) -> None:
    session = desk.browser(Role.WRITER)
    _asked(desk, session, others="jean@reseau.example")
    send(desk, session, opened(desk, session), quiet=True, subject="Autre chose")
    assert "Elle a été modifiée depuis que sa relecture a été demandée" in session.get(desk.url + PAGE).text


@pytest.mark.parametrize(
    "others", ["", "pas une adresse", ", ".join(f"a{each}@reseau.example" for each in range(21))]
)
def test_who_cannot_be_asked_comes_back_with_a_reason_and_nothing_leaves(desk: Desk, others: str) -> None:
    session = desk.browser(Role.WRITER)
    answer = _asked(desk, session, others=others)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert _links(desk) == {}


def test_a_remark_stands_at_its_block_wherever_that_has_gone_until_it_is_answered(desk: Desk) -> None:
    session = desk.browser(Role.WRITER)
    _remark(desk, "La <b>date</b> est fausse.", block="3")
    send(desk, session, opened(desk, session), act="up:3")
    html = session.get(desk.url + PAGE).text
    block = html[html.index('id="bloc-2"') : html.index('id="bloc-3"')]
    assert "La &lt;b&gt;date&lt;/b&gt; est fausse." in block
    number = _remark_id(block)
    done = send(desk, session, opened(desk, session), act=f"done:{number}:2")
    assert "La remarque est marquée comme traitée." in done.text
    block = done.text[done.text.index('id="bloc-2"') : done.text.index('id="bloc-3"')]
    assert "est fausse" not in block
    assert "traitée par writer@reseau.example" in done.text
    assert "Remarque traitée" in session.get(f"{desk.url}/lettres/{REF}").text
    again = send(desk, session, opened(desk, session), act=f"reopen:{number}:2")
    assert f'value="done:{number}:2"' in again.text


def test_a_remark_of_another_letter_cannot_be_marked(desk: Desk) -> None:
    session = desk.browser(Role.WRITER)
    _remark(desk, "La date est fausse.")
    number = _remark_id(session.get(desk.url + PAGE).text)
    path = "/lettres/flash/2026-06-04/ecrire"
    form = opened(desk, session, path) | {
        "csrf": str(session.headers["X-Test-Csrf"]),
        "act": f"done:{number}:0",
    }
    assert session.post(desk.url + path, data=form).status_code == 404
    for act in ("done", "done:", "done:x:y", "done:²:1"):
        assert send(desk, session, opened(desk, session), act=act).status_code == 200
    assert f'value="done:{number}:' in session.get(desk.url + PAGE).text


def test_remarks_and_refusals_are_things_to_do_that_lead_to_the_block(desk: Desk) -> None:
    session = desk.browser(Role.WRITER)
    _remark(desk, "Une faute.", block="3")
    week = session.get(desk.url + "/").text
    assert "1 remarque à traiter" in _plain(week).replace("\u00a0", " ")
    assert f'href="{PAGE}?ouvert=3#bloc-3">Aller au bloc 3' in week
    _remark(desk, "Pas ainsi.", act="refuse")
    week = session.get(desk.url + "/").text
    assert "a été refusée par Jeanne" in week
    assert "Et 1 autre." in week
    for _ in range(2):
        form = opened(desk, session)
        send(desk, session, form, act=f"done:{_remark_id(session.get(desk.url + PAGE).text)}:0")
    assert "Jeanne" not in session.get(desk.url + "/").text


def test_a_remark_about_a_block_that_is_gone_is_shown_with_the_letter(desk: Desk) -> None:
    session = desk.browser(Role.WRITER)
    _remark(desk, "Une faute.", block="10")
    write(desk, text_of(desk).rpartition("\n:::")[0].rpartition("\n::: ")[0] + "\n")
    html = session.get(desk.url + PAGE).text
    assert "Une faute." in html
    assert "#relecture" in session.get(desk.url + "/").text
