"""A letter moved to another day: its hour changes, its approval never holds for another one, and what leaves stays."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from mailer.app import IssueSummary, Mailer
from mailer.app.moving import MoveOutcome, Moves
from mailer.clock import FixedClock
from mailer.errors import ConflictError, InputError, RefusedError, UnconfirmedError
from mailer.model.ledger import SendState
from mailer.store import acts, sends
from tests.web.data import add_send

FLASH = "flash/2026-06-11"
BY = "claude@reseau.example"
HOUR, OTHER = "2026-06-11 10:00", "2026-06-16 11:30"


def summary(mailer: Mailer, ref: str = FLASH) -> IssueSummary:
    return next(each for each in mailer.issues() if each.ref == ref)


def content_hash(mailer: Mailer) -> str:
    with mailer.store.read() as tx:
        send = sends.latest(tx, FLASH)
    assert send is not None
    return send.content_hash


def test_a_draft_gets_its_hour_in_its_file(mailer: Mailer, root: Path) -> None:
    assert mailer.moves.move(FLASH, by=BY, at=OTHER) is MoveOutcome.DATED
    assert "send_at: 2026-06-16 11:30" in (root / "campaigns/flash/2026-06-11.md").read_text("utf-8")
    assert summary(mailer).state == "draft"
    with mailer.store.read() as tx:
        assert [(each.act, each.detail) for each in acts.about(tx, FLASH)] == [("move", OTHER)]
    assert len(mailer.composer.versions(FLASH).log()) == 2


def test_a_scheduled_letter_leaves_at_the_new_hour_as_it_was_frozen(mailer: Mailer, root: Path) -> None:
    mailer.departures.schedule(FLASH, by=BY, at=HOUR)
    before = content_hash(mailer)
    path = root / "campaigns/flash/2026-06-11.md"
    path.write_text(path.read_text("utf-8").replace("douze territoires", "treize territoires"), "utf-8")
    assert mailer.moves.move(FLASH, by=BY, at=OTHER) is MoveOutcome.SCHEDULED
    assert content_hash(mailer) == before
    moved = summary(mailer)
    assert (moved.state, moved.local_at("Europe/Paris")) == (
        "scheduled",
        datetime.fromisoformat("2026-06-16T11:30"),
    )


def test_an_approval_is_not_lost_before_somebody_knows(mailer: Mailer) -> None:
    mailer.departures.approve(FLASH, by="anne@reseau.example", at=HOUR)
    mailer.departures.schedule(FLASH, by=BY, at=HOUR)
    approval = mailer.moves.approval(FLASH)
    assert approval is not None
    assert approval.approved_by == "anne@reseau.example"
    with pytest.raises(UnconfirmedError, match="anne@"):
        mailer.moves.move(FLASH, by=BY, at=OTHER)
    still = summary(mailer)
    assert still.send is not None
    assert (still.state, still.send.local_at) == ("scheduled", HOUR)


def test_a_moved_letter_waits_for_a_new_approval(mailer: Mailer, clock: FixedClock) -> None:
    mailer.departures.approve(FLASH, by="anne@reseau.example", at=HOUR)
    mailer.departures.schedule(FLASH, by=BY, at=HOUR)
    assert mailer.moves.move(FLASH, by=BY, at=OTHER, confirmed=True) is MoveOutcome.VOIDED
    moved = summary(mailer)
    assert (moved.state, moved.local_at("Europe/Paris")) == (
        "draft",
        datetime.fromisoformat("2026-06-16T11:30"),
    )
    clock.advance(timedelta(days=6))
    assert mailer.run_due() == []
    with pytest.raises(RefusedError, match="Approve it again"):
        mailer.departures.schedule(FLASH, by=BY, at="2026-06-18 09:00")


def test_a_moved_letter_that_is_approved_again_leaves(mailer: Mailer) -> None:
    mailer.departures.approve(FLASH, by=BY, at=HOUR)
    mailer.departures.schedule(FLASH, by=BY, at=HOUR)
    mailer.moves.move(FLASH, by=BY, at=OTHER, confirmed=True)
    mailer.departures.approve(FLASH, by=BY)
    assert mailer.departures.schedule(FLASH, by=BY).local_at == OTHER


def test_an_approved_draft_asks_too(mailer: Mailer) -> None:
    mailer.departures.approve(FLASH, by=BY, at="2026-06-11 09:30")
    with pytest.raises(UnconfirmedError):
        mailer.moves.move(FLASH, by=BY, at=OTHER)
    assert mailer.moves.move(FLASH, by=BY, at=OTHER, confirmed=True) is MoveOutcome.VOIDED


def test_a_letter_that_is_scheduled_while_its_draft_is_moved_stays_scheduled(
    mailer: Mailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailer.departures.schedule(FLASH, by=BY, at=HOUR)
    mailer.running.cancel(FLASH, by=BY)
    monkeypatch.setattr(
        Moves, "_date", lambda *_, **__: mailer.departures.schedule(FLASH, by="bruno@reseau.example", at=HOUR)
    )
    with pytest.raises(RefusedError, match="cannot be moved"):
        mailer.moves.move(FLASH, by=BY, at=OTHER)
    assert summary(mailer).state == "scheduled"


def test_a_departure_that_was_taken_back_is_said_even_if_the_file_changed(
    mailer: Mailer, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailer.departures.approve(FLASH, by="anne@reseau.example", at=HOUR)
    mailer.departures.schedule(FLASH, by=BY, at=HOUR)

    def conflicting(*_: object, **__: object) -> None:
        raise ConflictError("Somebody changed it.")

    monkeypatch.setattr(Moves, "_date", conflicting)
    with pytest.raises(ConflictError, match="no longer leaves"):
        mailer.moves.move(FLASH, by=BY, at=OTHER, confirmed=True)
    assert summary(mailer).state == "draft"


@pytest.mark.parametrize(
    "state", [SendState.SENDING, SendState.PAUSED, SendState.SETTLING, SendState.DONE, SendState.HELD]
)
def test_what_leaves_or_left_cannot_be_moved(mailer: Mailer, state: SendState) -> None:
    add_send(mailer, state=state)
    with pytest.raises(RefusedError, match="cannot be moved"):
        mailer.moves.move(FLASH, by=BY, at=OTHER)
    assert summary(mailer).state == state.value


def test_a_cancelled_letter_of_which_copies_left_cannot_be_moved(mailer: Mailer) -> None:
    add_send(mailer, state=SendState.PAUSED)
    mailer.running.cancel(FLASH, by=BY)
    with pytest.raises(RefusedError, match="cannot be moved"):
        mailer.moves.move(FLASH, by=BY, at=OTHER)


def test_a_cancelled_letter_that_is_dated_anew_is_a_draft(mailer: Mailer) -> None:
    mailer.departures.schedule(FLASH, by=BY, at=HOUR)
    mailer.running.cancel(FLASH, by=BY)
    assert summary(mailer).state == "cancelled"
    assert mailer.moves.move(FLASH, by=BY, at=OTHER) is MoveOutcome.DATED
    assert summary(mailer).state == "draft"


def test_a_taken_day_leaves_the_letter_where_it_was(mailer: Mailer) -> None:
    mailer.departures.schedule("flash/2026-06-04", by=BY, at="2026-06-16 09:00")
    mailer.departures.schedule(FLASH, by=BY, at=HOUR)
    with pytest.raises(RefusedError, match="already sends"):
        mailer.moves.move(FLASH, by=BY, at=OTHER)
    kept = summary(mailer)
    assert kept.send is not None
    assert (kept.state, kept.send.local_at) == ("scheduled", HOUR)


@pytest.mark.parametrize(
    ("at", "why"),
    [
        ("2026-06-10 09:00", "past"),
        ("2026-06-31 09:00", "not an hour"),
        ("2027-03-28 02:30", "does not exist"),
    ],
)
def test_an_impossible_hour_is_refused(mailer: Mailer, at: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        mailer.moves.move(FLASH, by=BY, at=at)
