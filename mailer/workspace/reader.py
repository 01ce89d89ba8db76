"""An issue's file read into an Issue: what the syntax says, whatever the templates know."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from mailer.errors import Problem
from mailer.model.calendar import YEARS
from mailer.model.workspace import Issue
from mailer.workspace.document import Document, parse
from mailer.workspace.front_matter import FrontLine

#: The keys that have a place of their own in Issue, in the order in which they are written.
OWN_KEYS = ("subject", "second_subject", "preheader", "number", "send_at", "erratum_of")
_TEXTS = {"subject", "second_subject", "preheader", "erratum_of"}


def read_issue(text: str, *, campaign: str, slug: str, path: Path) -> tuple[Issue, list[Problem]]:
    """The issue that a file holds and every mistake of its syntax.

    `path` is relative to the workspace. CRLF is read as LF. What is wrong is left out of the issue. Kinds,
    fields and images are checked by `load`, which knows the templates.
    """
    document, problems = parse(text)
    own, wrong = own_values(document)
    issue = Issue(
        campaign=campaign,
        slug=slug,
        path=path,
        blocks=tuple(part.block for part in document.parts if part.block.kind),
        front=other_values(document),
        lines={line.key: line.line for line in document.front if line.key},
        **own,
    )
    return issue, [replace(problem, path=path) for problem in [*problems, *wrong]]


def own_values(document: Document) -> tuple[dict[str, Any], list[Problem]]:
    """Every key that has a place of its own, with a value for each, and what is wrong with them."""
    given = {line.key: line for line in document.front if line.key in OWN_KEYS}
    values: dict[str, Any] = {"number": None, "send_at": None, **dict.fromkeys(_TEXTS, "")}
    problems = [] if "subject" in given or not document.opening else [_no_subject()]
    for key, line in given.items():
        if key in _TEXTS:
            values[key] = line.text
        elif is_number(line.value) if key == "number" else is_hour(line.value):
            values[key] = line.value
        else:
            problems.append(_bad_number(line) if key == "number" else _bad_hour(line))
    return values, problems


def is_number(value: object) -> bool:
    """Whether it can be the number of an issue: counted from 1."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def is_hour(value: object) -> bool:
    """Whether it can be the hour of a departure: local, in a year that whoever plans may look around."""
    return isinstance(value, datetime) and value.tzinfo is None and value.year in YEARS


def other_values(document: Document) -> Mapping[str, Any]:
    """The keys that have no place of their own in Issue."""
    return {line.key: line.value for line in document.front if line.key and line.key not in OWN_KEYS}


def _no_subject() -> Problem:
    return Problem(
        code="missing-subject",
        message="The issue has no subject.",
        remedy='Add a line subject: "…" between the two ---.',
        line=1,
        field="subject",
    )


def _bad_number(line: FrontLine) -> Problem:
    return Problem(
        code="bad-number",
        message="“{value}” is not a number of an issue.",
        remedy="Write a whole number from 1 on without quotation marks, for instance number: 47.",
        values={"value": line.text},
        line=line.line,
        field="number",
    )


def _bad_hour(line: FrontLine) -> Problem:
    return Problem(
        code="bad-date",
        message="“{value}” is not a date with an hour.",
        remedy="Write the local hour as 2026-06-11 09:00, without quotation marks, in a year between 1970 and 2099.",
        values={"value": line.text},
        line=line.line,
        field="send_at",
    )
