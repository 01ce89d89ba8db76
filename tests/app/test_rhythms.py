"""The next letter is prepared once, as a draft, when the last one has left; who writes is reminded once, before its hour."""

import shutil
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from mailer.app import Mailer, create_mailer
from mailer.clock import FixedClock
from mailer.errors import NotFoundError
from mailer.model.accounts import Role
from mailer.store import accounts, acts, planned_days
from tests.web.data import add_send

NEXT = "flash/2026-06-18"


def prepared(root: Path) -> list[str]:
    return sorted(path.stem for path in (root / "campaigns/flash").glob("2026-06-1[2-9]*.md"))


def add_writers(mailer: Mailer, *roles: Role) -> None:
    with mailer.store.write() as tx:
        for role in roles:
            user = accounts.create_user(tx, f"{role.value}@reseau.example", role=role, at=mailer.clock.now())
            assert user.id is not None
            accounts.set_password(tx, user.id, password_hash="x")


def mails(mailer: Mailer) -> list[str]:
    return [path.read_text("utf-8") for path in (mailer.settings.state / "maildir/new").glob("*")]


def test_the_next_letter_is_a_copy_of_the_frame_on_its_planned_day(mailer: Mailer, root: Path) -> None:
    add_send(mailer)
    mailer.rhythms.tend()
    _, campaign, issue = mailer.find(NEXT)
    assert issue.send_at == datetime.fromisoformat("2026-06-18T09:00")
    assert issue.number == 48
    assert campaign.frame is not None
    assert issue.blocks == campaign.frame.blocks
    assert mailer.composer.versions(NEXT).log()[0].by == "Relais"


def test_it_is_a_draft_and_stays_one(mailer: Mailer, clock: FixedClock) -> None:
    add_send(mailer)
    mailer.rhythms.tend()
    clock.advance(timedelta(days=8))
    assert [summary for summary in mailer.run_due() if summary.ref == NEXT] == []
    assert next(each.state for each in mailer.issues() if each.ref == NEXT) == "draft"


def test_nothing_is_prepared_before_a_departure(mailer: Mailer, root: Path) -> None:
    mailer.rhythms.tend()
    assert prepared(root) == []


def test_a_tick_does_it_and_a_second_one_does_nothing(mailer: Mailer, root: Path) -> None:
    add_send(mailer)
    mailer.run_due()
    mailer.run_due()
    assert prepared(root) == ["2026-06-18"]
    with mailer.store.read() as tx:
        assert [each.act for each in acts.about(tx, NEXT)] == ["prepare"]


def test_a_letter_that_somebody_deleted_is_not_made_again(mailer: Mailer, root: Path) -> None:
    add_send(mailer)
    mailer.rhythms.tend()
    (root / "campaigns/flash/2026-06-18.md").unlink()
    mailer.rhythms.tend()
    assert prepared(root) == []


def test_a_letter_that_is_dated_in_that_week_is_the_one(mailer: Mailer, root: Path) -> None:
    add_send(mailer)
    own = root / "campaigns/flash/2026-06-19.md"
    own.write_text('---\nsubject: "Le nôtre"\nsend_at: 2026-06-19 09:00\n---\n', "utf-8")
    mailer.rhythms.tend()
    assert prepared(root) == ["2026-06-19"]
    with mailer.store.read() as tx:
        day = planned_days.find(tx, "flash", date(2026, 6, 18))
    assert day is not None
    assert day.issue == "2026-06-19"


def test_a_planned_day_that_is_over_is_not_prepared(mailer: Mailer, root: Path, clock: FixedClock) -> None:
    add_send(mailer)
    clock.advance(timedelta(days=20))
    mailer.rhythms.tend()
    assert prepared(root) == []


def test_two_schedulers_make_one_letter(mailer: Mailer, root: Path, clock: FixedClock) -> None:
    add_send(mailer)
    other = create_mailer(root, clock=clock)
    both = threading.Barrier(2)

    def tend(one: Mailer) -> None:
        both.wait()
        one.rhythms.tend()

    threads = [threading.Thread(target=tend, args=(one,)) for one in (mailer, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert prepared(root) == ["2026-06-18"]
    assert len(mailer.composer.versions(NEXT).log()) == 1


def test_a_crash_after_the_file_is_made_good(mailer: Mailer, root: Path) -> None:
    add_send(mailer)
    mailer.rhythms.tend()
    with mailer.store.write() as tx:
        tx.execute(planned_days.planned.delete())
    mailer.rhythms.tend()
    assert prepared(root) == ["2026-06-18"]
    with mailer.store.read() as tx:
        assert ("flash", date(2026, 6, 18)) in planned_days.prepared(tx)


def test_a_campaign_that_fails_keeps_no_other_one_waiting(mailer: Mailer, root: Path) -> None:
    table = '\n[rhythm]\nweekday = "monday"\nhour = "09:00"\nframe = "cadre"\n'
    path = root / "campaigns/mailing/campaign.toml"
    path.write_text(path.read_text("utf-8").replace('rhythm = "adhoc"\n', "") + table, "utf-8")
    shutil.copy(root / "campaigns/flash/cadre.md", root / "campaigns/mailing/cadre.md")
    (root / "campaigns/mailing/2026-06-18-j-14.md").unlink()  # it would be that week's
    add_send(mailer)
    add_send(mailer, "mailing/2026-06-12-info-flash", at="2026-06-12 10:00")
    (mailer.settings.state / "versions").mkdir(parents=True)
    (mailer.settings.state / "versions/flash").touch()  # where a folder must be
    with capture_logs() as logs:
        mailer.rhythms.tend()
    assert [each["campaign"] for each in logs if each["event"] == "rhythm failed"] == ["flash"]
    assert (root / "campaigns/mailing/2026-06-15.md").is_file()


def test_a_broken_frame_waits_to_be_mended(mailer: Mailer, root: Path) -> None:
    add_send(mailer)
    frame = root / "campaigns/flash/cadre.md"
    sound = frame.read_text("utf-8")
    frame.write_text(sound.replace("::: section", "::: sektion"), "utf-8")
    mailer.rhythms.tend()
    assert prepared(root) == []
    frame.write_text(sound, "utf-8")
    mailer.rhythms.tend()
    assert prepared(root) == ["2026-06-18"]


@pytest.mark.parametrize("act", ["approve", "schedule"])
def test_the_frame_itself_never_leaves(mailer: Mailer, act: str) -> None:
    with pytest.raises(NotFoundError):
        getattr(mailer.departures, act)("flash/cadre", by="claude", at="2026-06-18 09:00")


def test_writers_are_reminded_once_when_it_is_time(mailer: Mailer, clock: FixedClock) -> None:
    add_writers(mailer, Role.READER, Role.WRITER, Role.SENDER)
    add_send(mailer)
    mailer.rhythms.tend()
    clock.advance(timedelta(days=4, hours=23))
    mailer.rhythms.tend()
    assert mails(mailer) == []
    clock.advance(timedelta(hours=2))
    mailer.rhythms.tend()
    mailer.rhythms.tend()
    found = mails(mailer)
    assert len(found) == 2
    assert not any("reader@reseau.example" in each for each in found)
    assert all("/lettres/flash/2026-06-18" in each for each in found)


def test_a_scheduled_letter_reminds_nobody(mailer: Mailer, root: Path, clock: FixedClock) -> None:
    add_writers(mailer, Role.WRITER)
    add_send(mailer)
    mailer.rhythms.tend()
    path = root / "campaigns/flash/2026-06-18.md"
    path.write_text(path.read_text("utf-8").replace("[à compléter]", "Achats"), "utf-8")
    mailer.departures.schedule(NEXT, by="claude", at="2026-06-18 09:00")
    clock.advance(timedelta(days=6))
    mailer.rhythms.tend()
    assert mails(mailer) == []


def test_a_planned_day_without_a_letter_is_named(mailer: Mailer) -> None:
    first, last = datetime.fromisoformat("2026-06-11"), datetime.fromisoformat("2026-07-01")
    assert [slot.at.day for slot in mailer.rhythms.unprepared(mailer.issues(), first, last)] == [18, 25]
    add_send(mailer)
    mailer.rhythms.tend()
    assert [slot.at.day for slot in mailer.rhythms.unprepared(mailer.issues(), first, last)] == [25]
    assert mailer.clock.now() == datetime(2026, 6, 11, 7, tzinfo=UTC)
