"""Each block of an issue as the plain values that its two templates may use."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from babel.dates import format_date
from markupsafe import Markup

from mailer.errors import Problem
from mailer.model.workspace import Block, BlockField, BlockType, Campaign, FieldKind, Issue, field_values
from mailer.rendering import markdown
from mailer.rendering.links import LinkBook
from mailer.rendering.media import MediaShelf, Medium
from mailer.rendering.slots import holds_mark, mark_merge_fields

MEMBERS_ONLY = "members_only"


@dataclass(slots=True)
class Reader:
    """Reads the blocks of one issue; collects their problems, links and media."""

    issue: Issue
    campaign: Campaign
    links: LinkBook
    shelf: MediaShelf
    problems: list[Problem]

    def values(self, block: Block, block_type: BlockType, *, number: int) -> dict[str, Any]:
        """Field name -> value; `texts` holds the plain-text forms of rich fields; `number` counts from 1."""
        found = field_values(block, block_type)
        for name, text in found.items():
            if holds_mark(text):
                self._complain(
                    "reserved-text", "The field {field} holds a reserved text.", block, number, field=name
                )
        if block.attributes.get(MEMBERS_ONLY) == "yes" and not self.campaign.members_only:
            message = "This block is for members only, but the campaign is not."
            self._complain("members-only-block", message, block, number)
        label = found.get("label") or found.get("title") or ""
        values: dict[str, Any] = {"kind": block.kind, "number": number, "texts": {}}
        for declared in block_type.fields:
            values[declared.name] = self._value(declared, found[declared.name], block, number, label, values)
        return values

    def _value(
        self, declared: BlockField, text: str, block: Block, number: int, label: str, values: dict[str, Any]
    ) -> Any:
        if declared.kind is FieldKind.TEXT:
            values["texts"][declared.name] = markdown.as_text(text, self.links)
            return markdown.as_html(text, self.links)
        if declared.kind is FieldKind.URL:
            return self.links.mark(text, self._label_of(declared.name, block, label)) if text else ""
        if declared.kind in {FieldKind.IMAGE, FieldKind.FILE}:
            return self._medium(text, block, number)
        if declared.kind is FieldKind.DATE:
            return self._date(text, block, number)
        return mark_merge_fields(text)

    def _label_of(self, name: str, block: Block, label: str) -> str:
        """`left_link` is led to by `left_label`, `link` by `label` or the title."""
        return block.attributes.get(name.replace("link", "label"), "") or label

    def _medium(self, relative: str, block: Block, number: int) -> dict[str, Any] | None:
        if not relative:
            return None
        found = self.shelf.find(relative, block=number, path=self.issue.path, line=block.line)
        if isinstance(found, Medium):
            return asdict(found)
        self.problems.append(found)
        return None

    def _date(self, text: str, block: Block, number: int) -> Mapping[str, str] | None:
        if not text:
            return None
        try:
            day = date.fromisoformat(text)
        except ValueError:
            self._complain("date", "{text} is not a date. Write it as 2026-06-11.", block, number, text=text)
            return None
        language = self.campaign.language
        return {
            "day": format_date(day, "d", locale=language),
            "month": format_date(day, "MMMM", locale=language),
            "long": format_date(day, "EEEE d MMMM y", locale=language),
            "iso": text,
        }

    def _complain(self, code: str, message: str, block: Block, number: int, **values: object) -> None:
        self.problems.append(
            Problem(
                code=code, message=message, values=values, path=self.issue.path, line=block.line, block=number
            )
        )


def safe(text: str) -> Markup:
    """Markup that we made ourselves."""
    return Markup(text)  # noqa: S704  # used for rendered blocks only
