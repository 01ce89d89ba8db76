"""Readers without an account: their links end, their answers bind one version, and a change sets both aside."""

from datetime import timedelta
from typing import Any

import pytest

from mailer.errors import InputError, RefusedError, TokenError
from mailer.freezing import State, approve, is_approved, refusal, refuse, reviewing, standing
from mailer.model.accounts import Role
from mailer.model.proofs import ProofLink, Verdict
from mailer.store import Store, accounts, acts, proofs
from mailer.tokens import Purpose
from tests.sending.world import World

HOUR = "2026-06-11 09:00"


@pytest.fixture
def world(store: Store, clock: Any, signer: Any, tmp_path: Any) -> World:
    return World(store, clock, signer, tmp_path)


def _link(world: World, **changes: Any) -> ProofLink:
    snapshot = world.freeze()
    assert snapshot.id is not None
    values = {
        "public_id": "ab" * 12,
        "campaign": snapshot.campaign,
        "issue": snapshot.issue,
        "snapshot_id": snapshot.id,
        "local_at": HOUR,
        "blocks": ["Article – La loi"],
        "may_approve": True,
        "made_by": "anne",
        "made_at": world.now,
        "expires_at": world.now + timedelta(days=14),
    }
    link = ProofLink(**(values | changes))
    with world.store.write() as tx:
        proofs.create_link(tx, link)
    return link


def _token(world: World, link: ProofLink, purpose: Purpose = Purpose.PROOF) -> str:
    return world.signer.sign(purpose, reviewing.payload(link))


def test_a_link_opens_until_it_ends(world: World) -> None:
    link = _link(world)
    token = _token(world, link)
    with world.store.read() as tx:
        last = link.expires_at - timedelta(seconds=1)
        assert reviewing.opened(tx, world.signer, token, at=last).public_id == link.public_id
        with pytest.raises(RefusedError, match="has ended"):
            reviewing.opened(tx, world.signer, token, at=link.expires_at)


def test_a_withdrawn_link_opens_nothing(world: World) -> None:
    link = _link(world)
    with world.store.write() as tx:
        where = {"campaign": link.campaign, "issue": link.issue}
        assert not proofs.withdraw(tx, link.public_id, campaign="other", issue=link.issue, at=world.now)
        assert proofs.withdraw(tx, link.public_id, **where, at=world.now)
        assert not proofs.withdraw(tx, link.public_id, **where, at=world.now)
        with pytest.raises(RefusedError, match="withdrawn"):
            reviewing.opened(tx, world.signer, _token(world, link), at=world.now)


@pytest.mark.parametrize("is_disabled", [False, True])
def test_a_link_that_an_account_outlived_its_right_by_is_closed_however_it_was_made(
    world: World, is_disabled: bool
) -> None:
    """Made while the account was being changed, so that nothing withdrew it."""
    link = _link(world, reader="anne@reseau.example")
    with world.store.write() as tx:
        role = Role.APPROVER if is_disabled else Role.WRITER
        found = accounts.create_user(tx, "anne@reseau.example", role=role, at=world.now)
        if is_disabled:
            tx.execute(
                accounts.user.update().where(accounts.user.c.id == found.id).values(disabled_at=world.now)
            )
        with pytest.raises(RefusedError, match="withdrawn"):
            reviewing.opened(tx, world.signer, _token(world, link), at=world.now)
        with pytest.raises(RefusedError, match="withdrawn"):
            reviewing.decide(tx, link, Verdict.APPROVED, by="Anne", text="", at=world.now)


def test_a_token_of_another_purpose_or_another_end_opens_nothing(world: World) -> None:
    link = _link(world)
    longer = link.model_copy(update={"expires_at": link.expires_at + timedelta(days=900)})
    forged = _token(world, longer).partition(".")[0] + "." + _token(world, link).partition(".")[2]
    with world.store.read() as tx:
        for token in (_token(world, link, Purpose.VIEW), forged, "apercu", ""):
            with pytest.raises(TokenError):
                reviewing.opened(tx, world.signer, token, at=world.now)


def test_an_approval_by_link_binds_the_version_and_the_hour_of_the_link(world: World) -> None:
    link, same = _link(world), world.freeze()
    with world.store.write() as tx:
        reviewing.decide(tx, link, Verdict.APPROVED, by=" Jeanne  Martin ", text="", at=world.now)
        found = standing(tx, same)
        assert (found.state, found.last and found.last.approved_by) == (State.APPROVED, "Jeanne Martin")
        assert is_approved(tx, same, local_at=HOUR)
        assert not is_approved(tx, same, local_at="2026-06-11 10:00")
        log = acts.about(tx, f"{link.campaign}/{link.issue}")
    other = world.freeze(subject="Autre objet")
    with world.store.read() as tx:
        assert standing(tx, other).state is State.CHANGED
    assert [(each.act, each.by, each.detail) for each in log] == [("approve-link", "Jeanne Martin", HOUR)]


def test_a_refusal_holds_for_the_content_at_any_hour_until_somebody_approves_it(world: World) -> None:
    snapshot = world.freeze()
    with world.store.write() as tx:
        approve(tx, snapshot, local_at=HOUR, by="anne", at=world.now)
        refuse(tx, snapshot, local_at=HOUR, by="jeanne", at=world.now)
        assert not is_approved(tx, snapshot, local_at=HOUR)
        assert refusal(tx, snapshot) is not None
        approve(tx, snapshot, local_at="2026-06-12 09:00", by="anne", at=world.now)
        assert refusal(tx, snapshot) is None
        assert is_approved(tx, snapshot, local_at=HOUR)


def test_a_refusal_says_why_and_its_words_are_a_remark(world: World) -> None:
    link = _link(world)
    with world.store.write() as tx:
        with pytest.raises(InputError, match="what is wrong"):
            reviewing.decide(tx, link, Verdict.REFUSED, by="Jeanne", text="  ", at=world.now)
        reviewing.decide(tx, link, Verdict.REFUSED, by="Jeanne", text="La date est fausse.", at=world.now)
        said = proofs.remarks_of_link(tx, link.public_id)
    assert [(each.by, each.block, each.text) for each in said] == [("Jeanne", None, "La date est fausse.")]


def test_a_link_for_remarks_decides_nothing(world: World) -> None:
    link, snapshot = _link(world, may_approve=False), world.freeze()
    with world.store.write() as tx:
        with pytest.raises(RefusedError):
            reviewing.decide(tx, link, Verdict.APPROVED, by="Jeanne", text="", at=world.now)
        assert standing(tx, snapshot).state is State.NONE


def test_the_same_words_twice_are_one_remark(world: World) -> None:
    link = _link(world)
    with world.store.write() as tx:
        for _ in range(2):
            reviewing.remark(tx, link, by="Jeanne", text="Une faute ?", block=1, at=world.now)
        reviewing.remark(tx, link, by="Jeanne", text="Une faute ?", block=None, at=world.now)
        assert [each.block for each in proofs.remarks_of_link(tx, link.public_id)] == [1, None]


def test_a_link_that_is_full_says_so_and_still_knows_its_own_words(world: World) -> None:
    link = _link(world)
    with world.store.write() as tx:
        for number in range(proofs.MOST_REMARKS):
            reviewing.remark(tx, link, by="Jeanne", text=f"Faute {number}", block=1, at=world.now)
        with pytest.raises(RefusedError, match="all the remarks that it may"):
            reviewing.remark(tx, link, by="Jeanne", text="Une de plus", block=1, at=world.now)
        reviewing.remark(tx, link, by="Jeanne", text="Faute 7", block=1, at=world.now)
        assert len(proofs.remarks_of_link(tx, link.public_id)) == proofs.MOST_REMARKS


@pytest.mark.parametrize(
    "said",
    [
        {"by": " "},
        {"by": "a" * 101},
        {"by": "a\x00b"},
        {"text": "\n"},
        {"text": "a" * 3001},
        {"block": 2},
        {"block": 0},
    ],
    ids=str,
)
def test_what_cannot_be_a_remark_is_refused(world: World, said: dict[str, Any]) -> None:
    link = _link(world)
    right: dict[str, Any] = {"by": "Jeanne", "text": "Une faute", "block": 1}
    with world.store.write() as tx:
        with pytest.raises(InputError):
            reviewing.remark(tx, link, **(right | said), at=world.now)
        assert proofs.remarks_of_link(tx, link.public_id) == []
