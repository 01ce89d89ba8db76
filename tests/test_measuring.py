"""The page of the rules of measuring names tests: each exists, and every rule has its row."""

import re

import pytest

from tests.promises import missing_tests, promises

PAGE = promises("measuring.md")
#: What is not offered, or is there for information, has no test.
WITHOUT_PROOF = {"P10", "P16", "P17"}


@pytest.mark.parametrize("path", sorted(PAGE.files))
def test_every_test_that_the_page_names_exists(path: str) -> None:
    assert missing_tests(path, PAGE.files[path]) == set()


def test_every_rule_has_a_row_with_its_proof() -> None:
    rules = {f"{letter}{number}" for letter in "OP" for number in range(1, 18)}
    told = {rule for row in PAGE.rows for rule in re.findall(r"[OP]\d+", row.split("|")[1])}
    proven = {rule for cell in PAGE.proven for rule in re.findall(r"[OP]\d+", cell)}
    assert told == rules
    assert proven == rules - WITHOUT_PROOF
