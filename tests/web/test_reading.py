"""A letter read by somebody without an account, from the officer's link to the answer on the letter's page."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
import requests

from mailer.errors import RefusedError
from mailer.model.accounts import Role
from mailer.model.ledger import SendState
from mailer.store import proofs, sends
from tests.web.conftest import Desk

REF = "flash/2026-06-11"
LETTER = f"/lettres/{REF}"
HOUR = "2026-06-12 09:00"


def _link(desk: Desk, *, may_approve: bool = True) -> str:
    link = desk.mailer.reviews.make_link(REF, by="anne@reseau.example", may_approve=may_approve, at=HOUR)
    return desk.mailer.reviews.url(link)


def _letter(desk: Desk) -> str:
    return re.sub(r"\s+", " ", desk.browser().get(desk.url + LETTER).text)


def _change(desk: Desk) -> None:
    path = desk.mailer.settings.workspace / f"campaigns/{REF}.md"
    path.write_text(path.read_text("utf-8").replace("SCIC", "coopérative"), "utf-8")


def _ask_for_approval(desk: Desk) -> None:
    path = desk.mailer.settings.workspace / "campaigns/flash/campaign.toml"
    path.write_text("approval = true\n" + path.read_text("utf-8"), "utf-8")


def test_a_reader_sees_the_mail_and_leaves_a_remark_without_a_cookie(desk: Desk) -> None:
    url = _link(desk)
    page = requests.get(url)
    assert page.status_code == 200
    assert "noindex" in page.headers["X-Robots-Tag"]
    assert "no-store" in page.headers["Cache-Control"]
    assert not page.cookies
    assert "<script" not in page.text
    mail = requests.get(f"{url}/mail")
    assert "sandbox" in mail.headers["Content-Security-Policy"]
    assert "allow-scripts" not in mail.headers["Content-Security-Policy"]
    assert "Camille" in mail.text or "<table" in mail.text
    said = requests.post(
        url, data={"act": "remark", "name": "Jeanne <b>", "text": "Une <i>faute</i> ici", "block": "1"}
    )
    assert "Votre remarque est enregistrée" in said.text
    assert 'value="Jeanne &lt;b&gt;"' in said.text
    letter = _letter(desk)
    assert "Une &lt;i&gt;faute&lt;/i&gt; ici" in letter
    assert "Remarque d’un relecteur" in letter


def test_an_approval_by_link_lets_a_careful_campaign_leave_and_a_change_voids_it(desk: Desk) -> None:
    _ask_for_approval(desk)
    schedule = desk.mailer.departures.schedule
    with pytest.raises(RefusedError, match="needs an approval"):
        schedule(REF, by="anne", at=HOUR)
    url = _link(desk)
    assert requests.post(url, data={"act": "approve", "name": "Jeanne Martin"}).status_code == 200
    letter = _letter(desk)
    assert "Approuvée par Jeanne Martin (lien créé par anne@reseau.example)" in letter
    with pytest.raises(RefusedError, match="not approved as it is now"):
        schedule(REF, by="anne", at="2026-06-12 10:00")
    original = Path(desk.mailer.settings.workspace / f"campaigns/{REF}.md").read_text("utf-8")
    _change(desk)
    assert "puis modifiée : à relire" in _letter(desk)
    with pytest.raises(RefusedError, match="not approved as it is now"):
        schedule(REF, by="anne", at=HOUR)
    (desk.mailer.settings.workspace / f"campaigns/{REF}.md").write_text(original, "utf-8")
    assert schedule(REF, by="anne", at=HOUR).state == "scheduled"


def test_a_refusal_keeps_the_letter_here_until_it_is_approved(desk: Desk) -> None:
    url = _link(desk)
    empty = requests.post(url, data={"act": "refuse", "name": "Jeanne"})
    assert empty.status_code == 422
    assert "Dites ce qui ne va pas" in empty.text
    requests.post(url, data={"act": "refuse", "name": "Jeanne", "text": "La date est fausse."})
    assert "Refusée par Jeanne" in _letter(desk)
    with pytest.raises(RefusedError, match="was refused by Jeanne"):
        desk.mailer.departures.schedule(REF, by="anne", at=HOUR)
    desk.mailer.departures.approve(REF, by="anne", at=HOUR)
    assert desk.mailer.departures.schedule(REF, by="anne", at=HOUR).state == "scheduled"


def _refuse(url: str) -> str:
    return requests.post(url, data={"act": "refuse", "name": "Jeanne", "text": "La date est fausse."}).text


def _state(desk: Desk) -> str:
    with desk.mailer.store.read() as tx:
        send = sends.latest(tx, REF)
    assert send is not None
    return send.state


def test_a_refusal_takes_back_the_departure_of_what_was_refused(desk: Desk) -> None:
    url = _link(desk)
    desk.mailer.departures.schedule(REF, by="anne", at=HOUR)
    assert "le départ de la lettre est annulé" in _refuse(url)
    assert _state(desk) == "cancelled"
    letter = _letter(desk)
    assert "Refusée par Jeanne" in letter
    assert "Départ annulé par le refus d’un relecteur" in letter
    with pytest.raises(RefusedError, match="was refused by Jeanne"):
        desk.mailer.departures.schedule(REF, by="anne", at=HOUR)
    assert "le départ de la lettre est annulé" not in _refuse(url)


def test_a_refusal_of_an_older_version_leaves_the_departure_alone(desk: Desk) -> None:
    url = _link(desk)
    _change(desk)
    desk.mailer.departures.schedule(REF, by="anne", at=HOUR)
    assert "Votre réponse est enregistrée. Merci." in re.sub(r"\s+", " ", _refuse(url))
    assert _state(desk) == "scheduled"


def test_a_refusal_that_comes_too_late_is_kept_and_says_so(desk: Desk) -> None:
    url = _link(desk)
    send = desk.mailer.departures.schedule(REF, by="anne", at=HOUR)
    assert send.id is not None
    with desk.mailer.store.write() as tx:
        running = {
            "before": [SendState.SCHEDULED],
            "after": SendState.SENDING,
            "started_at": desk.clock.now(),
        }
        assert sends.transition(tx, send.id, **running)
    assert "la lettre a déjà commencé à partir" in _refuse(url)
    assert _state(desk) == "sending"
    letter = _letter(desk)
    assert "La date est fausse." in letter
    assert "Départ annulé" not in letter


def test_an_approval_leaves_the_departure_alone(desk: Desk) -> None:
    url = _link(desk)
    desk.mailer.departures.schedule(REF, by="anne", at=HOUR)
    requests.post(url, data={"act": "approve", "name": "Jeanne"})
    assert _state(desk) == "scheduled"


def test_a_writers_link_cannot_approve(desk: Desk) -> None:
    session = desk.browser(Role.WRITER)
    assert desk.post(session, f"{LETTER}/relecture", reader="Jeanne", days="3").status_code == 303
    page = session.get(desk.url + LETTER).text
    url = re.search(r'<code class="copy"[^>]*>([^<]+)</code>', page)
    assert url is not None
    refused = requests.post(url[1], data={"act": "approve", "name": "Jeanne"})
    assert refused.status_code == 422
    assert "J’approuve" not in requests.get(url[1]).text


def test_a_writer_gets_no_approving_link_of_somebody_else_and_cannot_end_it(desk: Desk) -> None:
    url = _link(desk)
    with desk.mailer.store.read() as tx:
        (link,) = proofs.links_of(tx, campaign="flash", issue="2026-06-11")
    session = desk.browser(Role.WRITER)
    page = session.get(desk.url + LETTER).text
    assert "peut approuver" in page
    assert "/r/" not in page
    refused = desk.post(session, f"{LETTER}/relecture/{link.public_id}/retirer")
    assert refused.status_code == 409
    assert "seule une personne qui approuve" in refused.text
    assert "/r/" not in refused.text
    assert requests.get(url).status_code == 200
    assert url in desk.browser(Role.APPROVER).get(desk.url + LETTER).text


def test_a_withdrawn_an_ended_and_a_forged_link_say_so(desk: Desk) -> None:
    url = _link(desk)
    with desk.mailer.store.read() as tx:
        (link,) = proofs.links_of(tx, campaign="flash", issue="2026-06-11")
    session = desk.browser(Role.APPROVER)
    assert desk.post(session, f"{LETTER}/relecture/{link.public_id}/retirer").status_code == 303
    for path in (url, f"{url}/mail"):
        assert requests.get(path).status_code == 410
    assert requests.post(url, data={"act": "approve", "name": "Jeanne"}).status_code == 410
    later = _link(desk)
    desk.clock.advance(timedelta(days=15))
    assert requests.get(later).status_code == 410
    assert requests.get(later[:-2] + "xx").status_code == 404


def test_the_group_gets_the_proof_each_with_a_link_of_their_own(desk: Desk) -> None:
    path = desk.mailer.settings.workspace / "campaigns/flash/campaign.toml"
    group = 'proof_to = ["anne@reseau.example", "jean@reseau.example"]\n'
    path.write_text(group + path.read_text("utf-8"), "utf-8")
    session = desk.browser(Role.APPROVER)
    assert 'value="anne@reseau.example, jean@reseau.example"' in session.get(desk.url + LETTER).text
    to = "anne@reseau.example, jean@reseau.example"
    assert desk.post(session, f"{LETTER}/epreuve", to=to, link="true").status_code == 303
    with desk.mailer.store.read() as tx:
        links = proofs.links_of(tx, campaign="flash", issue="2026-06-11")
    assert {(each.reader, each.may_approve) for each in links} == {
        ("anne@reseau.example", True),
        ("jean@reseau.example", True),
    }
    folder = desk.mailer.settings.under_workspace(desk.mailer.settings.provider.path)
    mails = [each.read_bytes().replace(b"=\r\n", b"") for each in folder.rglob("*") if each.is_file()]
    for link in links:
        token = desk.mailer.reviews.url(link).rsplit("/", 1)[1].encode()
        (mail,) = [each for each in mails if token in each]
        assert mail.count(token) == 2  # in the text and in the HTML


def test_a_proof_for_nobody_is_refused(desk: Desk) -> None:
    assert desk.post(desk.browser(), f"{LETTER}/epreuve", to="").status_code == 422
