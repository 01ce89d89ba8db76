"""What an issue says, held against what the templates and the folders know."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

from mailer.errors import Problem, Severity
from mailer.i18n import marked
from mailer.model.workspace import (
    Block,
    BlockField,
    BlockType,
    Campaign,
    FieldKind,
    FieldSource,
    Issue,
    Templates,
    field_values,
    split_body,
)
from mailer.workspace import places
from mailer.workspace.event_values import with_events

#: An attribute that every block may carry: the block is for members only.
COMMON_ATTRIBUTES = ("members_only",)
FLAGS = ("yes", "no")
SCHEMES = ("https", "http", "mailto", "tel")
IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".webp")
#: Stands for the address of a calendar file, which every event has.
_SOME_LINK = "https://calendar.example"
_WHERE = {
    FieldSource.ATTRIBUTE: marked('Add {field}="…" between the braces.'),
    FieldSource.HEADING: marked("Begin the text of the block with a line # and the title."),
    FieldSource.BODY: marked("Write it between the fence and :::."),
}


def check_issue(issue: Issue, campaign: Campaign, templates: Templates, *, root: Path) -> list[Problem]:
    """Every mistake of the issue's blocks, in their order; `Problem.block` counts from 1.

    What a block has from its event is looked at like what it says itself.
    """
    issue = with_events(issue, campaign, templates, links=dict.fromkeys(campaign.events, _SOME_LINK))
    return [
        problem
        for position, block in enumerate(issue.blocks, start=1)
        for problem in _Check(issue, block, position, root).problems(templates)
    ]


def check_numbers(campaign: Campaign) -> list[Problem]:
    """Two issues of one campaign with the same number."""
    first: dict[int, Issue] = {}
    problems = []
    for issue in campaign.issues.values():
        if issue.number is None:
            continue
        if issue.number in first:
            problems.append(
                Problem(
                    code="duplicate-number",
                    message="The number {number} is already that of {other}.",
                    remedy="Give each issue its own number.",
                    values={"number": issue.number, "other": first[issue.number].ref},
                    path=issue.path,
                    field="number",
                )
            )
        first.setdefault(issue.number, issue)
    return problems


def check_sequence(campaign: Campaign) -> list[Problem]:
    """Numbers that do not follow each other in the order of their hours; two of one number are told elsewhere."""
    dated = [each for each in campaign.issues.values() if each.send_at and each.number is not None]
    dated.sort(key=lambda each: (each.send_at, each.slug))
    return [
        Problem(
            code="number-sequence",
            message="The number {number} does not follow: {other} is the one before, with {before}.",
            remedy="Check the number and the hour of both.",
            values={"number": after.number, "other": before.ref, "before": before.number},
            path=after.path,
            severity=Severity.WARNING,
            field="number",
        )
        for before, after in pairwise(dated)
        if before.number is not None and after.number not in {before.number, before.number + 1}
    ]


class _Check:
    """The problems of one block."""

    def __init__(self, issue: Issue, block: Block, position: int, root: Path) -> None:
        self._issue = issue
        self._block = block
        self._position = position
        self._root = root

    def problems(self, templates: Templates) -> Iterator[Problem]:
        block_type = templates.blocks.get(self._block.kind)
        if block_type is None:
            yield self._problem(
                "unknown-block",
                message="There is no block {kind}.",
                remedy="Perhaps you meant: {nearest}.",
                nearest=places.nearest(self._block.kind, templates.blocks),
            )
            return
        yield from self._unknown(block_type)
        values = field_values(self._block, block_type)
        yield from self._missing(block_type, values)
        for declared in block_type.fields:
            if values[declared.name]:
                yield from self._value(declared, values[declared.name])

    def _unknown(self, block_type: BlockType) -> Iterator[Problem]:
        known = {found.name for found in block_type.fields if found.source is FieldSource.ATTRIBUTE}
        known.update(COMMON_ATTRIBUTES)
        for name in self._block.attributes:
            if name not in known:
                yield self._problem(
                    "unknown-field",
                    message="The block {kind} has no attribute {field}.",
                    remedy="Perhaps you meant: {nearest}.",
                    field=name,
                    nearest=places.nearest(name, known),
                )
        sources = {found.source for found in block_type.fields}
        heading, body = split_body(self._block.body)
        text = body if FieldSource.HEADING in sources else self._block.body.strip()
        if (text and FieldSource.BODY not in sources) or (heading and not sources - {FieldSource.ATTRIBUTE}):
            yield self._problem(
                "unexpected-text",
                message="The block {kind} shows no text, but there is text in it.",
                remedy="Move the text to a block text.",
            )
        if self._block.attributes.get("members_only", "no") not in FLAGS:
            yield self._choice("members_only", self._block.attributes["members_only"], FLAGS)

    def _missing(self, block_type: BlockType, values: dict[str, str]) -> Iterator[Problem]:
        has_image = any(found.kind is FieldKind.IMAGE and values[found.name] for found in block_type.fields)
        for declared in block_type.fields:
            if declared.kind is FieldKind.ALT:
                if has_image and declared.name not in self._block.attributes and not declared.default:
                    yield self._problem(
                        "missing-alt",
                        message="The image of the block {kind} has no text for those who do not see it.",
                        remedy='Describe it in {field}="…"; write {field}="" where it only decorates.',
                        field=declared.name,
                    )
            elif declared.required and not values[declared.name]:
                yield self._missing_field(declared)

    def _missing_field(self, declared: BlockField) -> Problem:
        return self._problem(
            "missing-field",
            message="The block {kind} needs {field}.",
            remedy=_WHERE[declared.source],
            field=declared.name,
        )

    def _value(self, declared: BlockField, value: str) -> Iterator[Problem]:
        if declared.maximum is not None and len(value) > declared.maximum:
            yield self._too_long(declared, value)
        match declared.kind:
            case FieldKind.DATE if not _is_date(value):
                yield self._bad_date(declared, value)
            case FieldKind.URL if not _is_link(value):
                yield self._bad_link(declared, value)
            case FieldKind.CHOICE if value not in declared.choices:
                yield self._choice(declared.name, value, declared.choices)
            case FieldKind.FLAG if value not in FLAGS:
                yield self._choice(declared.name, value, FLAGS)
            case FieldKind.IMAGE | FieldKind.FILE:
                yield from self._file(declared, value)

    def _too_long(self, declared: BlockField, value: str) -> Problem:
        return self._problem(
            "too-long",
            message="{field} has {length} characters; {maximum} fit.",
            remedy="Shorten it.",
            severity=Severity.WARNING,
            field=declared.name,
            length=len(value),
            maximum=declared.maximum,
        )

    def _bad_date(self, declared: BlockField, value: str) -> Problem:
        return self._problem(
            "bad-date",
            message="“{value}” is not a date.",
            remedy="Write year-month-day, for instance 2026-07-02.",
            field=declared.name,
            value=value,
        )

    def _bad_link(self, declared: BlockField, value: str) -> Problem:
        return self._problem(
            "bad-link",
            message="“{value}” is not a link.",
            remedy="Write the whole address, beginning with https://.",
            field=declared.name,
            value=value,
        )

    def _choice(self, name: str, value: str, known: tuple[str, ...]) -> Problem:
        return self._problem(
            "bad-value",
            message="“{value}” is not a possible value of {key}.",
            remedy="Choose one of: {known}.",
            key=name,
            value=value,
            known=", ".join(known),
        )

    def _file(self, declared: BlockField, value: str) -> Iterator[Problem]:
        folder = self._root / self._issue.path.parent
        if not places.is_below(folder / value, folder):
            yield self._problem(
                "outside-campaign",
                message="{file} is outside of the campaign's folder.",
                remedy="Copy it into {folder} and write media/ and its name.",
                field=declared.name,
                file=value,
                folder=(self._issue.path.parent / "media").as_posix(),
            )
        elif not places.is_file(folder / value):
            yield self._problem(
                "missing-file",
                message="{file} does not exist.",
                remedy="Put it into {folder}, or mend its name.",
                field=declared.name,
                file=value,
                folder=(self._issue.path.parent / "media").as_posix(),
            )
        elif declared.kind is FieldKind.IMAGE and not value.lower().endswith(IMAGE_SUFFIXES):
            yield self._problem(
                "bad-image",
                message="{file} is not an image that mail programs show.",
                remedy="Save it as PNG or JPEG.",
                field=declared.name,
                file=value,
            )

    def _problem(
        self,
        code: str,
        *,
        message: str,
        remedy: str,
        severity: Severity = Severity.BLOCKING,
        **values: object,
    ) -> Problem:
        return Problem(
            code=code,
            message=message,
            remedy=remedy,
            values={"kind": self._block.kind, **values},
            path=self._issue.path,
            line=self._block.line,
            block=self._position,
            severity=severity,
            field=str(values.get("field", values.get("key", ""))),
        )


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_link(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in SCHEMES and bool(parts.netloc or parts.path) and not any(map(str.isspace, value))
