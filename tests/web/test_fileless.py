"""What is on its way leaves as it was frozen, also without its file: so it is seen, and can be stopped."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mailer.model.accounts import Role
from mailer.model.ledger import SendState
from mailer.store import sends
from tests.web.conftest import Desk
from tests.web.data import add_send

REF = "flash/2026-06-11"


def deleted(folder: Path) -> None:
    (folder / "2026-06-11.md").unlink()


def broken(folder: Path) -> None:
    (folder / "2026-06-11.md").write_bytes(b"\xff\xfe")


def renamed(folder: Path) -> None:
    folder.rename(folder.with_name("flash-2"))


def without_campaign(folder: Path) -> None:
    shutil.rmtree(folder)


LOSSES = (deleted, broken, renamed, without_campaign)


@pytest.mark.parametrize("lose", LOSSES)
def test_a_departure_without_a_file_is_listed_and_can_be_cancelled(
    desk: Desk, lose: Callable[[Path], None]
) -> None:
    desk.mailer.departures.schedule(REF, by="test", at="2026-06-12 09:00")
    lose(desk.mailer.settings.workspace / "campaigns/flash")
    assert [each.ref for each in desk.mailer.status() if not each.has_file] == [REF]
    session = desk.browser(Role.SENDER)
    assert "est en route sans son fichier" in session.get(desk.url).text
    for page in ("/lettres", "/calendrier?mois=2026-06"):
        assert f"/lettres/{REF}" in session.get(desk.url + page).text
    letter = session.get(f"{desk.url}/lettres/{REF}")
    assert (letter.status_code, f'action="/lettres/{REF}/annuler"' in letter.text) == (200, True)
    assert (
        f'value="{REF}"' not in session.get(f"{desk.url}/nouvelle-lettre").text
    )  # nothing can be copied from it
    assert session.get(f"{desk.url}/nouvelle-lettre?comme={REF}").status_code < 500
    assert desk.post(session, f"/lettres/{REF}/annuler").status_code == 303
    with desk.mailer.store.read() as tx:
        found = sends.latest(tx, REF)
    assert found is not None
    assert found.state == SendState.CANCELLED
    assert [each.ref for each in desk.mailer.status() if not each.has_file] == []


@pytest.mark.parametrize("lose", LOSSES)
def test_a_letter_that_is_leaving_without_a_file_can_be_stopped(
    desk: Desk, lose: Callable[[Path], None]
) -> None:
    add_send(desk.mailer, state=SendState.SENDING)
    lose(desk.mailer.settings.workspace / "campaigns/flash")
    session = desk.browser(Role.SENDER)
    assert session.get(f"{desk.url}/lettres/{REF}").status_code == 200
    assert desk.post(session, f"/lettres/{REF}/suspendre").status_code == 303
    [found] = [each for each in desk.mailer.status() if not each.has_file]
    assert found.state == SendState.PAUSED


@pytest.mark.parametrize("lose", LOSSES)
def test_what_has_left_keeps_its_report_without_its_file(desk: Desk, lose: Callable[[Path], None]) -> None:
    add_send(desk.mailer, REF)
    lose(desk.mailer.settings.workspace / "campaigns/flash")
    session = desk.browser(Role.SENDER)
    for path in (f"/resultats/{REF}", f"/resultats/{REF}/personnes", f"/resultats/{REF}/liens"):
        assert session.get(desk.url + path).status_code == 200, path
    report = session.get(f"{desk.url}/resultats/{REF}").text
    assert "Flash hebdo" in report
    for link in re.findall(r'href="(/[^"#?]*)', report):
        assert session.get(desk.url + link).status_code == 200, link


def test_what_never_left_has_no_report(desk: Desk) -> None:
    session = desk.browser(Role.SENDER)
    for ref in ("flash/2026-06-04", "flash/jamais", "rien/rien"):
        assert session.get(f"{desk.url}/resultats/{ref}").status_code == 404
        assert session.get(f"{desk.url}/resultats/{ref}/personnes").status_code == 404
