"""What was proofed is what leaves; an approval binds one fingerprint."""

from pathlib import Path
from typing import Any

import pytest

from mailer.freezing import approve, fingerprint, is_approved, is_voided
from mailer.model.segment import Condition, Group, Junction, Operator, Segment
from mailer.store import Store
from tests.sending.world import MEMBERS, Tracking, World, campaign

HOUR = "2026-06-11 09:00"
#: Of `World.freeze()`, noted before issues could correct each other: approvals of that time must hold.
HASH = "53da0a099839178a9a6038c9417bc3f5ddd11cc2dc6e8e0ea69e632481992e6d"
OTHER_RULE = Segment(
    "abonnes",
    "Abonnés",
    Path("audiences/abonnes.toml"),
    where=Group(Junction.ALL, (Condition("contact.job", Operator.IS, "maire"),)),
)
#: Everything that leaves, to whom, from whom, and how it is measured.
CHANGES: list[dict[str, Any]] = [
    {"subject": "Juillet"},
    {"second_subject": "Ce que juin prépare"},
    {"html": "<p>Bonsoir</p>"},
    {"text": "Bonsoir"},
    {"links": ("https://reseau.example",)},
    {"segment": OTHER_RULE},
    {"erratum_of": "2026-05"},
    {"segment": MEMBERS},
    {"campaign": campaign(sender_name="Autre")},
    {"campaign": campaign(sender_address="autre@reseau.example")},
    {"campaign": campaign(reply_to="")},
    {"campaign": campaign(topic="flash")},
    {"campaign": campaign(title="Autre titre")},
    {"campaign": campaign(members_only=True)},
    {"campaign": campaign(tracking=Tracking.CONSENTED)},
    {"campaign": campaign(language="en")},
    {"campaign": campaign(zone="Indian/Reunion")},
    {"campaign": campaign(tracking=Tracking.CONSENTED, last_open_decision="La présidente, 2026")},
]


@pytest.fixture
def world(store: Store, clock: Any, signer: Any, tmp_path: Path) -> World:
    return World(store, clock, signer, tmp_path)


def test_the_same_content_gives_the_same_snapshot(world: World) -> None:
    first = world.freeze()
    world.later(days=2)
    assert world.freeze().id == first.id


def test_a_letter_that_corrects_nothing_has_the_hash_that_it_had_before_there_were_errata(
    world: World,
) -> None:
    assert world.freeze().content_hash == HASH


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_any_change_gives_another_snapshot_and_voids_the_approval(
    world: World, change: dict[str, Any]
) -> None:
    before = world.freeze()
    with world.store.write() as tx:
        approve(tx, before, local_at=HOUR, by="anne", at=world.now)
    after = world.freeze(**change)
    assert after.id != before.id
    with world.store.read() as tx:
        assert is_approved(tx, before, local_at=HOUR)
        assert not is_approved(tx, after, local_at=HOUR)
        assert is_voided(tx, after, local_at=HOUR)


def test_another_number_is_frozen_though_no_copy_shows_it_and_the_approval_holds(world: World) -> None:
    before = world.freeze(number=47)
    with world.store.write() as tx:
        approve(tx, before, local_at=HOUR, by="anne", at=world.now)
    after = world.freeze(number=48)
    assert (before.number, after.number, world.freeze(number=48).id) == (47, 48, after.id)
    with world.store.read() as tx:
        assert is_approved(tx, after, local_at=HOUR)


def test_another_hour_voids_the_approval(world: World) -> None:
    snapshot = world.freeze()
    with world.store.write() as tx:
        approve(tx, snapshot, local_at=HOUR, by="anne", at=world.now)
        assert is_voided(tx, snapshot, local_at="2026-06-11 10:00")
        assert not is_voided(tx, snapshot, local_at=HOUR)
    assert fingerprint(snapshot, local_at=HOUR) != fingerprint(snapshot, local_at="2026-06-11 10:00")


def test_what_nobody_approved_is_neither_approved_nor_voided(world: World) -> None:
    snapshot = world.freeze()
    with world.store.read() as tx:
        assert not is_approved(tx, snapshot, local_at=HOUR)
        assert not is_voided(tx, snapshot, local_at=HOUR)


def test_approving_twice_is_harmless(world: World) -> None:
    snapshot = world.freeze()
    with world.store.write() as tx:
        for _ in range(2):
            approve(tx, snapshot, local_at=HOUR, by="anne", at=world.now)
        assert is_approved(tx, snapshot, local_at=HOUR)


def test_media_are_kept_under_their_name_and_survive_their_source(world: World, tmp_path: Path) -> None:
    source, name = tmp_path / "photo.png", "a" * 64 + ".png"
    source.write_bytes(b"pixels")
    world.freeze(media={name: source})
    source.unlink()
    kept = world.settings.state / "media" / name
    assert kept.read_bytes() == b"pixels"
    assert [path.name for path in kept.parent.iterdir()] == [name]
