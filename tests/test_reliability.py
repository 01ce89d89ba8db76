"""The page of the promises names tests: each exists, and every invariant and every failpoint has its row."""

import ast
import re

import pytest

from mailer import failpoints
from tests.conftest import REPOSITORY

PAGE = (REPOSITORY / "docs" / "reliability.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))
ROWS = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| ---")]


@pytest.mark.parametrize("path", sorted({path for path, _ in NAMED}))
def test_every_test_that_the_page_names_exists(path: str) -> None:
    tree = ast.parse((REPOSITORY / path).read_text("utf-8"))
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert {name for named, name in NAMED if named == path} - defined == set()


def test_every_invariant_has_a_row_with_its_proof() -> None:
    proven = {row.split("|")[1].strip() for row in ROWS if "::test_" in row}
    assert {f"I{number}" for number in range(1, 15)} <= proven


def test_every_failpoint_has_a_row_with_its_proof() -> None:
    wanted = {*failpoints.SENDING, *failpoints.RECORDING, *failpoints.FULL_DISK}
    assert (
        wanted - {name for row in ROWS if "::test_" in row for name in re.findall(r"`([\w-]+)`", row)}
        == set()
    )


def test_every_row_of_the_two_tables_has_a_proof() -> None:
    tables = PAGE.partition("## The storms")[0]
    rows = [row for row in ROWS if row in tables and not row.endswith("| Proof |")]
    assert len(rows) >= 14 + 8
    assert [row for row in rows if "::test_" not in row] == []
