"""The page of the attacks names tests: each exists, and every attack, and every hole that peers had, has its row."""

import pytest

from tests.promises import missing_tests, promises

PAGE = promises("security.md")
#: Holes of other tools that have a number; the page says which test keeps each out.
HOLES = (
    *("CVE-2025-46011", "CVE-2025-49136", "CVE-2025-58430", "CVE-2026-21483", "CVE-2026-34828"),
    *("CVE-2020-8547", "CVE-2020-35708", "CVE-2021-3188", "CVE-2023-27576", "CVE-2026-73482"),
    *("CVE-2021-27910", "CVE-2021-27911", "CVE-2024-47056", "CVE-2024-47057", "CVE-2025-5256"),
    *("CVE-2025-5257", "CVE-2020-24617", "CVE-2021-42097", "CVE-2021-40347", "CVE-2015-1306"),
    *("CVE-2024-27938", "CVE-2020-12827", "CVE-2025-67898", "CVE-2018-6596"),
)


@pytest.mark.parametrize("path", sorted(PAGE.files))
def test_every_test_that_the_page_names_exists(path: str) -> None:
    assert missing_tests(path, PAGE.files[path]) == set()


def test_every_attack_has_a_row_with_its_proof() -> None:
    assert {f"S{number}" for number in range(1, 26)} <= PAGE.proven


def test_every_hole_that_peers_had_has_a_row_with_its_proof() -> None:
    proven = "\n".join(row for row in PAGE.rows if "::test_" in row)
    assert [hole for hole in HOLES if hole not in proven] == []


def test_every_row_has_a_proof() -> None:
    rows = [row for row in PAGE.rows if not row.endswith("| Proof |")]
    assert [row for row in rows if "::test_" not in row] == []
