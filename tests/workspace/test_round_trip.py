"""Reading and writing an issue are exact inverses."""

from dataclasses import replace
from pathlib import Path

from hypothesis import assume, given
from hypothesis import strategies as st

from mailer.errors import Problem
from mailer.model.workspace import Issue
from mailer.workspace import read_issue, write_issue
from tests.workspace import strategies


def read(text: str) -> tuple[Issue, list[Problem]]:
    return read_issue(text, campaign="flash", slug="2026-06-11", path=Path("campaigns/flash/2026-06-11.md"))


@given(strategies.issues)
def test_what_is_written_is_read_again(issue: Issue) -> None:
    assert read(write_issue(issue)) == (issue, [])


@given(strategies.files)
def test_a_file_that_is_saved_unchanged_is_the_same_file(text: str) -> None:
    issue, problems = read(text)
    assume(not problems)
    assert write_issue(issue, original=text) == text


@given(strategies.files, strategies.issues)
def test_any_issue_written_over_any_file_is_read_again(text: str, issue: Issue) -> None:
    assume(not read(text)[1])
    assert read(write_issue(issue, original=text)) == (issue, [])


@given(strategies.files, st.data())
def test_editing_one_block_leaves_every_other_line(text: str, data: st.DataObject) -> None:
    issue, problems = read(text)
    assume(not problems and issue.blocks)
    position = data.draw(st.integers(0, len(issue.blocks) - 1))
    body = data.draw(strategies.texts)
    edited = replace(issue.blocks[position], body=body)
    blocks = (*issue.blocks[:position], edited, *issue.blocks[position + 1 :])
    written = write_issue(replace(issue, blocks=blocks), original=text)
    line = issue.blocks[position].line
    assert line is not None
    following = issue.blocks[position + 1 :]
    after = text.split("\n")[_closing_line(text, line) :]
    assert written.split("\n")[:line] == text.split("\n")[:line]
    assert written.split("\n")[-len(after) :] == after
    assert read(written)[0].blocks[position + 1 :] == following


def _closing_line(text: str, opening: int) -> int:
    """The index of the line that closes the block whose fence is line `opening`."""
    lines = text.split("\n")
    return next(index for index in range(opening, len(lines)) if lines[index].startswith(":::"))


@given(strategies.files, strategies.blocks, st.data())
def test_comments_survive_insertion_removal_and_moving(
    text: str, block: strategies.Block, data: st.DataObject
) -> None:
    issue, problems = read(text)
    assume(not problems)
    kept = data.draw(st.permutations(issue.blocks).map(lambda found: found[: len(found) // 2 + 1]))
    written = write_issue(replace(issue, blocks=(*kept, block)), original=text)
    assert written.count("<!-- note -->") == text.count("<!-- note -->")
    assert read(written)[0].blocks == (*kept, block)


@given(st.text(st.characters(), max_size=200) | st.lists(strategies.lines).map("\n".join))
def test_no_text_is_too_odd_to_be_read(text: str) -> None:
    issue, problems = read(text)
    assert problems or write_issue(issue, original=text) == text
    assert all(problem.line and problem.path == issue.path for problem in problems)
