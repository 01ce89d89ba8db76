"""Each block of an issue as the plain values that its two templates may use."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from babel.dates import format_date

from mailer.errors import Problem
from mailer.i18n import written_date
from mailer.model.workspace import Block, BlockField, BlockType, Campaign, FieldKind, Issue, field_values
from mailer.rendering import markdown
from mailer.rendering.links import LinkBook
from mailer.rendering.media import MediaShelf, Medium
from mailer.rendering.slots import holds_mark, mark_merge_fields

MEMBERS_ONLY = "members_only"
#: Addresses that a mail may lead to; one without a scheme is left for preflight to report.
_SCHEMES = {"", "http", "https", "mailto", "tel"}
#: A longer name of a month would be broken in its small box.
_MONTH_LETTERS = 7
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(slots=True)
class Reader:
    """Reads the blocks of one issue; collects their problems, links and media."""

    issue: Issue
    campaign: Campaign
    links: LinkBook
    shelf: MediaShelf
    problems: list[Problem] = field(default_factory=list)

    def values(self, block: Block, block_type: BlockType, *, number: int) -> dict[str, Any]:
        """Field name -> value, `kind` and `position` (from 1); `texts` holds the plain-text forms of rich fields."""
        found = field_values(block, block_type)
        self._refuse(block, found, number)
        values: dict[str, Any] = {"kind": block.kind, "position": number, "texts": {}}
        for declared in block_type.fields:
            text = found[declared.name]
            if declared.kind is FieldKind.TEXT:
                values["texts"][declared.name] = self._plain(declared, text, block, number)
            values[declared.name] = self._value(declared, text, block, number, found)
        return values

    def complain(self, code: str, message: str, block: Block, number: int, **values: object) -> None:
        """One more problem of that block."""
        self.problems.append(
            Problem(
                code=code,
                message=message,
                values=values,
                path=self.issue.path,
                line=block.line,
                block=number,
                field=str(values.get("field", "")),
            )
        )

    def _refuse(self, block: Block, found: Mapping[str, str], number: int) -> None:
        for name, text in found.items():
            if holds_mark(text):
                message = "The field {field} holds a reserved text."
                self.complain("reserved-text", message, block, number, field=name)
        if block.attributes.get(MEMBERS_ONLY) == "yes" and not self.campaign.members_only:
            message = "This block is for members only, but the campaign is not."
            self.complain("members-only-block", message, block, number)

    def _value(
        self, declared: BlockField, text: str, block: Block, number: int, found: Mapping[str, str]
    ) -> Any:
        if declared.kind is FieldKind.TEXT:
            return markdown.as_html(text, self.links)
        if declared.kind is FieldKind.URL:
            return self._link(declared.name, text, block, number, found)
        if declared.kind in {FieldKind.IMAGE, FieldKind.FILE}:
            return self._medium(declared.name, text, block, number)
        if declared.kind is FieldKind.DATE:
            return self._date(declared.name, text, block, number)
        return mark_merge_fields(text)

    def _plain(self, declared: BlockField, text: str, block: Block, number: int) -> str:
        """The plain-text form; Markdown turns `&#12;` into a control character, which no mail may hold."""
        plain = markdown.as_text(text, self.links)
        if found := _CONTROL.search(plain):
            message = "The field {field} holds a control character ({character}). Delete it."
            values = {"field": declared.name, "character": f"U+{ord(found[0]):04X}"}
            self.complain("control-character", message, block, number, **values)
        return plain

    def _link(self, name: str, text: str, block: Block, number: int, found: Mapping[str, str]) -> str:
        if _scheme(text) not in _SCHEMES:
            message = "The address {url} is none that a mail may lead to. Write https://…"
            self.complain("link-scheme", message, block, number, field=name, url=text)
            return ""
        # `left_link` is led to by `left_label`; a link without label by the block's title.
        label = found.get(name.replace("link", "label")) or found.get(name.replace("link", "title")) or ""
        return self.links.mark(text, label or found.get("question", "")) if text else ""

    def _medium(self, name: str, relative: str, block: Block, number: int) -> dict[str, Any] | None:
        if not relative:
            return None
        found = self.shelf.find(relative)
        if isinstance(found, Medium):
            return asdict(found)
        self.complain(found.code, found.message, block, number, field=name, **found.values)
        return None

    def _date(self, name: str, text: str, block: Block, number: int) -> Mapping[str, str] | None:
        if not text:
            return None
        try:
            day = date.fromisoformat(text)
        except ValueError:
            message = "{text} is not a date. Write it as 2026-06-11."
            self.complain("date", message, block, number, field=name, text=text)
            return None
        language = self.campaign.language
        month = format_date(day, "MMMM", locale=language)
        long = written_date(day, "EEEE d\u00a0MMMM y", language)
        return {
            "day": written_date(day, "d", language),
            "month": month if len(month) <= _MONTH_LETTERS else format_date(day, "MMM", locale=language),
            "long": long[:1].upper() + long[1:],
            "iso": text,
        }


def _scheme(url: str) -> str:
    try:
        return urlsplit(url.strip()).scheme
    except ValueError:
        return "?"
