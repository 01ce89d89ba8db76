"""Files of exclusions, and people who have had several addresses: a refusal holds for all of them, an undo as well."""

from pathlib import Path

import pytest

from mailer.model.people import EVERYTHING
from mailer.store import Store, exclusions, merging, moves
from mailer.tokens import Signer
from tests.conftest import NOW
from tests.importing.files import imported, written
from tests.importing.test_undoing_more import HOUR, excluded, run, undo
from tests.tracking.ledger import Ledger

OLD, NEW = "old@ville.example", "new@ville.example"
REFUSALS = {"désinscription": "unsubscribed", "plainte": "complaint", "à la main": "by_hand"}


@pytest.fixture
def anne(store: Store, signer: Signer) -> int:
    return Ledger(store, signer, NOW).contact(OLD)


def move(store: Store, contact_id: int) -> None:
    with store.write() as tx:
        moves.change(tx, contact_id, old=OLD, new=NEW, at=NOW, by="claude")


def merge(store: Store, kept: str, gone: str) -> None:
    with store.write() as tx:
        found = merging.lock(tx, (kept, gone))
        merging.merge(tx, found[kept], found[gone], at=NOW + HOUR, by="claude")


def of(*addresses: str, word: str = "désinscription") -> str:
    return "Courriel;Motif\n" + "".join(f"{each};{word}\n" for each in addresses)


def both(reason: str) -> set[tuple[str, str, str]]:
    return {(each, EVERYTHING, reason) for each in (OLD, NEW)}


@pytest.mark.parametrize("word", REFUSALS)
def test_a_refusal_at_a_former_address_is_one_at_the_present(
    store: Store, anne: int, tmp_path: Path, word: str
) -> None:
    move(store, anne)
    path = written(tmp_path, of(OLD, word=word))
    planned = imported(store, "exclusions", path, dry_run=True)
    assert excluded(store) == set()
    report = imported(store, "exclusions", path)
    assert report == planned
    assert (report.new, [each.reason for each in report.notes]) == (1, ["moved"])
    assert excluded(store) == both(REFUSALS[word])
    assert imported(store, "exclusions", path).unchanged == 1


def test_a_dead_mailbox_is_of_the_former_address_alone(store: Store, anne: int, tmp_path: Path) -> None:
    move(store, anne)
    report = imported(store, "exclusions", written(tmp_path, of(OLD, word="adresse inexistante")))
    assert (report.new, report.notes) == (1, ())
    assert excluded(store) == {(OLD, EVERYTHING, "hard_bounce")}


def test_a_file_that_is_undone_lets_the_present_address_go_as_well(
    store: Store, anne: int, tmp_path: Path
) -> None:
    move(store, anne)
    assert undo(store, run(store, tmp_path, "exclusions", of(OLD))) == 0
    assert excluded(store) == set()


def test_what_two_files_ask_for_stays_at_both_addresses(store: Store, anne: int, tmp_path: Path) -> None:
    move(store, anne)
    first = run(store, tmp_path, "exclusions", of(OLD, "other@ville.example"))
    run(store, tmp_path, "exclusions", of(OLD), at=NOW + HOUR)
    assert undo(store, first) == 1
    assert excluded(store) == both("unsubscribed")


def test_who_came_back_is_not_excluded_again_by_a_line_that_is_known(
    store: Store, anne: int, tmp_path: Path
) -> None:
    move(store, anne)
    run(store, tmp_path, "exclusions", of(OLD))
    assert excluded(store) == both("unsubscribed")
    with store.write() as tx:
        exclusions.lift_own(tx, address=NEW, topic="flash", known=["flash"], at=NOW)
    run(store, tmp_path, "exclusions", of(OLD), at=NOW + HOUR)
    run(store, tmp_path, "exclusions", of(OLD, word="adresse inexistante"), at=NOW + HOUR)
    assert {each for each in excluded(store) if each[0] == NEW} == set()


def test_who_has_moved_since_is_let_go_with_the_file(store: Store, anne: int, tmp_path: Path) -> None:
    first = run(store, tmp_path, "exclusions", of(OLD, "other@ville.example"))
    move(store, anne)
    assert excluded(store) >= both("unsubscribed")
    assert undo(store, first) == 0
    assert excluded(store) == set()


@pytest.mark.parametrize("named", [(OLD,), (NEW,), (OLD, NEW)])
def test_who_was_merged_since_is_let_go_with_the_file(
    store: Store, signer: Signer, anne: int, tmp_path: Path, named: tuple[str, ...]
) -> None:
    Ledger(store, signer, NOW).contact(NEW)
    first = run(store, tmp_path, "exclusions", of(*named))
    merge(store, NEW, OLD)
    assert excluded(store) == both("unsubscribed")
    assert undo(store, first) == 0
    assert excluded(store) == set()


def test_what_the_person_asks_for_after_a_move_stays(store: Store, anne: int, tmp_path: Path) -> None:
    first = run(store, tmp_path, "exclusions", of(OLD))
    move(store, anne)
    with store.write() as tx:
        key = {"address": NEW, "scope": EVERYTHING, "reason": "unsubscribed"}
        exclusions.add(tx, **key, at=NOW + HOUR, source="one click")
    assert undo(store, first) == 0
    assert excluded(store) == {(NEW, EVERYTHING, "unsubscribed")}


def test_who_had_come_back_and_is_merged_since_is_let_go_with_the_file(
    store: Store, signer: Signer, anne: int, tmp_path: Path
) -> None:
    Ledger(store, signer, NOW).contact(NEW)
    first = run(store, tmp_path, "exclusions", of(OLD, NEW))
    with store.write() as tx:
        exclusions.lift_own(tx, address=NEW, topic="flash", known=["flash"], at=NOW)
    merge(store, NEW, OLD)
    assert excluded(store) == both("unsubscribed")
    undo(store, first)
    assert excluded(store) == set()
