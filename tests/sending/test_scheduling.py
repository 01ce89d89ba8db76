"""A send is made, paused, resumed, cancelled, missed, held: each change happens once, or not at all."""

import threading
from datetime import timedelta

import pytest

from mailer.errors import RefusedError
from mailer.sending import cancel, pause, resume
from mailer.store import installation
from tests.conftest import NOW
from tests.sending.scripted import Scripted, in_an_hour
from tests.sending.world import CAMPAIGN, World, addresses, campaign


def test_a_scheduled_send_waits_for_its_hour(world: World) -> None:
    world.people(3)
    send_id, provider = world.schedule(send_at=NOW + timedelta(hours=2)), Scripted()
    assert world.sender(provider).run_due() == []
    world.later(hours=2)
    [summary] = world.sender(provider).run_due()
    assert (summary.state, summary.counts) == ("done", {"accepted": 3})
    assert world.send(send_id).started_at == NOW + timedelta(hours=2)
    assert provider.addresses == addresses(range(3))


def test_a_campaign_sends_one_issue_a_day(world: World) -> None:
    world.schedule(slug="2026-06")
    with pytest.raises(RefusedError, match="already sends an issue on 2026-06-11"):
        world.schedule(slug="2026-06-bis", subject="Autre")


def test_the_day_is_that_of_the_campaigns_zone(world: World) -> None:
    late = NOW.replace(hour=22, minute=30)  # 00:30 on the twelfth in Paris
    world.schedule(slug="2026-06")
    send_id = world.schedule(slug="2026-06-bis", send_at=late)
    assert world.send(send_id).slot == "lettre:2026-06-12"


def test_adhoc_mailings_may_leave_several_times_a_day(world: World) -> None:
    adhoc = campaign(one_per_day=False)
    assert world.schedule(campaign=adhoc, slug="a") != world.schedule(campaign=adhoc, slug="b")


@pytest.mark.parametrize("changed", [{}, {"subject": "Juin, corrigé"}])
def test_an_issue_leaves_only_once(world: World, changed: dict[str, str]) -> None:
    world.people(1)
    world.sender(Scripted()).run(world.schedule())
    world.later(days=3)
    with pytest.raises(RefusedError, match="nobody gets an issue twice"):
        world.schedule(**changed)


def test_a_cancelled_send_frees_the_day_and_the_issue(world: World) -> None:
    send_id = world.schedule()
    world.do(cancel, send_id)
    assert (world.send(send_id).state, world.send(send_id).slot) == ("cancelled", None)
    assert world.schedule() != send_id


def test_what_has_begun_to_leave_keeps_its_day(world: World) -> None:
    send_id = half_sent(world)
    world.do(cancel, send_id)
    with pytest.raises(RefusedError, match="already sends"):
        world.schedule(slug="2026-06-bis", subject="Autre")


def half_sent(world: World) -> int:
    """Of six people three have it; the send is paused."""
    world.people(6)
    send_id = world.schedule()
    script = {address: [in_an_hour()] for address in addresses(range(3))}
    world.sender(Scripted(script=script)).run(send_id)
    assert world.states(send_id) == {"accepted": 3, "planned": 3}
    world.do(pause, send_id)
    return send_id


def test_cancelling_keeps_what_left_and_stops_the_rest(world: World) -> None:
    send_id = half_sent(world)
    world.do(cancel, send_id)
    provider = Scripted()
    world.later(hours=1)
    world.sender(provider).run(send_id)
    assert provider.calls == []
    assert world.states(send_id) == {"accepted": 3, "cancelled": 3}


def test_a_letter_that_some_have_is_cancelled_and_never_leaves_a_second_time(world: World) -> None:
    world.do(cancel, half_sent(world))
    world.later(days=1)
    with pytest.raises(RefusedError, match="3 people have a copy"):
        world.schedule(subject="Juin, corrigé")


def test_a_paused_send_waits_and_goes_on(world: World) -> None:
    send_id = half_sent(world)
    provider = Scripted()
    world.later(hours=1)
    assert world.sender(provider).run(send_id).state == "paused"
    assert provider.calls == []
    world.do(resume, send_id)
    assert world.sender(provider).run(send_id).state == "done"
    assert provider.addresses == addresses(range(3))


def test_epochs_only_grow(world: World) -> None:
    send_id = half_sent(world)
    seen = [world.send(send_id).epoch]
    for act in (resume, pause, resume, pause, cancel):
        world.do(act, send_id)
        seen.append(world.send(send_id).epoch)
    assert seen == sorted(set(seen))


@pytest.mark.parametrize("act", [pause, resume])
def test_what_is_only_scheduled_can_neither_be_paused_nor_resumed(world: World, act: object) -> None:
    send_id = world.schedule()
    with pytest.raises(RefusedError, match="is scheduled"):
        world.do(act, send_id)


@pytest.mark.parametrize("act", [pause, resume, cancel])
def test_nothing_can_be_done_to_what_is_done(world: World, act: object) -> None:
    world.people(1)
    send_id = world.schedule()
    world.sender(Scripted()).run(send_id)
    with pytest.raises(RefusedError, match="is done"):
        world.do(act, send_id)
    assert world.send(send_id).state == "done"


def missed(world: World, *, slug: str = "2026-06") -> int:
    world.people(2)
    send_id = world.schedule(slug=slug)
    world.later(hours=2, seconds=1)
    provider = Scripted()
    [summary] = world.sender(provider).run_due()
    assert (summary.state, summary.pause_reason, provider.calls) == ("missed", "too-late", [])
    return send_id


def test_what_is_too_late_is_missed_until_somebody_decides(world: World) -> None:
    send_id = missed(world)
    world.later(hours=5)
    assert world.sender(Scripted()).run_due() == []
    world.do(resume, send_id)
    [summary] = world.sender(provider := Scripted()).run_due()
    assert (summary.state, len(provider.journal)) == ("done", 2)


def test_at_the_last_admitted_second_it_is_not_too_late(world: World) -> None:
    world.people(2)
    world.schedule()
    world.later(hours=2)
    [summary] = world.sender(Scripted()).run_due()
    assert summary.state == "done"


@pytest.mark.parametrize("slug", ["2026-06", "2026-06-11"])
def test_what_was_missed_does_not_leave_on_a_day_that_another_letter_has(world: World, slug: str) -> None:
    """I12, also where the letter that waits was planned for another day, by whose name it may be called."""
    old = missed(world, slug=slug)
    world.later(days=1)
    world.schedule(slug="2026-06-bis")
    with pytest.raises(RefusedError, match="already sends an issue on 2026-06-12"):
        world.do(resume, old)
    assert world.send(old).state == "missed"
    world.later(days=1)
    world.do(resume, old)
    assert world.send(old).slot == "lettre:2026-06-13"
    with pytest.raises(RefusedError, match="already sends an issue on 2026-06-13"):
        world.schedule(slug="2026-06-ter")


def test_a_missed_mailing_shares_the_day_as_any_other(world: World) -> None:
    adhoc = campaign(one_per_day=False)
    old = world.schedule(campaign=adhoc, slug="a")
    world.later(days=1)
    world.sender(Scripted()).run_due()
    world.schedule(campaign=adhoc, slug="b")
    world.do(resume, old)
    assert (world.send(old).state, world.send(old).slot) == ("scheduled", "lettre:2026-06-12:a")


def test_a_missed_issue_that_is_scheduled_anew_cannot_be_resumed_too(world: World) -> None:
    old = missed(world)
    new = world.schedule()
    assert world.send(old).state == "cancelled"
    with pytest.raises(RefusedError):
        world.do(resume, old)
    world.sender(provider := Scripted()).run(new)
    assert len(provider.journal) == 2


def test_a_person_who_asks_now_is_not_late(world: World) -> None:
    world.people(2)
    send_id = world.schedule()
    world.later(days=1)
    assert world.sender(Scripted()).run(send_id, start_now=True).state == "done"


def test_what_is_sent_before_its_day_takes_the_day_on_which_it_leaves(world: World) -> None:
    early = world.schedule(slug="early", send_at=NOW + timedelta(days=2))
    world.schedule(slug="today")
    with pytest.raises(RefusedError, match="already sends an issue on 2026-06-11"):
        world.sender(Scripted()).run(early, start_now=True)
    assert world.send(early).state == "scheduled"
    world.later(days=1)
    assert world.sender(Scripted()).run(early, start_now=True).state == "done"
    assert world.send(early).slot == "lettre:2026-06-12"


# --- the installation -----------------------------------------------------------------------------


def copied(world: World) -> None:
    """The database stands beside another installation's file."""
    world.people(2)
    world.sender(Scripted()).run(world.schedule(slug="first", subject="Avant"))
    (world.root / "var" / installation.FILE_NAME).write_text("somebody-else\n")


def test_a_copied_database_holds_everything_scheduled(world: World) -> None:
    copied(world)
    ids = [world.schedule(slug=f"i{day}", send_at=NOW + timedelta(days=day)) for day in (1, 2)]
    world.later(days=1)
    provider = Scripted()
    world.sender(provider).run_due()
    assert [world.send(each).state for each in ids] == ["held", "held"]
    assert provider.calls == []


def test_a_held_send_leaves_once_released_and_the_others_wait_for_their_own_word(world: World) -> None:
    copied(world)
    first, second = (world.schedule(slug=f"i{day}", send_at=NOW + timedelta(days=day)) for day in (1, 2))
    world.later(days=2)
    world.sender(Scripted()).run_due()
    world.do(resume, first)
    world.sender(provider := Scripted()).run_due()
    assert (world.send(first).state, world.send(second).state) == ("done", "held")
    assert len(provider.journal) == 2
    with pytest.raises(RefusedError, match="already sends an issue on 2026-06-13"):
        world.do(resume, second)
    world.later(days=1)
    world.do(resume, second)
    assert world.send(second).slot == "lettre:2026-06-14"


def test_a_database_copied_in_the_middle_of_a_send_does_not_go_on(world: World) -> None:
    send_id = half_sent(world)
    world.do(resume, send_id)
    (world.root / "var" / installation.FILE_NAME).write_text("somebody-else\n")
    world.later(hours=1)
    world.sender(provider := Scripted()).run_due()
    assert (world.send(send_id).state, world.send(send_id).pause_reason) == ("paused", "installation")
    assert provider.calls == []
    world.do(resume, send_id)
    assert world.sender(provider).run(send_id).state == "done"


def test_a_database_without_its_file_is_held(world: World) -> None:
    copied(world)
    (world.root / "var" / installation.FILE_NAME).unlink()
    send_id = world.schedule(slug="next", send_at=NOW + timedelta(days=1))
    world.later(days=1)
    world.sender(Scripted()).run_due()
    assert world.send(send_id).state == "held"


def test_a_first_start_that_was_undone_does_not_make_the_database_foreign(world: World) -> None:
    with pytest.raises(ZeroDivisionError), world.store.write() as tx:
        assert installation.is_ours(tx, world.settings.state, at=NOW)
        raise ZeroDivisionError
    world.people(2)
    assert world.sender(Scripted()).run(world.schedule()).state == "done"


def test_two_who_schedule_one_issue_at_the_same_time_make_one_send(world: World) -> None:
    ready, outcomes = threading.Barrier(2), []

    def plan(day: int) -> None:
        ready.wait()
        try:
            outcomes.append(world.schedule(campaign=CAMPAIGN, send_at=NOW + timedelta(days=day)))
        except RefusedError:
            outcomes.append(None)

    world.freeze()
    threads = [threading.Thread(target=plan, args=(day,)) for day in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count(None) == 1
