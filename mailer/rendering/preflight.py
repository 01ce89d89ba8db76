"""Preflight: finished mails are checked on the copies of several people; each mistake is a Problem with its way out."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from mailer.errors import Problem
from mailer.model.mail import Content
from mailer.model.workspace import Block, BlockType, Compiled, Issue, field_values
from mailer.rendering import mail_checks, text_checks
from mailer.rendering.consent_checks import check_question
from mailer.rendering.contrast import check_contrast
from mailer.rendering.findings import Finding, Mail
from mailer.rendering.support import check_support

#: Marks of bold and italic text, and the backslash of an escape: not among what is read.
_EMPHASIS = re.compile(r"[*_\\]")
_NO_TYPES: Mapping[str, BlockType] = MappingProxyType({})


def preflight(
    compiled: Compiled,
    contents: Sequence[Content],
    *,
    issue: Issue | None = None,
    earlier_subjects: Collection[str] = (),
    identity: Collection[str] = (),
    block_types: Mapping[str, BlockType] = _NO_TYPES,
) -> list[Problem]:
    """What is wrong with these copies, the same mistake once; with `issue`, the block that it comes from.

    `contents` are copies with plain links: the first, the last, the longest name, a missing one. Those who never
    saw the subject before are told by `earlier_subjects`, the ones that this campaign has sent. `identity` must be readable in every mail; `block_types` tell the
    fields of blocks apart.
    """
    from lxml import (
        html as lxml_html,
    )  # where it is used: a process that only sends does without its megabytes

    found: dict[tuple[str, str], Finding] = {}
    asks = issue is not None and issue.asks_consent
    for number, content in enumerate(contents):
        tree = lxml_html.document_fromstring(content.html)
        mail = Mail(compiled, content, tree, frozenset(earlier_subjects), tuple(identity))
        # What stands in every copy alike is looked for in the first.
        checks = (
            *mail_checks.OF_COPY,
            *mail_checks.OF_ISSUE,
            check_contrast,
            check_support,
            *text_checks.OF_ISSUE,
            check_question(asks=asks),
        )
        for check in checks if number == 0 else mail_checks.OF_COPY:
            for finding in check(mail):
                found.setdefault((finding.code, finding.about), finding)
    return located(found.values(), issue, block_types)


def located(
    findings: Iterable[Finding], issue: Issue | None, block_types: Mapping[str, BlockType] = _NO_TYPES
) -> list[Problem]:
    """Findings as problems, each with the place in the issue's file that it concerns."""
    return [_problem(finding, issue, block_types) for finding in findings]


def _problem(finding: Finding, issue: Issue | None, block_types: Mapping[str, BlockType]) -> Problem:
    place = _place(finding, issue, block_types) if issue else _Place(field=finding.front)
    return Problem(
        code=finding.code,
        message=finding.message,
        remedy=finding.remedy,
        values=finding.values,
        severity=finding.severity,
        path=issue.path if issue else None,
        line=place.line,
        block=place.block,
        field=place.field,
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in its file a finding leads."""

    block: int | None = None
    line: int | None = None
    field: str = ""


def _place(finding: Finding, issue: Issue, block_types: Mapping[str, BlockType]) -> _Place:
    """The block that holds this text: as a whole, else as words of its own, else as a part of a word ("ici" is in
    "voici", too); else the line of the front matter."""
    about = finding.about
    if not about or finding.front:
        return _Place(field=finding.front)
    word = re.compile(rf"(?<!\w){re.escape(about)}(?!\w)")
    for holds in (_is_whole(about), word.search, lambda text: about in text):
        for number, block in enumerate(issue.blocks, start=1):
            for field, text in _texts(block, block_types.get(block.kind)):
                if holds(text):
                    return _Place(number, block.line, field)
    front = {"subject": issue.subject, "preheader": issue.preheader}
    return _Place(field=next((key for key, text in front.items() if about in text), ""))


def _is_whole(about: str) -> Callable[[str], bool]:
    return lambda text: about == text or f"[{about}]" in text or f"]({about})" in text


def _texts(block: Block, block_type: BlockType | None) -> Iterator[tuple[str, str]]:
    """Each field of the block with what a person reads there, and what is written there."""
    fields = field_values(block, block_type) if block_type else {"": block.body, **block.attributes}
    for field, text in fields.items():
        yield field, text
        yield field, _EMPHASIS.sub("", text)
