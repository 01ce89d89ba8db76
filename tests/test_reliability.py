"""The page of the promises names tests: each exists, and every invariant and every failpoint has its row."""

import re

import pytest

from mailer import failpoints
from tests.promises import missing_tests, promises

PAGE = promises("reliability.md")


@pytest.mark.parametrize("path", sorted(PAGE.files))
def test_every_test_that_the_page_names_exists(path: str) -> None:
    assert missing_tests(path, PAGE.files[path]) == set()


def test_every_invariant_has_a_row_with_its_proof() -> None:
    assert {f"I{number}" for number in range(1, 15)} <= PAGE.proven


def test_every_failpoint_has_a_row_with_its_proof() -> None:
    wanted = {*failpoints.SENDING, *failpoints.RECORDING, *failpoints.FULL_DISK}
    rows = [row for row in PAGE.rows if "::test_" in row]
    assert wanted - {name for row in rows for name in re.findall(r"`([\w-]+)`", row)} == set()


def test_every_row_of_the_two_tables_has_a_proof() -> None:
    tables = PAGE.text.partition("## The storms")[0]
    rows = [row for row in PAGE.rows if row in tables and not row.endswith("| Proof |")]
    assert len(rows) >= 14 + 8
    assert [row for row in rows if "::test_" not in row] == []
