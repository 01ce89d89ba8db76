"""Acts of the desk change the ledger, once, and say why when they do not."""

import re
from datetime import timedelta

import pytest

from mailer.errors import RefusedError
from mailer.i18n import note
from mailer.model.accounts import Role, User
from mailer.model.columns import table
from mailer.model.ledger import SendState
from mailer.providers import api
from mailer.store import accounts, acts, sends
from tests.conftest import NOW, REPOSITORY
from tests.web.conftest import PASSWORD, Desk
from tests.web.data import add_send

DATA = REPOSITORY / "mailer/demo/data"
REF = "flash/2026-06-11"
LETTER = f"/lettres/{REF}"
LATER = {"day": "2026-06-12", "hour": "09:00"}


def _state(desk: Desk) -> str | None:
    with desk.mailer.store.read() as tx:
        found = sends.latest(tx, REF)
    return found.state if found else None


def test_scheduling_records_who_did_it(desk: Desk) -> None:
    answer = desk.post(desk.browser(Role.SENDER), f"{LETTER}/programmer", **LATER)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{LETTER}?fait=schedule")
    with desk.mailer.store.read() as tx:
        send, log = sends.latest(tx, REF), acts.about(tx, REF)
    assert send is not None
    assert (send.state, send.local_at) == (SendState.SCHEDULED, "2026-06-12 09:00")
    assert (log[0].act, log[0].by) == ("schedule", "sender@reseau.example")


def test_scheduling_in_the_past_is_refused_with_the_reason(desk: Desk) -> None:
    answer = desk.post(desk.browser(), f"{LETTER}/programmer", day="2026-06-01", hour="09:00")
    assert answer.status_code == 409
    assert "2026-06-01 09:00 est déjà passé" in answer.text
    assert _state(desk) is None


def test_an_hour_that_is_none_is_refused(desk: Desk) -> None:
    answer = desk.post(desk.browser(), f"{LETTER}/programmer", day="tomorrow", hour="9")
    assert answer.status_code == 422
    assert _state(desk) is None


def test_a_day_without_an_hour_is_refused_instead_of_guessed(desk: Desk) -> None:
    session = desk.browser()
    assert desk.post(session, f"{LETTER}/programmer", day="2026-06-12").status_code == 422
    assert desk.post(session, f"{LETTER}/programmer", hour="09:00").status_code == 422
    assert _state(desk) is None


def test_a_change_after_approval_asks_for_a_new_one(desk: Desk) -> None:
    session = desk.browser()
    assert desk.post(session, f"{LETTER}/approuver", **LATER).status_code == 303
    path = desk.mailer.settings.workspace / f"campaigns/{REF}.md"
    path.write_text(path.read_text("utf-8").replace("SCIC", "coopérative"), "utf-8")
    assert desk.post(session, f"{LETTER}/programmer", **LATER).status_code == 409
    assert _state(desk) is None


def test_sending_now_leaves_time_to_cancel(desk: Desk) -> None:
    session = desk.browser()
    assert desk.post(session, f"{LETTER}/envoyer").status_code == 303
    with desk.mailer.store.read() as tx:
        send = sends.latest(tx, REF)
    assert send is not None
    assert send.send_at >= NOW + timedelta(seconds=60)
    assert desk.post(session, f"{LETTER}/annuler").status_code == 303
    assert _state(desk) == SendState.CANCELLED


def test_a_running_send_is_paused_and_resumed(desk: Desk) -> None:
    session = desk.browser()
    add_send(desk.mailer, state=SendState.SENDING)
    assert desk.post(session, f"{LETTER}/suspendre").status_code == 303
    assert _state(desk) == SendState.PAUSED
    assert "Suspendu par administrator@reseau.example" in session.get(desk.url + LETTER).text
    assert desk.post(session, f"{LETTER}/reprendre").status_code == 303
    assert _state(desk) == SendState.SENDING


def test_what_was_sent_cannot_be_cancelled(desk: Desk) -> None:
    add_send(desk.mailer, state=SendState.DONE)
    assert desk.post(desk.browser(), f"{LETTER}/annuler").status_code == 409
    assert _state(desk) == SendState.DONE


def test_a_proof_goes_to_one_address_and_no_ledger(desk: Desk) -> None:
    answer = desk.post(desk.browser(Role.WRITER), f"{LETTER}/epreuve", to="claude@reseau.example")
    assert answer.status_code == 303
    assert _state(desk) is None
    kept = desk.mailer.settings.under_workspace(desk.mailer.settings.provider.path)
    mails = [each for each in kept.rglob("*") if each.is_file() and b"Subject:" in each.read_bytes()]
    assert len(mails) == 1


@pytest.mark.parametrize(
    ("ref", "to", "status"),
    [
        ("flash/2026-06-11", "journaliste@presse.example", 409),
        ("flash/2026-06-11", "claude@reseau.example, journaliste@presse.example", 409),
        ("flash/2026-06-11", "sender@ville.example", 303),
        ("newsletter/2026-06", "journaliste@presse.example", 303),
    ],
)
def test_a_proof_of_a_members_only_letter_goes_to_insiders(
    desk: Desk, ref: str, to: str, status: int
) -> None:
    """The flash is for members only, as shipped; an account of the desk is known by whatever address."""
    with desk.mailer.store.write() as tx:
        accounts.create_user(tx, "sender@ville.example", role=Role.SENDER, at=desk.clock.now())
    answer = desk.post(desk.browser(Role.WRITER), f"/lettres/{ref}/epreuve", to=to, link="true")
    assert answer.status_code == status
    with desk.mailer.store.read() as tx:
        told = acts.about(tx, ref)
    proofs = [each.detail for each in told if each.act == "proof"]
    assert proofs == ([to] if status == 303 else [])
    if status == 409:
        assert "journaliste@presse.example" in answer.text
        assert not list(
            desk.mailer.settings.under_workspace(desk.mailer.settings.provider.path).rglob("new/*")
        )


def test_what_is_approved_for_tomorrow_does_not_leave_today(desk: Desk) -> None:
    """Also not by the command that sends at once: an approval binds the hour."""
    later = "2026-06-12 09:00"
    desk.mailer.departures.approve(REF, by="claude", at=later)
    desk.mailer.departures.schedule(REF, by="claude", at=later)
    with pytest.raises(RefusedError, match="Approve it again"):
        desk.mailer.send_now(REF, by="claude")
    assert _state(desk) == SendState.SCHEDULED
    file = desk.mailer.settings.workspace / f"campaigns/{REF}.md"
    file.write_text(re.sub(r"(?m)^subject: .*$", 'subject: "Autre chose"', file.read_text("utf-8")), "utf-8")
    desk.clock.advance(timedelta(days=1, hours=1))
    assert desk.mailer.send_now(REF, by="claude").state == SendState.DONE
    assert "Autre chose" not in desk.mailer.report(REF).letter.subject


@pytest.mark.parametrize("erratum", [False, True])
def test_a_proof_of_what_left_for_members_stays_inside_when_its_campaign_opens(
    desk: Desk, *, erratum: bool
) -> None:
    add_send(desk.mailer, state=SendState.DONE)
    ref = "flash/2026-06-11"
    if erratum:
        ref = desk.mailer.prepare_erratum(ref, by="test").ref
    file = desk.mailer.settings.workspace / "campaigns/flash/campaign.toml"
    text = re.sub(r"(?m)^segment = .*$", 'segment = "abonnes"', file.read_text("utf-8"))
    file.write_text(text.replace("members_only = true", ""), "utf-8")
    answer = desk.post(desk.browser(Role.WRITER), f"/lettres/{ref}/epreuve", to="journaliste@presse.example")
    assert (answer.status_code, "journaliste@presse.example" in answer.text) == (409, True)


def test_whose_account_was_deactivated_is_no_insider(desk: Desk) -> None:
    with desk.mailer.store.write() as tx:
        user = accounts.create_user(tx, "partie@ville.example", role=Role.SENDER, at=desk.clock.now())
        tx.execute(
            table(User).update().where(table(User).c.id == user.id).values(disabled_at=desk.clock.now())
        )
    answer = desk.post(desk.browser(Role.WRITER), f"{LETTER}/epreuve", to="partie@ville.example")
    assert answer.status_code == 409


def test_above_500_people_the_number_is_typed_by_hand(desk: Desk) -> None:
    session = desk.browser()
    for kind, name in (("organisations", "collectivites.csv"), ("contacts", "contacts.csv")):
        desk.mailer.import_file(kind, DATA / name, by="test")
    people = desk.mailer.audience("adherents", topic="flash").count
    assert people > 500
    assert desk.post(session, f"{LETTER}/envoyer").status_code == 409
    assert desk.post(session, f"{LETTER}/envoyer", typed=str(people + 1)).status_code == 409
    assert _state(desk) is None
    assert (
        desk.post(session, f"{LETTER}/envoyer", typed=f"{people:,}".replace(",", "\u202f")).status_code == 303
    )
    assert _state(desk) == SendState.SCHEDULED


def test_scheduling_for_later_asks_for_the_number_too(desk: Desk) -> None:
    session = desk.browser()
    for kind, name in (("organisations", "collectivites.csv"), ("contacts", "contacts.csv")):
        desk.mailer.import_file(kind, DATA / name, by="test")
    people = desk.mailer.departures.foresee(REF).count
    refused = desk.post(session, f"{LETTER}/programmer", **LATER)
    assert refused.status_code == 409
    assert re.search(r'id="later-number"[^>]* aria-invalid="true" aria-describedby="why"', refused.text)
    assert not re.search(r'name="day"[^>]* aria-invalid', refused.text)
    assert _state(desk) is None
    assert desk.post(session, f"{LETTER}/approuver", **LATER).status_code == 303
    assert desk.post(session, f"{LETTER}/programmer", typed=str(people), **LATER).status_code == 303
    assert _state(desk) == SendState.SCHEDULED


def test_an_audience_that_moved_is_confirmed(desk: Desk) -> None:
    session = desk.browser()
    add_send(desk.mailer, "flash/2026-06-04", ended_at=NOW)
    page = session.get(desk.url + LETTER).text
    assert "0 arrivée, 120 départs depuis n°" in page.replace("\u00a0", " ")
    refused = desk.post(session, f"{LETTER}/programmer", **LATER)
    assert refused.status_code == 409
    assert re.search(r'id="later-moved"[^>]* aria-invalid="true" aria-describedby="why"', refused.text)
    assert _state(desk) is None
    assert desk.post(session, f"{LETTER}/programmer", moved="true", **LATER).status_code == 303
    assert _state(desk) == SendState.SCHEDULED


def test_what_was_typed_comes_back_with_the_reason(desk: Desk) -> None:
    session = desk.browser()
    past = desk.post(session, f"{LETTER}/programmer", day="2026-06-01", hour="08:15").text
    assert 'value="2026-06-01" aria-invalid="true" aria-describedby="why" autofocus' in past
    assert 'value="08:15" aria-invalid="true" aria-describedby="why"' in past
    assert "<title>Refusé" in past
    proof = desk.post(session, f"{LETTER}/epreuve", to="not-an-address").text
    assert '<details class="data" open>' in proof
    assert 'value="not-an-address" aria-invalid="true" aria-describedby="why"' in proof


def test_a_refused_password_is_tied_to_its_field(desk: Desk, password_hash: str) -> None:
    desk.browser()
    with desk.mailer.store.write() as tx:
        user = accounts.find_user(tx, "administrator@reseau.example")
        assert user is not None
        assert user.id is not None
        accounts.set_password(tx, user.id, password_hash=password_hash)
    session = desk.browser()
    path = "/compte/mot-de-passe"
    false = desk.post(session, path, present="wrong", password="x" * 12, again="x" * 12).text
    assert re.search(r'id="present"[^>]* aria-invalid="true" aria-describedby="why"', false)
    short = desk.post(session, path, present=PASSWORD, password="short", again="short").text
    assert re.search(r'id="password"[^>]* aria-describedby="rule why" aria-invalid="true"', short)


def test_a_pause_by_the_provider_is_said_in_the_language_of_the_desk(desk: Desk) -> None:
    refused = note(api.halt("no-credit", provider="Brevo", code=402))
    add_send(desk.mailer, state=SendState.PAUSED, pause_reason=refused)
    session = desk.browser()
    for path in (LETTER, "/"):
        assert "Notre compte chez Brevo n’a plus de crédit" in session.get(desk.url + path).text, path


def test_a_staged_send_shows_what_became_of_its_first_copies(desk: Desk) -> None:
    session = desk.browser()
    add_send(desk.mailer, state=SendState.PAUSED, pause_reason="staged")
    page = session.get(desk.url + LETTER).text
    assert "Les premiers exemplaires sont partis" in page
    assert "Des 120 premiers : 59 acceptés, 1 refusés, 0 incertains." in re.sub(r"\s", " ", page)
    assert desk.post(session, f"{LETTER}/reprendre").status_code == 303
    assert _state(desk) == SendState.SENDING
    assert "Des 120 premiers" not in session.get(desk.url + LETTER).text
