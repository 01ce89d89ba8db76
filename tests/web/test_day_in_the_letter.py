"""The day at the head of a letter is the one on which it leaves, whatever day its file wishes for."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest
import requests

from mailer.app import Mailer
from mailer.model.ledger import Delivery
from mailer.sending.copies import CopyRoom
from mailer.store import deliveries, sends, snapshots
from mailer.tokens import Purpose
from tests.web.conftest import Desk
from tests.web.data import add_send

REF, BY = "newsletter/2026-06", "claude@reseau.example"
WISHED, LEAVES = "9\u00a0juin 2026", "16\u00a0juin 2026"
OTHER = "2026-06-16 10:00"


@pytest.fixture
def moved(desk: Desk) -> Desk:
    """Gone on another day than its file wishes for."""
    add_send(
        desk.mailer, REF, at=OTHER, tracking="consented", started_at=datetime(2026, 6, 16, 8, tzinfo=UTC)
    )
    return desk


def says(text: str) -> list[str]:
    """Which of the two days stands there, however the space between its parts is written."""
    plain = text.replace("&#xA0;", "\u00a0").replace("&nbsp;", "\u00a0")
    return [day for day in (WISHED, LEAVES) if day in plain]


def first_copy(mailer: Mailer) -> Delivery:
    with mailer.store.read() as tx:
        send = sends.latest(tx, REF)
        assert send is not None
        assert send.id is not None
        found = deliveries.find_by_key(tx, mailer.signer.delivery_key(send.id, 1))
    assert found is not None
    return found


def test_every_copy_names_it(moved: Desk) -> None:
    mailer = moved.mailer
    with mailer.store.read() as tx:
        send = sends.latest(tx, REF)
        assert send is not None
        room = CopyRoom(
            send,
            snapshots.get(tx, send.snapshot_id),
            secret=bytearray(),
            settings=mailer.settings,
            signer=mailer.signer,
        )
    message = message_from_bytes(room.message(first_copy(mailer)).mime, policy=default)
    parts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
    assert [says(part) for part in parts] == [[LEAVES], [LEAVES]]


def test_so_do_the_web_version_the_archive_and_the_clicks_on_the_mail(moved: Desk) -> None:
    mailer = moved.mailer
    view = mailer.signer.url(moved.url, Purpose.VIEW, first_copy(mailer).key.encode())
    for page in (view, f"{moved.url}/archive/{REF}"):
        assert says(requests.get(page).text) == [LEAVES], page
    assert says(moved.browser().get(f"{moved.url}/resultats/{REF}/liens").text) == [LEAVES]


def test_a_reader_sees_the_day_that_the_answer_is_about(desk: Desk) -> None:
    for at, day in ((None, WISHED), (OTHER, LEAVES)):
        link = desk.mailer.reviews.make_link(REF, by=BY, may_approve=True, at=at)
        assert says(requests.get(f"{desk.mailer.reviews.url(link)}/mail").text) == [day]


def test_a_preview_shows_the_day_of_the_file(desk: Desk) -> None:
    content = desk.mailer.preview(REF).content
    assert (says(content.html), says(content.text)) == ([WISHED], [WISHED])


def test_whatever_looks_like_its_mark_stays_text(desk: Desk) -> None:
    path = desk.mailer.settings.workspace / f"campaigns/{REF}.md"
    stray = f"&#82;ELAIS{b'date|demain'.hex()}SIALER"
    path.write_text(f"{path.read_text('utf-8')}\n::: text\n{stray}\n:::\n", "utf-8")
    assert "demain" in desk.mailer.preview(REF).content.text
