"""Links and sender are looked up when somebody asks, and what was found stops the letter."""

from dataclasses import replace

import pytest

from mailer.errors import WorkspaceError
from mailer.lookups.net import NoSuchName, Silence
from mailer.model.accounts import Role
from mailer.model.lookups import LINK, LinkState
from mailer.store import acts, lookups
from tests.web.conftest import Desk

REF = "flash/2026-06-11"
LETTER = f"/lettres/{REF}"


def test_the_letter_says_when_its_links_were_looked_at(desk: Desk) -> None:
    session = desk.browser(Role.WRITER)
    assert "n’ont pas été vérifiés récemment" in session.get(desk.url + LETTER).text
    desk.mailer.outside.net = replace(desk.mailer.outside.net, resolve=_nobody, texts=_silence)
    answer = desk.post(session, f"{LETTER}/verifier")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{LETTER}?fait=look-up")
    page = session.get(desk.url + LETTER).text
    assert "Liens vérifiés" in page
    assert "est une adresse d’exemple" in page
    with desk.mailer.store.read() as tx:
        assert [each.act for each in acts.about(tx, REF)] == ["look-up"]


def test_a_dead_link_keeps_the_letter_from_being_scheduled(desk: Desk) -> None:
    link = desk.mailer.compile(REF).links[0]
    with desk.mailer.store.write() as tx:
        seen = {link: (LinkState.DEAD.value, "404")}
        lookups.record(tx, kind=LINK, seen=seen, at=desk.mailer.clock.now())
    with pytest.raises(WorkspaceError, match="leads nowhere"):
        desk.mailer.departures.schedule(REF, by="test", at="2026-06-12 09:00")
    assert "dead-link" in {each.code for each in desk.mailer.check()}


def _nobody(_: str) -> list[str]:
    raise NoSuchName


def _silence(_: str) -> list[str] | None:
    raise Silence
