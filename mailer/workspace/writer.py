"""An Issue written to the text of its file: the exact inverse of `reader`."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from math import isfinite
from typing import Any

from mailer.errors import InputError, WorkspaceError
from mailer.model.workspace import Block, Issue
from mailer.workspace import alignment, fences, front_matter
from mailer.workspace.document import Document, Part, first_control, parse
from mailer.workspace.joining import join
from mailer.workspace.reader import OWN_KEYS, is_hour, is_number, other_values, own_values, read_issue


def write_issue(issue: Issue, *, original: str | None = None) -> str:
    """The text of the issue's file; reading it gives the same issue again.

    With the `original` text, comments, unknown keys, order, blank lines and line breaks stay, and only the
    lines of what changed are different. CRLF inside bodies and attributes is written as LF. Raises
    WorkspaceError where the original has mistakes or the issue holds control characters, InputError where
    a name cannot be written.
    """
    issue = _with_line_feeds(issue)
    _refuse_unwritable(issue)
    if original is None:
        return _write_anew(issue)
    _, problems = read_issue(original, campaign=issue.campaign, slug=issue.slug, path=issue.path)
    if problems:
        raise WorkspaceError(problems)
    document, _ = parse(original)
    return _write_over(issue, document)


def _write_anew(issue: Issue) -> str:
    front = front_matter.rewrite((), {}, _front_values(issue))
    return "\n".join([f"---\n{front}---\n", *(_write_block(block) for block in issue.blocks)])


def _write_over(issue: Issue, document: Document) -> str:
    own, _ = own_values(document)
    old = {**own, **other_values(document)}
    front = front_matter.rewrite(
        document.front, old, _front_values(issue, given=_given(document)), end=document.end
    )
    pieces = [document.opening, front, document.closing, *_write_parts(issue.blocks, document)]
    return document.bom + join(pieces, end=document.end)


def _given(document: Document) -> frozenset[str]:
    return frozenset(line.key for line in document.front if line.key)


def _front_values(issue: Issue, given: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The whole front matter; an empty text that may be missing is written only where the file already has it."""
    own: dict[str, Any] = {"subject": issue.subject}
    if issue.second_subject or "second_subject" in given:
        own["second_subject"] = issue.second_subject
    if issue.preheader or "preheader" in given:
        own["preheader"] = issue.preheader
    corrected = issue.erratum_of if issue.erratum_of or "erratum_of" in given else None
    optional = {"number": issue.number, "send_at": issue.send_at, "erratum_of": corrected}
    others = {key: value for key, value in issue.front.items() if key not in OWN_KEYS}
    return {**own, **{key: value for key, value in optional.items() if value is not None}, **others}


def _write_parts(blocks: Sequence[Block], document: Document) -> Iterator[str]:
    """Leads and blocks in turn, then the tail; comments above a block that is gone stay where they were."""
    origins = alignment.match(blocks, document.parts)
    leads, tail = _leads(document, {origin for origin in origins if origin is not None})
    for block, origin in zip(blocks, origins, strict=True):
        if origin is None:
            yield document.end
            yield _write_block(block, end=document.end)
        else:
            yield leads[origin]
            yield _write_part(block, document.parts[origin], end=document.end)
    yield tail


def _leads(document: Document, kept: set[int]) -> tuple[dict[int, str], str]:
    """What stands before each kept part, and after the last; a removed part passes its comments on."""
    leads: dict[int, str] = {}
    passed_on = ""
    for position, part in enumerate(document.parts):
        if position in kept:
            leads[position] = passed_on + part.lead
            passed_on = ""
        elif part.lead.strip():
            passed_on += part.lead
    return leads, passed_on + document.tail


def _write_part(block: Block, part: Part, *, end: str) -> str:
    """The block with the raw lines of whatever did not change."""
    is_same_fence = (block.kind, block.attributes) == (part.block.kind, part.block.attributes)
    fence = part.fence if is_same_fence else fences.write_fence(block.kind, block.attributes) + end
    body = part.body if block.body == part.block.body else _write_body(block.body, end=end)
    return fence + body + part.close


def _write_block(block: Block, *, end: str = "\n") -> str:
    fence = fences.write_fence(block.kind, block.attributes)
    return f"{fence}{end}{_write_body(block.body, end=end)}{fences.MARK}{end}"


def _write_body(body: str, *, end: str) -> str:
    lines = body.split("\n") if body else []
    return "".join(fences.write_body_line(line) + end for line in lines)


def _with_line_feeds(issue: Issue) -> Issue:
    """Forms of web pages send CRLF."""
    blocks = tuple(
        replace(
            block,
            attributes={name: _lf(value) for name, value in block.attributes.items()},
            body=_lf(block.body),
        )
        for block in issue.blocks
    )
    front = {key: _lf(value) if isinstance(value, str) else value for key, value in issue.front.items()}
    return replace(
        issue,
        subject=_lf(issue.subject),
        second_subject=_lf(issue.second_subject),
        preheader=_lf(issue.preheader),
        blocks=blocks,
        front=front,
    )


def _lf(text: str) -> str:
    return text.replace("\r\n", "\n")


def _refuse_unwritable(issue: Issue) -> None:
    """Whatever could not be read again as it is."""
    _refuse_control_characters(issue)
    _refuse_names(issue)
    values = {**issue.front, "send_at": issue.send_at or ""}
    if issue.number is not None and not is_number(issue.number):
        values["number"] = None
    if issue.send_at is not None and not is_hour(issue.send_at):
        values["send_at"] = None
    for key, value in values.items():
        if not _is_writable(value):
            raise InputError(
                "The value of {key} cannot be written in the file of {ref}. Use text, a number or a date.",
                key=key,
                ref=issue.ref,
            )


def _refuse_control_characters(issue: Issue) -> None:
    texts = [issue.subject, issue.second_subject, issue.preheader, issue.erratum_of]
    texts += [value for value in issue.front.values() if isinstance(value, str)]
    for block in issue.blocks:
        texts += [block.body, *block.attributes.values()]
    for found in filter(None, map(first_control, texts)):
        raise InputError(
            "The issue {ref} holds a control character ({character}). Delete it: type the passage again "
            "without pasting.",
            ref=issue.ref,
            character=found,
        )


def _refuse_names(issue: Issue) -> None:
    names = [(fences.KIND, block.kind) for block in issue.blocks]
    names += [(fences.ATTRIBUTE, name) for block in issue.blocks for name in block.attributes]
    names += [(front_matter.KEY, key) for key in issue.front]
    for pattern, name in names:
        if not pattern.fullmatch(name):
            raise InputError(
                "“{name}” cannot be a name in the file of {ref}. Use small letters, digits and hyphens.",
                name=name,
                ref=issue.ref,
            )


def _is_writable(value: object) -> bool:
    """Text, a flag, a finite number, a date, a local hour."""
    if isinstance(value, datetime):
        return value.tzinfo is None
    if isinstance(value, float):
        return isfinite(value)
    return isinstance(value, str | int | date)
