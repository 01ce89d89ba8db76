"""What is old is proposed, and removed at a typed number only; whoever said something lately, or is a member's, stays."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from mailer.app import Mailer, editing, persons, retention
from mailer.clock import FixedClock
from mailer.errors import NotFoundError, UnconfirmedError
from mailer.model.columns import metadata
from mailer.model.people import EVERYTHING, SubscriptionState, TrackingConsent
from mailer.store import acts, consents, directory, exclusions, signups, subscriptions
from mailer.subscribing import Wish, ask
from tests.api.conftest import ADMINISTRATOR, Api
from tests.conftest import NOW

DRISS, ELIE = "driss@passe.example", "elie@passe.example"
FOUR_YEARS = timedelta(days=4 * 366)


@pytest.fixture
def mailer(api: Api) -> Mailer:
    return api.mailer


def counts(mailer: Mailer) -> dict[str, int]:
    return {each.kind: each.count for each in retention.proposals(mailer)}


def test_nothing_is_proposed_while_it_is_young(mailer: Mailer) -> None:
    assert set(counts(mailer).values()) == {0}


def test_people_of_no_member_of_whom_nothing_was_heard_are_proposed(
    mailer: Mailer, clock: FixedClock
) -> None:
    clock.advance(FOUR_YEARS)
    assert counts(mailer)["inactive"] == 2
    assert retention.apply(mailer, "inactive", typed=2, by=ADMINISTRATOR) == 2
    assert counts(mailer)["inactive"] == 0
    for address in (DRISS, ELIE):
        with pytest.raises(NotFoundError):
            persons.find(mailer, address)
    persons.find(mailer, "anne@martigues.example")


def test_whoever_was_excluded_stays_so_and_whoever_was_not_may_come_back(
    mailer: Mailer, clock: FixedClock, tmp_path: Path
) -> None:
    clock.advance(FOUR_YEARS)
    retention.apply(mailer, "inactive", typed=2, by=ADMINISTRATOR)
    path = tmp_path / "again.csv"
    path.write_text(f"Courriel\n{DRISS}\n{ELIE}\n", "utf-8")
    report = mailer.import_file("contacts", path, by="test")
    assert (report.new, [each.reason for each in report.rejected]) == (1, ["erased"])


def test_an_answer_is_a_sign_of_life(mailer: Mailer, clock: FixedClock) -> None:
    clock.advance(FOUR_YEARS)
    number = persons_number(mailer, DRISS)
    with mailer.store.write() as tx:
        consents.record(
            tx, number, state=TrackingConsent.DENIED, at=clock.now(), source="preference page", wording="x"
        )
    assert counts(mailer)["inactive"] == 1


def test_of_somebody_who_moved_the_former_addresses_go_too_but_none_that_another_has_today(
    mailer: Mailer, clock: FixedClock
) -> None:
    second, third = "driss.dal@passe.example", "d.dal@passe.example"
    editing.move(mailer, DRISS, second, by=ADMINISTRATOR)
    editing.move(mailer, second, third, by=ADMINISTRATOR)
    clock.advance(FOUR_YEARS)
    with mailer.store.write() as tx:
        values = {"address": DRISS, "source": "x", "first_name": "Didier"}
        directory.create_contact(tx, values | {"tracking": "unknown"}, at=clock.now())
        exclusions.add(tx, address=second, scope=EVERYTHING, reason="hard_bounce", at=NOW, source="x")
    assert retention.apply(mailer, "inactive", typed=2, by=ADMINISTRATOR) == 2
    persons.find(mailer, DRISS)
    digest = mailer.signer.erased
    with mailer.store.read() as tx:
        assert second not in str([tx.execute(select(each)).all() for each in metadata.sorted_tables])
        # The dead mailbox stays away; at their last address they are welcome, should they sign up one day.
        marked = exclusions.fingerprints(tx) & {digest(each) for each in (DRISS, second, third)}
        assert marked == {digest(second)}


@pytest.mark.parametrize("said", ["measure", "topic"])
def test_whoever_refused_something_stays_so_that_the_refusal_is_known(
    mailer: Mailer, clock: FixedClock, said: str
) -> None:
    number = persons_number(mailer, DRISS)
    with mailer.store.write() as tx:
        if said == "measure":
            consents.record(tx, number, state=TrackingConsent.DENIED, at=NOW, source="x", wording="x")
        else:
            state = SubscriptionState.UNSUBSCRIBED
            subscriptions.set_state(tx, contact_id=number, topic="flash", state=state, at=NOW, source="x")
    clock.advance(FOUR_YEARS)
    assert retention.apply(mailer, "inactive", typed=1, by=ADMINISTRATOR) == 1
    persons.find(mailer, DRISS)


@pytest.mark.parametrize("typed", [None, 0, 1, 3])
def test_another_number_removes_nothing(mailer: Mailer, clock: FixedClock, typed: int | None) -> None:
    clock.advance(FOUR_YEARS)
    with pytest.raises(UnconfirmedError):
        retention.apply(mailer, "inactive", typed=typed, by=ADMINISTRATOR)
    assert counts(mailer)["inactive"] == 2
    with mailer.store.read() as tx:
        assert acts.about(tx, "inactive") == []


def test_an_excluded_address_of_nobody_becomes_a_fingerprint(mailer: Mailer, clock: FixedClock) -> None:
    gone = "partie@ville.example"
    with mailer.store.write() as tx:
        exclusions.add(tx, address=gone, scope=EVERYTHING, reason="by_hand", at=NOW, source="x")
    clock.advance(FOUR_YEARS)
    assert counts(mailer)["exclusions"] == 1
    retention.apply(mailer, "exclusions", typed=1, by=ADMINISTRATOR)
    with mailer.store.read() as tx:
        assert gone not in {address for address, _, _ in exclusions.known(tx)}
        assert exclusions.is_erased(tx, mailer.signer.erased(gone))


def test_a_former_address_of_somebody_who_is_here_is_no_fingerprint(
    mailer: Mailer, clock: FixedClock
) -> None:
    old, new = "anne@martigues.example", "anne.aude@martigues.example"
    with mailer.store.write() as tx:
        exclusions.add(tx, address=old, scope="flash", reason="soft_bounces", at=NOW, source="x")
    editing.move(mailer, old, new, by=ADMINISTRATOR)
    clock.advance(FOUR_YEARS)
    assert counts(mailer)["exclusions"] == 0
    assert editing.move(mailer, new, old, by=ADMINISTRATOR) == old


def test_a_fingerprint_keeps_what_it_is_from_and_why_and_no_undo_knows_the_address(
    mailer: Mailer, clock: FixedClock, tmp_path: Path
) -> None:
    gone, path = "partie@ville.example", tmp_path / "gone.csv"
    path.write_text(f"Courriel;Date;Motif\n{gone};2026-01-02;plainte\n", "utf-8")
    mailer.import_file("exclusions", path, by="test")
    with mailer.store.write() as tx:
        exclusions.add(tx, address=gone, scope="flash", reason="unsubscribed", at=NOW, source="x")
    clock.advance(FOUR_YEARS)
    assert retention.apply(mailer, "exclusions", typed=1, by=ADMINISTRATOR) == 1
    digest = mailer.signer.erased(gone)
    with mailer.store.read() as tx:
        kept = {each for each in exclusions.known(tx) if each[0] == digest}
        assert kept == {(digest, "*", "complaint"), (digest, "flash", "unsubscribed")}
        assert gone not in str([tx.execute(select(each)).all() for each in metadata.sorted_tables])
    path.write_text(f"Courriel\n{gone}\n", "utf-8")
    report = mailer.import_file("contacts", path, by="test")
    assert [each.reason for each in report.rejected] == ["erased"]


def test_old_files_and_unconfirmed_requests_are_counted_and_go(mailer: Mailer, clock: FixedClock) -> None:
    with mailer.store.write() as tx:
        ask(tx, Wish(DRISS, ("flash",), "fr"), valid=timedelta(hours=72), most=3, at=NOW)
    clock.advance(FOUR_YEARS)
    found = counts(mailer)
    assert (found["imports"], found["signups"]) == (3, 1)
    for kind in ("imports", "signups"):
        assert retention.apply(mailer, kind, typed=found[kind], by=ADMINISTRATOR) == found[kind]
    with mailer.store.read() as tx:
        assert signups.count_recent(tx, DRISS, since=NOW) == 0
        for noted in (each for each in metadata.sorted_tables if "run_id" in each.c):
            assert tx.execute(select(func.count()).select_from(noted)).scalar_one() == 0, noted.name
    assert persons.find(mailer, DRISS)["contact"]["source"] == "Site"


def persons_number(mailer: Mailer, address: str) -> int:
    with mailer.store.read() as tx:
        found = directory.find_contact(tx, address=address)
    assert found is not None
    return int(found["id"])
