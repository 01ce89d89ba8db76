"""Accounts: one-time links, sessions and failed logins, on both databases."""

import threading
from datetime import timedelta
from types import SimpleNamespace
from typing import cast

import pytest
from fastapi import Request

from mailer.app import Mailer
from mailer.model.accounts import Role
from mailer.store import Store, accounts, acts
from mailer.tokens import Signer
from mailer.web import passwords, tries
from tests.conftest import NOW

ADDRESS = "claude@reseau.example"
HOUR = timedelta(hours=1)


def test_a_link_can_be_used_once(store: Store) -> None:
    with store.write() as tx:
        token = accounts.create_administrator(tx, ADDRESS, at=NOW)
    with store.write() as tx:
        assert accounts.use_link(tx, token, at=NOW) is not None
    with store.write() as tx:
        assert accounts.use_link(tx, token, at=NOW) is None


def test_a_link_ends_after_a_day(store: Store) -> None:
    with store.write() as tx:
        token = accounts.create_administrator(tx, ADDRESS, at=NOW)
        assert accounts.find_by_link(tx, token, at=NOW + 23 * HOUR) is not None
        assert accounts.use_link(tx, token, at=NOW + 24 * HOUR) is None


def test_an_administrator_counts_once_a_password_is_set(store: Store) -> None:
    with store.write() as tx:
        token = accounts.create_administrator(tx, ADDRESS, at=NOW)
        assert not accounts.has_administrator(tx)
        user = accounts.use_link(tx, token, at=NOW)
        assert user is not None
        assert user.id is not None
        accounts.set_password(tx, user.id, password_hash="hash")
        assert accounts.has_administrator(tx)


def test_a_used_link_takes_the_other_links_of_its_user_along(store: Store) -> None:
    with store.write() as tx:
        first = accounts.create_administrator(tx, ADDRESS, at=NOW)
        second = accounts.create_administrator(tx, ADDRESS, at=NOW)
        user = accounts.use_link(tx, second, at=NOW)
        assert user is not None
        assert user.id is not None
        accounts.set_password(tx, user.id, password_hash="hash")
        assert accounts.find_by_link(tx, first, at=NOW) is None


def test_another_role_ends_every_session(store: Store) -> None:
    with store.write() as tx:
        user = accounts.create_user(tx, ADDRESS, role=Role.READER, at=NOW)
        assert user.id is not None
        secret = accounts.create_session(tx, user.id, at=NOW, lifetime=HOUR)
        accounts.create_user(tx, ADDRESS, role=Role.READER, at=NOW)
        assert accounts.find_session(tx, secret, at=NOW) is not None
        accounts.create_administrator(tx, ADDRESS, at=NOW)
        assert accounts.find_session(tx, secret, at=NOW) is None


def test_a_new_password_ends_every_session(store: Store) -> None:
    with store.write() as tx:
        user = accounts.create_user(tx, ADDRESS, role=Role.WRITER, at=NOW)
        assert user.id is not None
        secret = accounts.create_session(tx, user.id, at=NOW, lifetime=HOUR)
        assert accounts.find_session(tx, secret, at=NOW) is not None
        accounts.set_password(tx, user.id, password_hash="hash")
        assert accounts.find_session(tx, secret, at=NOW) is None


def test_a_session_ends_with_its_hour(store: Store) -> None:
    with store.write() as tx:
        user = accounts.create_user(tx, ADDRESS, role=Role.WRITER, at=NOW)
        assert user.id is not None
        secret = accounts.create_session(tx, user.id, at=NOW, lifetime=HOUR)
        assert accounts.find_session(tx, secret, at=NOW + HOUR) is None


def test_no_secret_is_kept(store: Store) -> None:
    with store.write() as tx:
        user = accounts.create_user(tx, ADDRESS, role=Role.WRITER, at=NOW)
        assert user.id is not None
        secret = accounts.create_session(tx, user.id, at=NOW, lifetime=HOUR)
        found = accounts.find_session(tx, secret, at=NOW)
        assert found is not None
        assert secret not in found[0].model_dump_json()


def test_the_worst_subject_counts(store: Store) -> None:
    with store.write() as tx:
        accounts.record_failure(tx, "account", "source", at=NOW)
        accounts.record_failure(tx, "other", "source", at=NOW + HOUR)
        assert accounts.failures(tx, "account", "source", since=NOW - HOUR) == (2, NOW + HOUR)
        assert accounts.failures(tx, "account", since=NOW) == (0, None)


def test_a_login_forgets_its_failures(store: Store) -> None:
    with store.write() as tx:
        accounts.record_failure(tx, "account", "source", at=NOW)
        accounts.forget_failures(tx, "account", before=NOW - HOUR)
        assert accounts.failures(tx, "account", since=NOW - HOUR) == (0, None)
        assert accounts.failures(tx, "source", since=NOW - HOUR) == (1, NOW)


def test_of_many_tries_at_once_no_more_than_the_free_ones_are_looked_at(store: Store) -> None:
    ready, counted, refused = threading.Barrier(12), [], []

    def attempt() -> None:
        ready.wait()
        try:
            counted.append(tries.count_of(store, account="account", source="source", at=NOW))
        except tries.TooManyTries:
            refused.append(1)

    threads = [threading.Thread(target=attempt) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(counted), len(refused)) == (passwords.FREE_TRIES, 12 - passwords.FREE_TRIES)
    with store.write() as tx:
        accounts.drop_failures(tx, counted[0])
        assert accounts.failures(tx, "source", since=NOW - HOUR)[0] == passwords.FREE_TRIES - 1


@pytest.mark.parametrize(
    ("host", "neighbour", "stranger"),
    [
        ("2001:db8:1:2::9", "2001:db8:1:ffff::1", "2001:db8:2::9"),
        ("192.0.2.7", "::ffff:192.0.2.250", "192.0.3.7"),
    ],
)
def test_a_source_of_tries_is_a_network(signer: Signer, host: str, neighbour: str, stranger: str) -> None:
    mailer = cast(Mailer, SimpleNamespace(signer=signer))

    def source(address: str) -> str:
        return tries.source_of(Request({"type": "http", "client": (address, 1)}), mailer)

    assert source(host) == source(neighbour) != source(stranger)
    assert host not in source(host)


def test_acts_are_listed_the_latest_first(store: Store) -> None:
    with store.write() as tx:
        acts.record(tx, at=NOW, by=ADDRESS, act="approve", object="flash/1")
        acts.record(
            tx, at=NOW + HOUR, by=ADDRESS, act="schedule", object="flash/1", detail="2026-06-11 09:00"
        )
        assert [each.act for each in acts.about(tx, "flash/1")] == ["schedule", "approve"]
