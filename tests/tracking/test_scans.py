"""Whose links a machine follows: signs within seconds, forgotten after them."""

from datetime import timedelta

import pytest

from mailer.tracking.scans import Scans
from tests.conftest import NOW

COPY = b"copy"


def steps(*taken: tuple[float, int, str]) -> Scans:
    scans = Scans()
    for seconds, link, method in taken:
        scans.watch(COPY, link=link, method=method, at=NOW + timedelta(seconds=seconds))
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


def test_another_copy_is_not_suspected() -> None:
    assert not steps((0, 0, "HEAD")).is_scan(b"other", NOW)


def test_what_is_watched_does_not_grow_for_ever() -> None:
    scans = steps((0, 0, "HEAD"))
    for number in range(10_000):
        scans.watch(b"%d" % number, link=0, method="GET", at=NOW)
    assert not scans.is_scan(COPY, NOW)
