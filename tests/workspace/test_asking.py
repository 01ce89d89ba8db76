"""The key by which a letter asks for the consent to be measured."""

from pathlib import Path

import pytest

from mailer import workspace
from mailer.workspace import read_issue, write_issue
from tests.workspace.conftest import ISSUE, write

FILE = "campaigns/flash/2026-06-12.md"


def asking(value: str) -> str:
    return ISSUE.replace("number: 47", f"asks_consent: {value}")


@pytest.mark.parametrize(("value", "is_asking"), [("true", True), ("false", False)])
def test_the_key_is_read_and_kept(root: Path, value: str, is_asking: bool) -> None:
    write(root, FILE, asking(value))
    found, problems = workspace.load(root)
    issue = found.campaigns["flash"].issues["2026-06-12"]
    assert (problems, issue.asks_consent) == ([], is_asking)
    again, _ = read_issue(write_issue(issue), campaign="flash", slug=issue.slug, path=issue.path)
    assert again is not None
    assert again.asks_consent is is_asking


@pytest.mark.parametrize("value", ["oui", '"true"', "1"])
def test_anything_else_is_a_mistake_in_its_line(root: Path, value: str) -> None:
    write(root, FILE, asking(value))
    [problem] = workspace.load(root)[1]
    assert (problem.code, problem.line, problem.field) == ("bad-value", 3, "asks_consent")
