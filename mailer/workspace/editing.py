"""A block as its form shows it and gives it back: the exact inverse of `field_values`, field by field.

What a form does not show (comments, unknown attributes, the line breaks of a field that nobody changed) stays
as it stands in the file. What cannot be written is refused: the field keeps its former value.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from mailer.errors import Problem
from mailer.model.workspace import (
    Block,
    BlockField,
    BlockType,
    FieldKind,
    FieldSource,
    field_values,
    split_body,
)
from mailer.workspace.document import first_control

#: Longer is not written at all; the `maximum` of a field, far below, is only a warning.
MOST_CHARACTERS = {FieldKind.TEXT: 20_000}
MOST_OF_A_LINE = 1_000
#: Line breaks of forms, of Macs, and those inside a paragraph that word processors write.
_BREAKS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
#: What no file may hold and nobody sees: it comes along with what is pasted, and nothing is lost without it.
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
#: Put behind the name of a field of kind ALT: the box "decorative".
DECORATIVE = "decorative"
MEMBERS_ONLY = "members_only"


def tidy(text: str, kind: FieldKind) -> str:
    """What somebody typed, as it is kept: without outer blanks and controls; on one line, unless it is text."""
    text = _UNSEEN.sub("", _BREAKS.sub("\n", text))
    return text.strip() if kind is FieldKind.TEXT else re.sub(r"[\n\t]", " ", text).strip()


def edit_block(block: Block, block_type: BlockType, typed: Mapping[str, str]) -> tuple[Block, list[Problem]]:
    """The block with what was typed, by name of field, and what of it is refused; a field that is not named stays."""
    current = field_values(block, block_type)
    changed: dict[str, str] = {}
    refused: list[Problem] = []
    for declared in block_type.fields:
        if declared.name not in typed:
            continue
        value = tidy(typed[declared.name], declared.kind)
        if value == tidy(current[declared.name], declared.kind):
            continue
        if problem := refusal(value, field=declared.name, kind=declared.kind):
            refused.append(problem)
        else:
            changed[declared.name] = value
    edited = _with_alternatives(_written(block, block_type, changed), block_type, typed, changed)
    return _with_members_only(edited, typed), refused


def refusal(value: str, *, field: str, kind: FieldKind = FieldKind.LINE) -> Problem | None:
    """Why this value cannot be kept, if it cannot."""
    most = MOST_CHARACTERS.get(kind, MOST_OF_A_LINE)
    if len(value) > most:
        return Problem(
            code="refused-length",
            message="Not saved: {length} characters, and {most} at the most are kept.",
            remedy="Shorten it.",
            values={"field": field, "length": len(value), "most": most},
        )
    if found := first_control(value):
        return Problem(
            code="refused-character",
            message="Not saved: it holds a control character ({character}).",
            remedy="Type the passage again without pasting.",
            values={"field": field, "character": found},
        )
    return None


def is_decorative(block: Block, declared: BlockField) -> bool:
    """Whether the image is said to be an ornament: an alternative text that is there, and empty."""
    return block.attributes.get(declared.name) == ""


def _written(block: Block, block_type: BlockType, changed: Mapping[str, str]) -> Block:
    sources = {declared.name: declared.source for declared in block_type.fields}
    attributes = dict(block.attributes)
    for name, value in changed.items():
        if sources[name] is FieldSource.ATTRIBUTE:
            attributes[name] = value
            if not value:
                del attributes[name]
    if all(sources[name] is FieldSource.ATTRIBUTE for name in changed):
        return replace(block, attributes=attributes)
    return replace(block, attributes=attributes, body=_body(block, block_type, changed))


def _body(block: Block, block_type: BlockType, changed: Mapping[str, str]) -> str:
    """The body with its heading; a text that would be read as one stands below an empty heading."""
    by_source = {declared.source: declared.name for declared in block_type.fields}
    heading, text = split_body(block.body)
    if FieldSource.HEADING not in by_source:
        return changed[by_source[FieldSource.BODY]]
    heading = changed.get(by_source[FieldSource.HEADING], heading)
    text = changed.get(by_source.get(FieldSource.BODY, ""), text)
    if not heading and not text.startswith("# "):
        return text
    return f"# {heading}\n{text}" if text else f"# {heading}"


def _with_alternatives(
    block: Block, block_type: BlockType, typed: Mapping[str, str], changed: Mapping[str, str]
) -> Block:
    """An image that only decorates has an empty text; one that nobody has described yet has none."""
    attributes = dict(block.attributes)
    for declared in block_type.fields:
        box = f"{declared.name}.{DECORATIVE}"
        if declared.kind is not FieldKind.ALT or box not in typed or changed.get(declared.name):
            continue
        if typed[box] == "yes":
            attributes[declared.name] = ""
        elif not attributes.get(declared.name):
            attributes.pop(declared.name, None)
    return replace(block, attributes=attributes)


def _with_members_only(block: Block, typed: Mapping[str, str]) -> Block:
    if MEMBERS_ONLY not in typed:
        return block
    attributes = {name: value for name, value in block.attributes.items() if name != MEMBERS_ONLY}
    was_set = block.attributes.get(MEMBERS_ONLY) == "yes"
    wanted = typed[MEMBERS_ONLY] == "yes"
    if wanted == was_set:
        return block
    return replace(block, attributes={**attributes, MEMBERS_ONLY: "yes"} if wanted else attributes)
