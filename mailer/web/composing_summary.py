"""The bar of a block in the composer: the first words that say which one it is."""

import re

from mailer.model.workspace import Block, BlockType, FieldKind, field_values
from mailer.rendering.slots import speak_merge_fields

_LETTERS = 90
_LINK = re.compile(r"\[([^\]]*)\]\((?:\\.|[^)\\\s])*\)")
_SIGNS = re.compile(r"(?<!\\)\*+|\\(?=[^\w\s])")


def summary(block: Block, block_type: BlockType | None) -> str:
    """Of the field that says most; of an unknown kind the text of the file."""
    if block_type is None:
        return " ".join(block.body.split())[:_LETTERS]
    values = field_values(block, block_type)
    ranks = {FieldKind.LINE: 0, FieldKind.TEXT: 1, FieldKind.URL: 2, FieldKind.FILE: 3}
    ordered = sorted(block_type.fields, key=lambda each: (not each.required, ranks.get(each.kind, 4)))
    texts = (_spoken(values[each.name], each.kind) for each in ordered if each.kind in ranks)
    return next((text for text in texts if text), "")[:_LETTERS]


def _spoken(value: str, kind: FieldKind) -> str:
    """The words without the signs of merge fields and of Markdown; fields.js does the same with what is typed."""
    words = speak_merge_fields(value)
    if kind is FieldKind.TEXT:
        words = _SIGNS.sub("", _LINK.sub(r"\1", words))
    return " ".join(words.split())
