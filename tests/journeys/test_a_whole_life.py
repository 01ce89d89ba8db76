"""One person from the sign-up form to the erasure, over real HTTP: what they say holds, whatever files come after."""

import json
import re
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
import requests

from mailer.app import persons
from mailer.errors import NotFoundError
from mailer.model.accounts import Role
from tests.web.conftest import Desk, desk

__all__ = ["desk"]
OLD, NEW = "alix@ville.example", "alix.martin@ville.example"
FIRST, SECOND = "newsletter/2026-05", "newsletter/2026-06"


def mails(desk: Desk) -> list[EmailMessage]:
    """What was handed over and not looked at yet, the oldest first."""
    folder = desk.mailer.settings.under_workspace(desk.mailer.settings.provider.path)
    found = []
    for path in sorted(folder.rglob("new/*"), key=lambda each: each.stat().st_mtime_ns):
        found.append(message_from_bytes(path.read_bytes(), policy=policy.default))
        path.unlink()
    return found


def text_of(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def link(text: str, purpose: str) -> str:
    found = re.search(rf"https?://[^\s\"'<>)]*/{purpose}/[^\s\"'<>)]+", text)
    assert found, purpose
    return found[0]


def send(desk: Desk, ref: str) -> EmailMessage:
    """The one copy of a letter."""
    desk.mailer.send_now(ref, by="claude")
    (mail,) = mails(desk)
    return mail


def import_everybody(desk: Desk, folder: Path) -> list[str]:
    """Tomorrow's file holds both addresses; the reasons of what was said about its lines."""
    path = folder / "tomorrow.csv"
    path.write_text(f"Courriel;Newsletter;Mesure d'ouverture\n{OLD};oui;oui\n{NEW};oui;oui\n", "utf-8")
    report = desk.mailer.import_file("contacts", path, by="claude")
    assert report.new == 0
    return [each.reason for each in (*report.rejected, *report.notes)]


def test_what_a_person_says_holds_for_life(desk: Desk, tmp_path: Path) -> None:
    _sign_up(desk)
    first = send(desk, FIRST)
    assert (first["To"].addresses[0].addr_spec, "/o/" in text_of(first, "html")) == (OLD, True)
    refused = {"form": "tracking", "tracking": "denied"}
    assert requests.post(link(text_of(first, "html"), "p"), data=refused, timeout=10).status_code == 200

    officer = desk.browser(Role.SENDER)
    assert desk.post(officer, "/personnes/adresse", address=OLD, new=NEW).status_code == 200
    desk.clock.advance(timedelta(days=1))
    second = send(desk, SECOND)
    assert (second["To"].addresses[0].addr_spec, "/o/" in text_of(second, "html")) == (NEW, False)

    one_click = re.sub(r"\s", "", str(second["List-Unsubscribe"])).split(">")[0].lstrip("<")
    assert requests.get(one_click, timeout=10).status_code == 200
    assert desk.mailer.audience("abonnes").count == 1
    left = requests.post(one_click, data={"List-Unsubscribe": "One-Click"}, timeout=10)
    assert (left.status_code, desk.mailer.audience("abonnes").count) == (200, 0)

    assert import_everybody(desk, tmp_path) == ["moved"]
    assert desk.mailer.audience("abonnes").count == 0
    _exported_then_erased(desk)
    assert import_everybody(desk, tmp_path) == ["erased", "erased"]


def _sign_up(desk: Desk) -> None:
    form = {"address": OLD, "topic": "newsletter", "language": "fr"}
    assert requests.post(f"{desk.url}/inscription", data=form, timeout=10).status_code == 200
    assert desk.mailer.audience("abonnes").count == 0
    asked: list[EmailMessage] = []
    while not asked:  # the page answers first, and hands the mail over then
        asked = mails(desk)
    (asking,) = asked
    confirming = link(text_of(asking, "plain"), "s")
    assert "/o/" not in asking.as_string()
    assert requests.post(confirming, timeout=10).status_code == 200
    assert desk.mailer.audience("abonnes").count == 1


def _exported_then_erased(desk: Desk) -> None:
    given = json.loads(persons.export(desk.mailer, NEW, by="claude"))
    assert (given["contact"]["tracking"], given["former_addresses"]) == ("denied", [OLD])
    assert [each["issue"] for each in given["letters"]] == ["2026-06", "2026-05"]
    assert {each["reason"] for each in given["exclusions"]} == {"unsubscribed"}
    persons.erase(desk.mailer, NEW, by="claude")
    for address in (OLD, NEW):
        with pytest.raises(NotFoundError, match="erased"):
            persons.find(desk.mailer, address)
