"""Codes of the second factor: each opens once; recovery codes stand in for them, once each."""

import re
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import text

from mailer.errors import InputError
from mailer.model.accounts import Role, User
from mailer.store import Store, accounts, administering, second_factors
from mailer.tokens import Signer
from mailer.web import second_factor
from tests.conftest import NOW

ADDRESS = "administrator@reseau.example"
SEED = "s" * 43
STEP = timedelta(seconds=30)


def account(store: Store) -> User:
    with store.write() as tx:
        return accounts.create_user(tx, ADDRESS, role=Role.ADMINISTRATOR, at=NOW)


def code_at(signer: Signer, user: User, at: object = NOW, seed: str = SEED) -> str:
    assert user.id is not None
    return pyotp.TOTP(second_factor.secret(signer, user.id, seed)).at(at)  # type: ignore[arg-type]


def turn_on(store: Store, signer: Signer, user: User) -> tuple[User, list[str]]:
    with store.write() as tx:
        code = code_at(signer, user)
        codes = second_factor.turn_on(tx, signer, user, seed=SEED, code=code, at=NOW)
        return administering.get(tx, user.id or 0), codes


def test_no_code_is_accepted_twice_nor_one_before_it(store: Store, signer: Signer) -> None:
    user, _ = turn_on(store, signer, account(store))
    with store.write() as tx:
        assert second_factor.accept(tx, signer, user, code_at(signer, user), at=NOW) == ""
        later = NOW + 2 * STEP
        fresh = code_at(signer, user, later)
        assert second_factor.accept(tx, signer, user, fresh, at=later) == "code"
        assert second_factor.accept(tx, signer, user, fresh, at=later) == ""
        assert second_factor.accept(tx, signer, user, code_at(signer, user, later - STEP), at=later) == ""


def test_codes_of_one_step_before_and_after_are_accepted_and_no_others(store: Store, signer: Signer) -> None:
    user, _ = turn_on(store, signer, account(store))
    at = NOW + 100 * STEP
    with store.write() as tx:
        for distance, expected in ((-2, ""), (2, ""), (-1, "code"), (1, "code")):
            code = code_at(signer, user, at + distance * STEP)
            assert second_factor.accept(tx, signer, user, code, at=at) == expected, distance


def test_a_recovery_code_works_once_however_it_is_typed(store: Store, signer: Signer) -> None:
    user, codes = turn_on(store, signer, account(store))
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    with store.write() as tx:
        typed = codes[0].replace("-", " ").upper()
        assert second_factor.accept(tx, signer, user, typed, at=NOW) == "recovery"
        assert second_factor.accept(tx, signer, user, codes[0], at=NOW) == ""
        assert second_factors.count_codes(tx, user.id or 0) == 9
        second_factor.new_recovery_codes(tx, signer, user)
        assert second_factor.accept(tx, signer, user, codes[1], at=NOW) == ""


def test_a_recovery_code_of_somebody_else_opens_nothing(store: Store, signer: Signer) -> None:
    _, codes = turn_on(store, signer, account(store))
    with store.write() as tx:
        other = accounts.create_user(tx, "other@reseau.example", role=Role.READER, at=NOW)
        assert second_factor.turn_on(tx, signer, other, seed=SEED, code=code_at(signer, other), at=NOW)
        other = administering.get(tx, other.id or 0)
        assert second_factor.accept(tx, signer, other, codes[0], at=NOW) == ""


def test_the_database_alone_computes_no_code(sqlite_store: Store, signer: Signer) -> None:
    """Neither the secret nor a recovery code is stored: a thief of a backup has the seed, and not the other half."""
    user, codes = turn_on(sqlite_store, signer, account(sqlite_store))
    secret = second_factor.secret(signer, user.id or 0, SEED)
    with sqlite_store.read() as tx:
        kept = str(tx.execute(text("SELECT * FROM desk_user")).all()) + str(
            tx.execute(text("SELECT * FROM recovery_code")).all()
        )
    assert SEED in kept
    assert [
        each for each in (secret, *codes, *(code.replace("-", "") for code in codes)) if each in kept
    ] == []
    assert second_factor.secret(Signer(b"another installation, 32 bytes.."), user.id or 0, SEED) != secret


def test_a_wrong_first_code_turns_nothing_on(store: Store, signer: Signer) -> None:
    user = account(store)
    right = code_at(signer, user)
    for wrong in (
        f"{(int(right) + 1) % 1_000_000:06}",
        "",
        "١٢٣٤٥٦",
        right + "1",
        code_at(signer, user, NOW + 9 * STEP),
    ):
        with pytest.raises(InputError), store.write() as tx:
            second_factor.turn_on(tx, signer, user, seed=SEED, code=wrong, at=NOW)
    with store.read() as tx:
        assert administering.get(tx, user.id or 0).factor_since is None


def test_the_qr_code_is_a_drawing_without_style_or_script() -> None:
    drawing = second_factor.qr_code("JBSWY3DPEHPK3PXP" * 2, address='a"><script>@x.example', network="Réseau")
    assert drawing.startswith("<svg ")
    assert not re.search(r"style=|<script|on\w+=", drawing)
