"""From one event file to four drafts, and nothing that is no longer true leaves."""

from datetime import timedelta
from pathlib import Path

import pytest

from mailer import workspace
from mailer.app import Mailer, observing
from mailer.app.new_letters import create_letter
from mailer.errors import ConflictError, InputError, Problem, RefusedError, WorkspaceError
from mailer.model.calendar import KIT
from mailer.model.columns import table
from mailer.model.ledger import Send, SendState
from mailer.model.workspace import Workspace
from mailer.sending.settling import reopen
from mailer.store import sends
from mailer.store.attempts import Repeatable
from tests.events.calendars import MOVED, calendar
from tests.events.conftest import SAVE_THE_DATE, VALUES
from tests.web.data import add_send, doubt


def send_of(mailer: Mailer, ref: str) -> Send:
    with mailer.store.read() as tx:
        found = sends.latest(tx, ref)
    assert found is not None
    return found


def files(mailer: Mailer) -> dict[str, str]:
    folder = mailer.settings.workspace / "campaigns/mailing"
    return {
        path.name: path.read_text("utf-8") for path in folder.rglob("*.*") if path.suffix in {".md", ".toml"}
    }


def test_an_event_begins_four_letters_each_with_its_day(mailer: Mailer, event: str) -> None:
    kit = mailer.events.kit(event)
    assert [each.letter for each in kit.letters] == list(KIT)
    assert [f"{each.summary.issue.send_at}" for each in kit.letters if each.summary] == [
        "2026-08-06 09:30:00",
        "2026-09-03 09:30:00",
        "2026-09-16 09:30:00",
        "2026-09-21 09:30:00",  # the second day after is a Saturday
    ]
    assert mailer.workspace()[1] == []


def test_a_letter_says_what_the_event_is_and_leads_to_its_calendar_file(mailer: Mailer, event: str) -> None:
    shown = mailer.preview(SAVE_THE_DATE)
    assert [each.code for each in shown.problems if each.severity == "blocking"] == []
    assert shown.content.subject == "À noter\u00a0: Rencontre de l’eau, 17\u00a0septembre 2026"
    for said in (
        "Jeudi 17\u00a0septembre 2026, 9\u00a0h\u00a030 à 16\u00a0h",
        "Albi",
        VALUES["registration"],
    ):
        assert said in shown.content.text
    assert mailer.events.kit(event).calendar_url in shown.content.text
    assert mailer.events.kit(event).calendar_url in shown.content.html


def test_beginning_twice_changes_nothing(mailer: Mailer, event: str) -> None:
    before = files(mailer)
    assert mailer.events.prepare(event, by="test") == []
    assert files(mailer) == before


def test_what_was_written_by_hand_stays_when_the_event_moves(mailer: Mailer, event: str) -> None:
    path = mailer.settings.workspace / f"campaigns/{SAVE_THE_DATE}.md"
    path.write_text(path.read_text("utf-8").replace("Réservez la date", "Bloquez le jour"), "utf-8")
    before = files(mailer)
    mailer.events.change(event, MOVED, by="test")
    mailer.events.prepare(event, by="test")
    changed = {name for name, text in files(mailer).items() if text != before.get(name)}
    assert changed == {"rencontre-de-l-eau.toml"}
    shown = mailer.preview(SAVE_THE_DATE)
    assert "Bloquez le jour" in shown.content.text
    assert "24\u00a0septembre" in shown.content.text
    assert "17\u00a0septembre" not in shown.content.text
    assert f"{mailer.find(SAVE_THE_DATE)[2].send_at}" == "2026-08-13 09:30:00"


def test_an_hour_chosen_by_hand_is_kept(mailer: Mailer, event: str) -> None:
    path = mailer.settings.workspace / f"campaigns/{SAVE_THE_DATE}.md"
    path.write_text(
        path.read_text("utf-8").replace("---\n\n", "send_at: 2026-07-01 08:00\n---\n\n", 1), "utf-8"
    )
    mailer.events.change(event, MOVED, by="test")
    assert f"{mailer.find(SAVE_THE_DATE)[2].send_at}" == "2026-07-01 08:00:00"


def test_a_title_is_never_read_as_markdown(mailer: Mailer, event: str) -> None:
    mailer.events.change(event, {"title": "L’eau *vive* [1](https://a.example) <b>"}, by="test")
    html = mailer.preview(SAVE_THE_DATE).content.html
    assert "L’eau *vive* [1](https://a.example) &lt;b&gt;" in html
    assert "<em>vive" not in html


# --- what was planned -------------------------------------------------------------------------------


@pytest.mark.parametrize("values", [MOVED, {"place": "Gaillac"}, {"cancelled": True}])
def test_a_planned_letter_is_held_when_its_event_changes(
    mailer: Mailer, event: str, values: dict[str, object]
) -> None:
    mailer.departures.schedule(SAVE_THE_DATE, by="test")
    mailer.events.change(event, values, by="test")
    held = send_of(mailer, SAVE_THE_DATE)
    assert (held.state, held.pause_reason) == (SendState.HELD, "event-moved")
    with pytest.raises(RefusedError, match="event has moved"):
        mailer.running.resume(SAVE_THE_DATE, by="test")


def test_a_change_of_words_holds_nothing(mailer: Mailer, event: str) -> None:
    mailer.departures.schedule(SAVE_THE_DATE, by="test")
    mailer.events.change(event, {"description": "Venez nombreux."}, by="test")
    mailer.run_due()
    assert send_of(mailer, SAVE_THE_DATE).state == SendState.SCHEDULED


def test_a_file_changed_by_hand_is_noticed_before_anything_leaves(mailer: Mailer, event: str) -> None:
    mailer.departures.schedule(SAVE_THE_DATE, by="test", at="2026-06-11 09:00")
    path = mailer.settings.workspace / "campaigns/mailing/events/rencontre-de-l-eau.toml"
    path.write_text(path.read_text("utf-8").replace("-17 ", "-18 "), "utf-8")
    mailer.run_due()
    assert send_of(mailer, SAVE_THE_DATE).state == SendState.HELD


def moved_after_the_look(mailer: Mailer, event: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next who reads the files has them as they were right before another officer moved the event."""
    load = workspace.load

    def look(root: Path) -> tuple[Workspace, list[Problem]]:
        found = load(root)
        monkeypatch.undo()
        mailer.events.change(event, MOVED, by="anne")
        return found

    monkeypatch.setattr(workspace, "load", look)


@pytest.mark.parametrize("is_news", [False, True])
def test_a_look_at_the_files_that_is_late_holds_no_letter_that_is_right(
    mailer: Mailer, event: str, monkeypatch: pytest.MonkeyPatch, is_news: bool
) -> None:
    if is_news:
        path = mailer.settings.workspace / "campaigns/mailing/events/rencontre-de-l-eau.toml"
        path.write_text(path.read_text("utf-8").replace("Salle des fêtes", "Mairie"), "utf-8")
    moved_after_the_look(mailer, event, monkeypatch)
    observing.observe(mailer.settings, mailer.store, mailer.clock)
    mailer.departures.schedule(SAVE_THE_DATE, by="test")
    mailer.run_due()
    assert "SEQUENCE:1\n" in calendar(mailer)
    assert send_of(mailer, SAVE_THE_DATE).state == SendState.SCHEDULED


def test_a_letter_whose_event_moves_while_it_is_scheduled_is_not_frozen_with_the_former_date(
    mailer: Mailer, event: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved_after_the_look(mailer, event, monkeypatch)
    with pytest.raises(ConflictError, match="Somebody changed"):
        mailer.departures.schedule(SAVE_THE_DATE, by="test")
    assert mailer.departures.schedule(SAVE_THE_DATE, by="test").local_at == "2026-08-13 09:30"
    mailer.run_due()
    assert send_of(mailer, SAVE_THE_DATE).state == SendState.SCHEDULED


def test_a_file_that_is_gone_holds_what_speaks_of_it(mailer: Mailer, event: str) -> None:
    mailer.departures.schedule(SAVE_THE_DATE, by="test", at="2026-06-11 09:00")
    (mailer.settings.workspace / "campaigns/mailing/events/rencontre-de-l-eau.toml").unlink()
    mailer.run_due()
    assert send_of(mailer, SAVE_THE_DATE).state == SendState.HELD


def test_a_machine_without_the_campaign_says_nothing_about_its_events(
    mailer: Mailer, event: str, tmp_path: Path
) -> None:
    """Whoever only helps to send has no files of letters."""
    mailer.departures.schedule(SAVE_THE_DATE, by="test")
    (mailer.settings.workspace / "campaigns/mailing").rename(tmp_path / "elsewhere")
    mailer.run_due()
    assert send_of(mailer, SAVE_THE_DATE).state == SendState.SCHEDULED


def test_a_broken_file_says_nothing_about_the_event(mailer: Mailer, event: str) -> None:
    mailer.departures.schedule(SAVE_THE_DATE, by="test")
    (mailer.settings.workspace / "campaigns/mailing/events/rencontre-de-l-eau.toml").write_text("oops")
    mailer.run_due()
    assert send_of(mailer, SAVE_THE_DATE).state == SendState.SCHEDULED


def test_the_send_itself_looks_again(mailer: Mailer, event: str) -> None:
    """Whatever put it back among the planned ones."""
    mailer.departures.schedule(SAVE_THE_DATE, by="test", at="2026-06-11 09:00")
    mailer.events.change(event, MOVED, by="test")
    rows = table(Send)
    with mailer.store.write() as tx:
        tx.execute(rows.update().values(state=SendState.SCHEDULED.value, pause_reason=""))
    assert mailer.send_now(SAVE_THE_DATE, by="test").state == SendState.HELD


def test_a_letter_that_is_leaving_is_paused(mailer: Mailer, event: str) -> None:
    add_send(mailer, SAVE_THE_DATE, state=SendState.SENDING)
    mailer.events.change(event, MOVED, by="test")
    paused = send_of(mailer, SAVE_THE_DATE)
    assert (paused.state, paused.pause_reason) == (SendState.PAUSED, "event-moved")
    with pytest.raises(RefusedError, match="event has moved"):
        mailer.running.resume(SAVE_THE_DATE, by="test")


def test_its_doubts_are_not_sent_again(mailer: Mailer, event: str) -> None:
    send = add_send(mailer, SAVE_THE_DATE, state=SendState.SETTLING)
    assert send.id is not None
    doubt(mailer, send.id, 3, reason="timeout")
    mailer.events.change(event, MOVED, by="test")
    with pytest.raises(RefusedError, match="event has moved"):
        mailer.running.release_doubts(SAVE_THE_DATE, by="test")
    with mailer.store.write() as tx:
        now = mailer.clock.now()
        day = timedelta(days=1)
        assert reopen(tx, send.id, repeatable=Repeatable(now - day, ""), settling=day, at=now) is False


def test_a_held_letter_leaves_anew_with_the_new_date(mailer: Mailer, event: str) -> None:
    mailer.departures.schedule(SAVE_THE_DATE, by="test")
    mailer.events.change(event, MOVED, by="test")
    mailer.running.cancel(SAVE_THE_DATE, by="test")
    send = mailer.departures.schedule(SAVE_THE_DATE, by="test")
    mailer.run_due()
    assert (send.local_at, send_of(mailer, SAVE_THE_DATE).state) == ("2026-08-13 09:30", SendState.SCHEDULED)


# --- what has left, what must not leave ----------------------------------------------------------------


def test_nothing_is_offered_while_nobody_has_a_letter(mailer: Mailer, event: str) -> None:
    mailer.events.change(event, MOVED, by="test")
    assert mailer.events.kit(event).offered is None
    with pytest.raises(InputError, match="nothing to tell"):
        mailer.events.tell(event, by="test")


@pytest.mark.parametrize(
    ("values", "letter", "subject"),
    [
        (MOVED, "changed", "Changement\u00a0: Rencontre de l’eau, jeudi 24\u00a0septembre 2026"),
        ({"cancelled": True}, "cancelled", "Annulé\u00a0: Rencontre de l’eau, 17\u00a0septembre 2026"),
    ],
)
def test_whoever_has_a_letter_is_told(
    mailer: Mailer, event: str, values: dict[str, object], letter: str, subject: str
) -> None:
    add_send(mailer, SAVE_THE_DATE)
    mailer.events.change(event, values, by="test")
    assert mailer.events.kit(event).offered == letter
    draft = mailer.events.tell(event, by="test")
    assert mailer.events.tell(event, by="test").slug == draft.slug
    assert mailer.preview(draft.ref).content.subject == subject
    add_send(mailer, draft.ref, at="2026-06-11 11:00")
    assert mailer.events.kit(event).offered is None


def test_the_letters_to_come_of_a_cancelled_event_stop(mailer: Mailer, event: str) -> None:
    mailer.events.change(event, {"cancelled": True}, by="test")
    with pytest.raises(WorkspaceError, match="is cancelled"):
        mailer.departures.schedule(SAVE_THE_DATE, by="test")
    assert mailer.events.kit(event).missing == ()


def test_an_unknown_event_is_a_mistake_with_its_line(mailer: Mailer, event: str) -> None:
    path = mailer.settings.workspace / f"campaigns/{SAVE_THE_DATE}.md"
    path.write_text(path.read_text("utf-8").replace('{event="rencontre', '{event="rencontr'), "utf-8")
    problems = [each for each in mailer.workspace()[1] if each.code == "unknown-event"]
    assert [(each.line, each.block) for each in problems] == [(12, 2)]
    assert "rencontre-de-l-eau" in str(problems[0])


def test_a_copy_is_no_letter_of_the_kit(mailer: Mailer, event: str) -> None:
    copy = create_letter(
        mailer.settings, mailer.clock, campaign="mailing", subject="Encore", like=SAVE_THE_DATE
    )
    issue = mailer.find(copy)[2]
    assert (issue.event, issue.event_letter, issue.send_at) == ("rencontre-de-l-eau", "", None)


def test_a_name_that_leads_elsewhere_is_refused(mailer: Mailer) -> None:
    with pytest.raises(InputError):
        mailer.events.find("mailing/../../../etc")
    assert not (Path(mailer.settings.workspace) / "etc.toml").exists()
