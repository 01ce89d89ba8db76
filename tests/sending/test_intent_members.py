"""Members only: the third of three layers is a guard of the intent, and each of them is enough alone."""

from dataclasses import replace
from datetime import date

import pytest

from mailer.sending.starting import start
from mailer.store.guards import Guard
from tests.conftest import NOW
from tests.sending.intents import claimed, intend, why_not
from tests.sending.scripted import Scripted
from tests.sending.world import MEMBERS, World, campaign, contact, membership, send_table


def end_membership(world: World) -> None:
    with world.store.write() as tx:
        tx.execute(membership.update().values(until_on=date(2026, 6, 10)))


def test_a_membership_that_ended_since_keeps_the_mail_here(world: World) -> None:
    mine, guard = claimed(world, members_only=True)
    end_membership(world)
    assert not intend(world, mine, guard)
    assert why_not(world, mine, guard) == "not_member"


def test_leaving_an_organisation_ends_the_membership(world: World) -> None:
    mine, guard = claimed(world, members_only=True)
    with world.store.write() as tx:
        tx.execute(contact.update().values(organisation_id=None))
    assert not intend(world, mine, guard)


@pytest.mark.parametrize("row_says_so", [True, False])
def test_without_the_first_two_layers_the_third_stops_each_mail(world: World, row_says_so: bool) -> None:
    """A stranger's row by hand: planned without the rule, past the constraint by another's membership or by no mark."""
    mine, guard = claimed(world)
    end_membership(world)
    values = {"members_only": row_says_so, "membership_id": 1 if row_says_so else None}
    world.set(guard.send_id, **values)
    with world.store.write() as tx:
        tx.execute(send_table.update().values(members_only=True))
    assert not intend(world, mine, _members_only(guard))
    assert why_not(world, mine, _members_only(guard)) == "not_member"


def _members_only(guard: Guard) -> Guard:
    return replace(guard, members_only=True)


def test_without_the_third_layer_the_first_two_hold(world: World) -> None:
    """Nobody without membership is ever planned: an intent that forgot to look again would find no stranger."""
    world.people(2, member=False)
    send_id = world.schedule(campaign=campaign(members_only=True))
    with world.store.write() as tx:
        start(tx, send_id, signer=world.signer, state=world.settings.state, at=NOW)
    assert world.rows(send_id) == []


def test_a_membership_ended_mid_send_stops_the_rest(world: World) -> None:
    world.people(12)
    send_id = world.schedule(segment=MEMBERS)
    provider = Scripted()

    def ends(message: object) -> None:
        if len(provider.calls) == 3:
            end_membership(world)

    provider.on_send = ends
    world.sender(provider).run(send_id)
    states = world.states(send_id)
    assert states["accepted"] == len(provider.journal) < 12
    assert states["accepted"] + states["excluded"] == 12
    assert {row.reason for row in world.rows(send_id) if row.state == "excluded"} == {"not_member"}
    assert len(world.rows(send_id)) == world.send(send_id).planned
