"""Preflight: finished mails are checked on the copies of several people; each mistake is a Problem with its way out."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence

from lxml import html as lxml_html

from mailer.errors import Problem
from mailer.model.mail import Content
from mailer.model.workspace import Block, Compiled, Issue
from mailer.rendering import mail_checks, text_checks
from mailer.rendering.contrast import check_contrast
from mailer.rendering.findings import Finding, Mail

#: Marks of bold and italic text, and the backslash of an escape: not among what is read.
_EMPHASIS = re.compile(r"[*_\\]")


def preflight(
    compiled: Compiled,
    contents: Sequence[Content],
    *,
    issue: Issue | None = None,
    earlier_subjects: Collection[str] = (),
) -> list[Problem]:
    """What is wrong with these copies, the same mistake once; with `issue`, the block that it comes from.

    `contents` are copies with plain links: the first, the last, the longest name, a missing one. Those who never
    saw the subject before are told by `earlier_subjects`, the ones that this campaign has sent.
    """
    found: dict[tuple[str, str], Finding] = {}
    for number, content in enumerate(contents):
        mail = Mail(
            compiled, content, lxml_html.document_fromstring(content.html), frozenset(earlier_subjects)
        )
        # What stands in every copy alike is looked for in the first.
        checks = (*mail_checks.OF_COPY, *mail_checks.OF_ISSUE, check_contrast, *text_checks.OF_ISSUE)
        for check in checks if number == 0 else mail_checks.OF_COPY:
            for finding in check(mail):
                found.setdefault((finding.code, finding.about), finding)
    return [_problem(finding, issue) for finding in found.values()]


def _problem(finding: Finding, issue: Issue | None) -> Problem:
    number, block = _block_with(finding.about, issue)
    return Problem(
        code=finding.code,
        message=finding.message,
        remedy=finding.remedy,
        values=finding.values,
        severity=finding.severity,
        path=issue.path if issue else None,
        line=block.line if block else None,
        block=number,
    )


def _block_with(about: str, issue: Issue | None) -> tuple[int | None, Block | None]:
    """The block that holds this text: as a whole, else as words of its own, else as a part of a word ("ici" is in
    "voici", too)."""
    if issue is None or not about:
        return None, None
    word = re.compile(rf"(?<!\w){re.escape(about)}(?!\w)")
    for holds in (_is_whole(about), word.search, lambda text: about in text):
        for number, block in enumerate(issue.blocks, start=1):
            if any(map(holds, _texts(block))):
                return number, block
    return None, None


def _is_whole(about: str) -> Callable[[str], bool]:
    return lambda text: about == text or f"[{about}]" in text or f"]({about})" in text


def _texts(block: Block) -> Iterator[str]:
    """What a person reads in the block, and what is written there."""
    for text in (block.body, *block.attributes.values()):
        yield text
        yield _EMPHASIS.sub("", text)
