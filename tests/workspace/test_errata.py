"""An issue that corrects another: its key, its mistakes, the draft to begin with."""

from dataclasses import replace
from pathlib import Path

import pytest

from mailer import workspace
from mailer.workspace import draft_erratum, read_issue, write_issue
from tests.workspace.conftest import CAMPAIGN, ISSUE, write

FAULTY = "2026-06-11"
ERRATUM_FILE = "campaigns/flash/2026-06-12.md"
ERRATUM = ISSUE.replace("number: 47", f"erratum_of: {FAULTY}")


def test_an_erratum_names_the_issue_that_it_corrects(root: Path) -> None:
    write(root, ERRATUM_FILE, ERRATUM)
    found, problems = workspace.load(root)
    assert problems == []
    assert found.campaigns["flash"].issues["2026-06-12"].erratum_of == FAULTY


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ("2026-06-10", "unknown-issue"),
        ("2026-06-12", "erratum-of-itself"),
        ("../flash/2026-06-11", "unknown-issue"),
    ],
)
def test_a_mistake_in_the_key_is_found_in_its_line(root: Path, named: str, code: str) -> None:
    write(root, ERRATUM_FILE, ERRATUM.replace(f"erratum_of: {FAULTY}", f'erratum_of: "{named}"'))
    [problem] = workspace.load(root)[1]
    assert (problem.code, problem.path, problem.line) == (code, Path(ERRATUM_FILE), 3)
    assert problem.remedy


def test_an_unknown_issue_is_answered_with_the_nearest_one(root: Path) -> None:
    write(root, ERRATUM_FILE, ERRATUM.replace(FAULTY, "2026-06-10"))
    [problem] = workspace.load(root)[1]
    assert str(problem).endswith(
        "There is no issue 2026-06-10 in this campaign. Perhaps you meant: 2026-06-11."
    )


def test_errata_in_a_circle_are_found_in_each_of_them(root: Path) -> None:
    for slug, other in (("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")):
        write(root, f"campaigns/flash/{slug}.md", ERRATUM.replace(FAULTY, other))
    found = [(problem.path, problem.code) for problem in workspace.load(root)[1]]
    assert found == [(Path(f"campaigns/flash/{slug}.md"), "erratum-in-a-circle") for slug in "abc"]


def test_an_erratum_may_be_corrected_in_its_turn(root: Path) -> None:
    write(root, ERRATUM_FILE, ERRATUM)
    write(root, "campaigns/flash/2026-06-13.md", ERRATUM.replace(FAULTY, "2026-06-12"))
    assert workspace.load(root)[1] == []


def test_a_broken_file_is_no_unknown_issue(root: Path) -> None:
    write(root, ERRATUM_FILE, ERRATUM)
    (root / f"campaigns/flash/{FAULTY}.md").write_bytes(ISSUE.encode("cp1252"))
    assert [problem.code for problem in workspace.load(root)[1]] == ["bad-encoding"]


def test_taking_the_key_away_empties_its_line(root: Path) -> None:
    issue, _ = read_issue(ERRATUM, campaign="flash", slug="x", path=Path("campaigns/flash/x.md"))
    assert write_issue(replace(issue, erratum_of=""), original=ERRATUM) == ERRATUM.replace(
        f"erratum_of: {FAULTY}", 'erratum_of: ""'
    )


def test_a_draft_is_a_file_without_mistakes_that_waits_for_its_words(root: Path) -> None:
    write(root, "templates/blocks/text.toml", (root / "templates/blocks/section.toml").read_text("utf-8"))
    for suffix in ("mjml", "txt"):
        write(root, f"templates/blocks/text.{suffix}.j2", "{{ title }}")
    campaign = workspace.load(root)[0].campaigns["flash"]
    draft = draft_erratum(campaign, campaign.issues[FAULTY])
    workspace.save_issue(root, draft)
    found, problems = workspace.load(root)
    assert [problem.code for problem in problems] == ["too-long"]
    assert found.campaigns["flash"].issues[f"{FAULTY}-erratum"] == draft
    assert draft.subject == "Erratum\u00a0: Repères de juin"
    assert all("[à compléter]" in text for text in (draft.preheader, draft.blocks[1].body))


def test_a_second_draft_has_a_name_of_its_own_and_the_language_of_its_campaign(root: Path) -> None:
    write(root, f"campaigns/flash/{FAULTY}-erratum.md", ERRATUM)
    write(root, "campaigns/flash/campaign.toml", 'language = "en"\n' + CAMPAIGN)
    campaign = workspace.load(root)[0].campaigns["flash"]
    draft = draft_erratum(campaign, campaign.issues[FAULTY])
    assert (draft.slug, draft.subject) == (f"{FAULTY}-erratum-2", "Correction: Repères de juin")
    assert "[to do]" in draft.blocks[1].body
