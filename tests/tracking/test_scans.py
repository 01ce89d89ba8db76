"""Whose links a machine follows: signs within seconds, forgotten after them."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from mailer.tracking.scans import WAY_OUT, Scans
from tests.conftest import NOW

COPY = b"copy"


def steps(*taken: tuple[float, int, str], networks: Sequence[str] = ()) -> Scans:
    scans = Scans()
    for place, (seconds, link, method) in enumerate(taken):
        network = networks[place] if networks else ""
        scans.watch(COPY, link=link, method=method, at=NOW + timedelta(seconds=seconds), network=network)
    return scans


@pytest.mark.parametrize(
    "taken",
    [
        [(0, 0, "GET")],
        [(0, 0, "GET"), (1, 0, "GET"), (2, 0, "GET"), (3, 0, "GET")],
        [(0, 0, "GET"), (4, 1, "GET")],
        [(0, 0, "GET"), (6, 1, "GET"), (12, 2, "GET")],
        [(0, 0, "GET"), (30, 1, "HEAD")],
    ],
    ids=["one", "the same link again", "two", "three, with reading between", "a HEAD much later"],
)
def test_people_follow_links_one_by_one(taken: list[tuple[float, int, str]]) -> None:
    assert not steps(*taken).is_scan(COPY, NOW)


@pytest.mark.parametrize(
    "taken",
    [
        [(0, 0, "GET"), (0.1, 1, "GET"), (0.2, 2, "GET")],
        [(0, 0, "GET"), (5, 1, "GET"), (10, 2, "GET")],
        [(0, 0, "GET"), (1, 0, "HEAD")],
        [(-1, 0, "HEAD"), (0, 0, "GET")],
        [(-9, 1, "GET"), (-5, 2, "GET"), (0, 0, "GET")],
    ],
    ids=["a burst", "ten seconds", "a HEAD after", "a HEAD before", "the last of three"],
)
def test_scanners_follow_every_link_or_ask_for_the_head(taken: list[tuple[float, int, str]]) -> None:
    assert steps(*taken).is_scan(COPY, NOW)


@pytest.mark.parametrize("seconds", [-59, 5])
def test_the_page_of_unsubscribing_beside_a_link_is_a_scanners_unless_its_button_was_pressed(
    seconds: float,
) -> None:
    looked = (seconds, WAY_OUT, "GET")
    assert steps(looked, (0, 0, "GET")).is_scan(COPY, NOW)
    assert not steps(looked, (0, 0, "GET"), (seconds + 1, WAY_OUT, "POST")).is_scan(COPY, NOW)


def test_somebody_may_look_at_that_page_a_minute_before_or_leave_without_looking() -> None:
    assert not steps((-61, WAY_OUT, "GET"), (0, 0, "GET")).is_scan(COPY, NOW)
    assert not steps((-5, WAY_OUT, "POST"), (0, 0, "GET")).is_scan(COPY, NOW)


@pytest.mark.parametrize(
    ("networks", "first", "is_scan"),
    [
        (["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"], -119, True),
        (["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"], -121, False),
        (["192.0.2.0/24", "198.51.100.0/24", "192.0.2.0/24"], -119, False),
        (["", "", ""], -119, False),
    ],
    ids=["three within two minutes", "later", "at home and at work", "unknown"],
)
def test_one_copy_from_three_networks_is_a_service(networks: list[str], first: float, is_scan: bool) -> None:
    taken = ((first, 0, "GET"), (-60, 0, "GET"), (0, 0, "GET"))
    assert steps(*taken, networks=networks).is_scan(COPY, NOW) is is_scan


def test_no_network_is_remembered_that_tells_nothing_any_more() -> None:
    scans = steps((0, 0, "GET"), networks=["192.0.2.0/24"])
    assert "192.0.2.0" in repr(vars(scans))
    scans.forget(since=NOW + timedelta(seconds=120))
    assert "192.0.2.0" in repr(vars(scans))
    scans.forget(since=NOW + timedelta(seconds=121))
    assert "192.0.2.0" not in repr(vars(scans))


def test_another_copy_is_not_suspected() -> None:
    assert not steps((0, 0, "HEAD")).is_scan(b"other", NOW)


def test_what_is_watched_does_not_grow_for_ever() -> None:
    scans = steps((0, 0, "HEAD"))
    for number in range(10_000):
        scans.watch(b"%d" % number, link=0, method="GET", at=NOW)
    assert not scans.is_scan(COPY, NOW)
