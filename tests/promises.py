"""Pages of promises: tables whose rows name the tests that prove them."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass

from tests.conftest import REPOSITORY

_NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of docs/, as text."""

    text: str

    @property
    def rows(self) -> list[str]:
        """Every row of its tables, the headings too."""
        return [
            each for each in self.text.splitlines() if each.startswith("| ") and not each.startswith("| ---")
        ]

    @property
    def proven(self) -> set[str]:
        """The first cells of the rows that name a test."""
        return {row.split("|")[1].strip() for row in self.rows if "::test_" in row}

    @property
    def files(self) -> Mapping[str, set[str]]:
        """The tests that the page names, by file."""
        named: dict[str, set[str]] = {}
        for path, name in _NAMED.findall(self.text):
            named.setdefault(path, set()).add(name)
        return named


def promises(name: str) -> Page:
    """The page of this name in docs/."""
    return Page((REPOSITORY / "docs" / name).read_text("utf-8"))


def missing_tests(path: str, named: set[str]) -> set[str]:
    """Which of the tests that a page names are not in their file."""
    tree = ast.parse((REPOSITORY / path).read_text("utf-8"))
    return named - {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
