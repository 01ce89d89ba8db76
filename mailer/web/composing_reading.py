"""What the composer's form says: texts and files read once, then made into an edit of the issue.

Fields are named `b<position>.<field>`, by the positions of the version that the page was made from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from mailer.app.arranging import Arranging, Item, arrange, items_of
from mailer.app.campaign_media import MOST_BYTES as MOST_FILE_BYTES
from mailer.app.campaign_media import add_medium
from mailer.app.drafts import Draft
from mailer.errors import InputError, Problem
from mailer.model.workspace import Block, BlockField, FieldKind, Issue
from mailer.workspace import alignment, edit_block
from mailer.workspace.editing import refusal, tidy
from mailer.workspace.reader import is_hour

#: A whole letter, and the few pictures that somebody sends with it.
MOST_BYTES = MOST_FILE_BYTES + 4_000_000
_MOST_FIELDS = 5_000
_MOST_FILES = 500
_HEAD = ("subject", "second_subject", "preheader")
_ASKS = "asks_consent"
#: Save, and show the file again: somebody else has changed it. Names the block that somebody is in.
RENEW = "renew"
#: A reader's remark is answered, or is not: `done:12:3` names the remark, and the block that it is shown at.
MARKING = frozenset({"done", "reopen"})


@dataclass(frozen=True, slots=True)
class SentFile:
    """One chosen file, by the name of its field."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Sent:
    """A form as it arrived."""

    fields: Mapping[str, str]
    files: Mapping[str, SentFile]

    def text(self, name: str) -> str:
        return self.fields.get(name, "")

    @property
    def open_blocks(self) -> set[int]:
        """The positions of the blocks that are unfolded."""
        return read_positions(self.text("open"))


@dataclass(frozen=True, slots=True)
class Order:
    """What the pressed button asks for: `up:3`, `add:article:3`, `vue:sombre`, `save`."""

    name: str
    arguments: tuple[str, ...] = ()

    @property
    def arranging(self) -> Arranging | None:
        return Arranging(self.name) if self.name in set(Arranging) else None


@dataclass(slots=True)
class Edit:
    """One save: applied to the version that the page was made from, it says what was refused, and what moved where."""

    sent: Sent
    order: Order
    root: Path
    refused: list[Problem] = field(default_factory=list)
    #: The position of the block that the order is about, after it; 0 for none.
    about: int = 0
    items: list[Item] = field(default_factory=list)

    def __call__(self, draft: Draft) -> Issue:
        self.refused.clear()
        blocks = []
        for position, block in enumerate(draft.issue.blocks, start=1):
            block_type = draft.workspace.templates.blocks.get(block.kind)
            if block_type is None:
                blocks.append(block)
                continue
            typed = self._typed(position)
            typed |= self._sent_files(draft, position, block_type.fields)
            edited, refused = edit_block(block, block_type, typed)
            self.refused += [replace(each, block=position) for each in refused]
            blocks.append(edited)
        self._arrange(items_of(blocks))
        return replace(self._head(draft.issue), blocks=tuple(item.block for item in self.items))

    def follow(self, blocks: Sequence[Block]) -> None:
        """The blocks are in a file now that somebody else changed, too: keep to where each of them is there."""
        origins = alignment.match(blocks, self.items)
        about = self.about - 1
        self.about = origins.index(about) + 1 if about in origins else 0
        formers = [0 if each is None else self.items[each].former for each in origins]
        self.items = [Item(block, former) for block, former in zip(blocks, formers, strict=True)]

    def now_at(self, former: int) -> int:
        """Where the block of that position is after the order; 0 when it is gone."""
        return next((place for place, item in enumerate(self.items, start=1) if item.former == former), 0)

    def typed_again(self) -> dict[str, str]:
        """What was refused, by the name that its field has now."""
        again = {}
        for each in self.refused:
            name = str(each.values["field"])
            if each.block is None:
                again[name] = self.sent.text(name)
            elif place := self.now_at(each.block):
                again[f"b{place}.{name}"] = self.sent.text(f"b{each.block}.{name}")
        return again

    def refused_now(self) -> list[Problem]:
        """The refusals at the positions that their blocks have now."""
        moved = [
            replace(each, block=self.now_at(each.block)) if each.block else each for each in self.refused
        ]
        return [each for each in moved if each.block != 0]

    def _typed(self, position: int) -> dict[str, str]:
        prefix = f"b{position}."
        return {
            name.removeprefix(prefix): value
            for name, value in self.sent.fields.items()
            if name.startswith(prefix)
        }

    def _sent_files(self, draft: Draft, position: int, declared: tuple[BlockField, ...]) -> dict[str, str]:
        """The files of this block, kept in the campaign's folder; what is refused stays out."""
        found = {}
        for each in declared:
            sent = self.sent.files.get(f"b{position}.{each.name}.file")
            if sent is None or each.kind not in {FieldKind.IMAGE, FieldKind.FILE}:
                continue
            try:
                found[each.name] = add_medium(
                    self.root, draft.campaign.slug, name=sent.name, content=sent.content, kind=each.kind
                )
            except InputError as error:
                values = {**error.values, "field": each.name}
                self.refused.append(
                    Problem(code="refused-file", message=error.text, values=values, block=position)
                )
        return found

    def _arrange(self, items: list[Item]) -> None:
        self.items = items
        act, arguments = self.order.arranging, self.order.arguments
        if self.order.name in {RENEW, *MARKING} and arguments:
            self.about = max(0, _number(arguments[-1]))
        if act is None or not arguments:
            return
        kind = arguments[0] if act is Arranging.ADD else ""
        numbers = [_number(each) for each in (arguments[1:] if kind else arguments)]
        at = numbers[0] if numbers else len(items)
        self.items, self.about = arrange(
            items, act, at=at, to=numbers[1] if len(numbers) > 1 else 0, kind=kind
        )

    def _head(self, issue: Issue) -> Issue:
        for name in _HEAD:
            if name not in self.sent.fields:
                continue
            value = tidy(self.sent.fields[name], FieldKind.LINE)
            if value == tidy(getattr(issue, name), FieldKind.LINE):
                continue
            if problem := refusal(value, field=name):
                self.refused.append(problem)
            else:
                issue = replace(issue, **{name: value})  # type: ignore[arg-type]  # one of three texts
        return self._with_hour(self._with_number(self._with_question(issue)))

    def _with_question(self, issue: Issue) -> Issue:
        """The key of the file is there where the box is ticked; a value that is neither stays for somebody to mend."""
        wanted = self.sent.text(_ASKS)
        if wanted not in {"yes", "no"} or (wanted == "yes") == issue.asks_consent:
            return issue
        others = {key: value for key, value in issue.front.items() if key != _ASKS}
        return replace(issue, front={**others, _ASKS: True} if wanted == "yes" else others)

    def _with_number(self, issue: Issue) -> Issue:
        text = self.sent.fields.get("number", "").strip()
        if "number" not in self.sent.fields or text == str(issue.number or ""):
            return issue
        if not text:
            return replace(issue, number=None)
        if text.isdecimal() and text.isascii() and len(text) < 8 and int(text) > 0:
            return replace(issue, number=int(text))
        message, remedy = (
            "Not saved: this is no number of a letter.",
            "Write a whole number, for instance 47.",
        )
        self.refused.append(Problem("refused-number", message, remedy, values={"field": "number"}))
        return issue

    def _with_hour(self, issue: Issue) -> Issue:
        if "day" not in self.sent.fields or "hour" not in self.sent.fields:
            return issue
        day, hour = self.sent.text("day").strip(), self.sent.text("hour").strip()
        present = issue.send_at
        if (day, hour) == (f"{present:%Y-%m-%d}", f"{present:%H:%M}") if present else (not day and not hour):
            return issue
        if not day and not hour:
            return replace(issue, send_at=None)
        try:
            # Half an hour is no mistake: somebody is about to type the other half.
            at = datetime.fromisoformat(f"{day}T{hour or '09:00'}")
            if not is_hour(at):
                raise ValueError(day)
            return replace(issue, send_at=at)
        except ValueError:
            self.refused.append(
                Problem(
                    code="refused-hour",
                    message="Not saved: this is no day and hour.",
                    remedy="Choose both, or neither.",
                    values={"field": "day"},
                )
            )
            return issue


def order_of(text: str) -> Order:
    """What the button says; anything else only saves."""
    name, *arguments = text.split(":")
    return Order(name or "save", tuple(arguments))


def read_positions(text: str) -> set[int]:
    """The positions of a list like `2,5`; what is no position is left out."""
    return {number for each in text.split(",") if (number := _number(each)) > 0}


async def read_sent(request: Request) -> Sent:
    """The whole form; raises InputError where it cannot be read."""
    fields: dict[str, str] = {}
    files: dict[str, SentFile] = {}
    try:
        async with request.form(
            max_files=_MOST_FILES, max_fields=_MOST_FIELDS, max_part_size=1_000_000
        ) as form:
            for name, value in form.multi_items():
                if not isinstance(value, UploadFile):
                    fields[name] = value
                elif value.filename:
                    files[name] = SentFile(value.filename, await value.read())
    except HTTPException as error:
        if error.status_code != 400:
            raise
        raise InputError("This form is not complete. Go back and fill it in again.") from error
    return Sent(fields, files)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 6 else -1
