"""The second subject of a letter is checked as the first is; and there must be something to learn from it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from mailer.errors import Problem
from mailer.model.workspace import Campaign, Issue, Tracking

_FIELD = "second_subject"


def of_second(first: Sequence[Problem], second: Iterable[Problem]) -> list[Problem]:
    """What is wrong with the copies that have the second subject and with no other, at its own field."""
    known = {_key(each) for each in first if each.field != "subject"}
    return [
        replace(each, field=_FIELD) if each.block is None and each.field in {"subject", ""} else each
        for each in second
        if _key(each) not in known
    ]


def check_second(issue: Issue, campaign: Campaign) -> list[Problem]:
    """Two subjects are two, and their openings are measured; of an erratum they are not, it repeats two."""
    if issue.second_subject.strip() == issue.subject.strip():
        return [
            _problem(
                issue,
                "second-subject-same",
                message="The second subject is the first one.",
                remedy="Write another one, or empty the field.",
            )
        ]
    is_measured = campaign.tracking != Tracking.NONE and not issue.asks_consent
    if is_measured or issue.erratum_of:
        return []
    return [
        _problem(
            issue,
            "second-subject-unmeasured",
            message="Nothing is measured in this letter: nobody would know which of its two subjects is opened more.",
            remedy="Empty the field of the second subject.",
        )
    ]


def _key(problem: Problem) -> tuple[str, str, int | None, str]:
    return problem.code, repr(problem.values), problem.block, problem.field


def _problem(issue: Issue, code: str, *, message: str, remedy: str) -> Problem:
    return Problem(
        code=code,
        message=message,
        remedy=remedy,
        path=issue.path,
        line=issue.lines.get(_FIELD),
        field=_FIELD,
    )
