"""What differs between two versions of a letter, in words: block by block, field by field, word by word."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from difflib import SequenceMatcher

from mailer.errors import WorkspaceError
from mailer.i18n import Translator, marked
from mailer.model.workspace import Block, BlockType, FieldKind, field_values
from mailer.rendering.spans import Span, plain_spans, spans
from mailer.web import words
from mailer.workspace import alignment, ordering
from mailer.workspace.document import Document, parse
from mailer.workspace.editing import MEMBERS_ONLY
from mailer.workspace.front_matter import FrontLine
from mailer.workspace.merging import require_readable

KEYS = {
    "subject": marked("Subject"),
    "second_subject": marked("Second subject"),
    "preheader": marked("Preheader"),
    "number": marked("Number of the letter"),
    "send_at": marked("Day and hour"),
    "asks_consent": marked("This letter asks whether openings may be measured"),
    "erratum_of": marked("Corrects"),
}
_TOKEN = re.compile(r"\w+\s*|[^\w\s]\s*|\s+")
#: More pairs of words than this are not compared: the one text is gone, the other new.
_MOST_PAIRS = 4_000_000
#: What is the same in a long text is left out but for so many words on either side of a change.
_AROUND = 25


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of one look: same, gone, new, or gap for words that are left out."""

    look: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One field that differs."""

    label: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """A block, or the head of the letter. `look`: changed, gone, new; `moved_from` is 0 where it kept its place."""

    title: str
    look: str
    rows: tuple[Row, ...]
    moved_from: int = 0


def changes(
    before: str, after: str, t: Translator, block_types: Mapping[str, BlockType]
) -> list[Changed] | None:
    """From top to bottom of `after`, with what is gone where it stood; None where one of the two cannot be read."""
    try:
        for text in (before, after):
            require_readable(text)
    except WorkspaceError:
        return None
    old, new = parse(before)[0], parse(after)[0]
    head = _rows(_head(old, t), _head(new, t))
    found = [Changed(t("Head of the letter"), "changed", head)] if head else []
    return found + list(_blocks(old, new, t, block_types))


def compared(before: Sequence[Span], after: Sequence[Span]) -> tuple[Piece, ...]:
    """The words of both, in one row."""
    old, new = _tokens(before), _tokens(after)
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    ends = len(old) - tail, len(new) - tail
    inner = _inner(old[head : ends[0]], new[head : ends[1]])
    pieces = [("same", old[:head]), *inner, ("same", old[ends[0] :])]
    return tuple(_joined([Piece(look, tuple(part)) for look, part in pieces if part]))


def field_spans(block: Block, block_type: BlockType | None, t: Translator) -> dict[str, list[Span]]:
    """The fields by their labels; of an unknown kind the text of the file; and what no field shows."""
    if block_type is None:
        return {block.kind: plain_spans(block.body.strip())}
    values = field_values(block, block_type)
    found = {}
    for each in block_type.fields:
        value = values[each.name]
        label = each.label.get(t.language, each.name)
        label = f"{label} ({each.name})" if label in found else label
        found[label] = (
            spans(value) if each.kind is FieldKind.TEXT else plain_spans(_said(each.kind, value, t))
        )
    names = {each.name for each in block_type.fields}
    rest = {name: value for name, value in block.attributes.items() if name not in names}
    if MEMBERS_ONLY in rest:
        found[t("For members only")] = plain_spans(_said(FieldKind.FLAG, rest.pop(MEMBERS_ONLY), t))
    return found | {name: plain_spans(value) for name, value in rest.items()}


def key_words(line: FrontLine, t: Translator) -> str:
    """The value of a key of the head as people say it."""
    value = line.value
    if isinstance(value, bool):
        return t("Yes") if value else t("No")
    if isinstance(value, datetime):
        day = t.date(value.date(), "EEEE d MMMM y")
        return t("{day} at {hour}", day=day, hour=words.clock_hour(t, value))
    return t.date(value, "EEEE d MMMM y") if isinstance(value, date) else line.text


def block_name(block: Block, block_types: Mapping[str, BlockType], t: Translator, *, position: int) -> str:
    """Block 2, Article."""
    block_type = block_types.get(block.kind)
    kind = block_type.label.get(t.language, block.kind) if block_type else block.kind
    return t("Block {number}, {kind}", number=position, kind=kind)


def _said(kind: FieldKind, value: str, t: Translator) -> str:
    if kind is FieldKind.FLAG:
        return {"yes": t("Yes"), "no": t("No")}.get(value, value)
    return value.removeprefix("media/")


def _head(document: Document, t: Translator) -> dict[str, list[Span]]:
    lines = {line.key: line for line in document.front if line.key}
    return {
        t(KEYS[key]) if key in KEYS else key: plain_spans(key_words(line, t)) for key, line in lines.items()
    }


def _blocks(
    old: Document, new: Document, t: Translator, block_types: Mapping[str, BlockType]
) -> Iterator[Changed]:
    origins = alignment.match_surely([part.block for part in new.parts], old.parts)
    moved, gone = ordering.moved(origins), set(range(len(old.parts))) - set(origins)

    def fields(block: Block) -> dict[str, list[Span]]:
        return field_spans(block, block_types.get(block.kind), t)

    def gone_before(end: int) -> Iterator[Changed]:
        for at in sorted(each for each in gone if each < end):
            gone.discard(at)
            block = old.parts[at].block
            name = block_name(block, block_types, t, position=at + 1)
            yield Changed(name, "gone", _filled(fields(block)))

    for at, origin in enumerate(origins):
        block = new.parts[at].block
        name = block_name(block, block_types, t, position=at + 1)
        if origin is None:
            yield Changed(name, "new", _filled(fields(block)))
            continue
        if origin not in moved:
            yield from gone_before(origin)
        rows = _rows(fields(old.parts[origin].block), fields(block))
        moved_from = origin + 1 if origin in moved else 0
        if rows or moved_from:
            yield Changed(name, "changed", rows, moved_from)
    yield from gone_before(len(old.parts))


def _rows(before: Mapping[str, Sequence[Span]], after: Mapping[str, Sequence[Span]]) -> tuple[Row, ...]:
    labels = dict.fromkeys([*after, *before])
    pairs = [(label, before.get(label, ()), after.get(label, ())) for label in labels]
    return tuple(
        Row(label, _shortened(compared(old, new))) for label, old, new in pairs if list(old) != list(new)
    )


def _filled(fields: Mapping[str, Sequence[Span]]) -> tuple[Row, ...]:
    return tuple(Row(label, (Piece("same", tuple(each)),)) for label, each in fields.items() if each)


def _common(old: Sequence[Span], new: Sequence[Span]) -> int:
    """How many words both begin with."""
    pairs = enumerate(zip(old, new, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(len(old), len(new)))


def _inner(old: Sequence[Span], new: Sequence[Span]) -> Iterator[tuple[str, Sequence[Span]]]:
    if len(old) * len(new) > _MOST_PAIRS:
        yield from (("gone", old), ("new", new))
        return
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield "same", old[i1:i2]
        else:
            yield from (("gone", old[i1:i2]), ("new", new[j1:j2]))


def _tokens(found: Sequence[Span]) -> list[Span]:
    return [
        replace(span, text=word)
        for span in found
        for word in ([span.text] if span.field else _TOKEN.findall(span.text))
    ]


def _joined(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """With the words of one dress put together again."""
    for piece in pieces:
        found: list[Span] = []
        for span in piece.spans:
            is_more = found and not span.field and found[-1] == replace(span, text=found[-1].text)
            if is_more:
                found[-1] = replace(span, text=found[-1].text + span.text)
            else:
                found.append(span)
        yield Piece(piece.look, tuple(found))


def _shortened(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    found: list[Piece] = []
    for at, piece in enumerate(pieces):
        tokens = _tokens(piece.spans)
        first, last = at == 0, at == len(pieces) - 1
        if piece.look != "same" or len(tokens) <= 2 * _AROUND + 10 or (first and last):
            found.append(piece)
            continue
        lead, trail = ([] if first else tokens[:_AROUND]), ([] if last else tokens[-_AROUND:])
        found += [Piece("same", tuple(lead))] if lead else []
        found.append(Piece("gap", (Span(" … "),)))
        found += [Piece("same", tuple(trail))] if trail else []
    return tuple(_joined(found))
