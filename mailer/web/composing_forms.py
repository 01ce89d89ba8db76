"""The form of an issue: its head and its blocks, each field with its words, its value and what is wrong with it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from mailer.app.campaign_media import media_of
from mailer.app.drafts import Draft
from mailer.errors import Problem
from mailer.i18n import Translator, marked
from mailer.model.workspace import Block, BlockField, BlockType, FieldKind, field_values
from mailer.web import composing_words
from mailer.web.composing_summary import summary
from mailer.workspace.checks import FLAGS
from mailer.workspace.editing import MEMBERS_ONLY, is_decorative

#: The icons that block types may name; any other is shown as text.
ICONS = frozenset(
    [
        "article",
        "book",
        "button",
        "calendar",
        "chart",
        "columns",
        "file",
        "heading",
        "minus",
        "partners",
        "play",
        "question",
        "quote",
        "star",
        "text",
    ]
)
#: How many characters inboxes show.
SUBJECT_MOST, PREHEADER_MOST = 60, 90
#: The kind of block that holds the question and its two answers.
_QUESTION = "consent"
_WORDS_A_MINUTE = 200
_YES_NO = {"yes": marked("Yes"), "no": marked("No")}


@dataclass(frozen=True, slots=True)
class Said:
    """What is wrong with a field, beside it."""

    sentence: str
    severity: str
    #: Who says so: `refused` until the next save, `checks` as long as they find it.
    source: str


@dataclass(frozen=True, slots=True)
class FieldForm:
    """One field. `id` in the page, `name` in the form."""

    id: str
    name: str
    kind: str
    label: str
    value: str
    help: str = ""
    is_required: bool = False
    maximum: int | None = None
    said: Said | None = None
    #: Value and words of each choice, where there are choices.
    choices: tuple[tuple[str, str], ...] = ()
    is_decorative: bool = False
    #: The name under which the chosen picture is shown.
    picture: str = ""


@dataclass(frozen=True, slots=True)
class BlockForm:
    """One block with its fields."""

    position: int
    kind: str
    label: str
    icon: str
    summary: str
    fields: tuple[FieldForm, ...]
    said: Said | None
    blocking: int
    warnings: int
    is_open: bool
    is_members_only: bool

    @property
    def has_picture(self) -> bool:
        return any(each.kind == FieldKind.IMAGE and each.value for each in self.fields)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The whole form."""

    subject: FieldForm
    second_subject: FieldForm
    preheader: FieldForm
    number: FieldForm
    day: FieldForm
    hour: FieldForm
    #: The box "asks for the consent to be measured"; None for a letter that has nothing to do with it.
    asks: FieldForm | None
    blocks: tuple[BlockForm, ...]
    minutes: int


@dataclass(slots=True)
class _Maker:
    """Makes the forms of one page."""

    draft: Draft
    t: Translator
    root: Path
    typed: Mapping[str, str]
    said: dict[str, list[Problem]]
    opened: Collection[int]
    media: dict[FieldKind, list[tuple[str, str]]] = field(default_factory=dict)

    def sheet(self) -> Sheet:
        issue, t = self.draft.issue, self.t
        at = issue.send_at
        blocks = tuple(self._block(place, each) for place, each in enumerate(issue.blocks, start=1))
        return Sheet(
            subject=self._head("subject", t("Subject"), issue.subject, maximum=SUBJECT_MOST),
            second_subject=self._head(
                "second_subject", t("Second subject"), issue.second_subject, maximum=SUBJECT_MOST
            ),
            preheader=self._head("preheader", t("Preheader"), issue.preheader, maximum=PREHEADER_MOST),
            number=self._head("number", t("Number of the letter"), str(issue.number or "")),
            day=self._head("day", t("Day"), f"{at:%Y-%m-%d}" if at else ""),
            hour=self._head("hour", t("Hour"), f"{at:%H:%M}" if at else ""),
            asks=self._asks(),
            blocks=blocks,
            minutes=max(1, round(_words(issue.blocks) / _WORDS_A_MINUTE)),
        )

    def _asks(self) -> FieldForm | None:
        """Shown where the letter holds the question, or its file says something of it."""
        issue, name = self.draft.issue, "asks_consent"
        has_block = any(each.kind == _QUESTION for each in issue.blocks)
        if not has_block and name not in issue.front:
            return None
        label = self.t("This letter asks whether openings may be measured")
        value = "yes" if issue.asks_consent else ""
        return FieldForm(id=name, name=name, kind="flag", label=label, value=value, said=self._said(name))

    def _head(self, name: str, label: str, value: str, *, maximum: int | None = None) -> FieldForm:
        return FieldForm(
            id=name,
            name=name,
            kind="line",
            label=label,
            value=self.typed.get(name, " ".join(value.split("\n"))),
            maximum=maximum,
            said=self._said(name),
        )

    def _block(self, position: int, block: Block) -> BlockForm:
        block_type = self.draft.workspace.templates.blocks.get(block.kind)
        mine = [each for found in self.said.values() for each in found if each.block == position]
        return BlockForm(
            position=position,
            kind=block.kind,
            label=_words_of(block_type.label, self.t) if block_type else block.kind,
            icon=block_type.icon if block_type and block_type.icon in ICONS else "text",
            summary=summary(block, block_type),
            fields=self._fields(position, block, block_type) if block_type else (),
            said=self._said(f"bloc-{position}"),
            blocking=sum(1 for each in mine if each.severity == "blocking"),
            warnings=sum(1 for each in mine if each.severity != "blocking"),
            is_open=position in self.opened,
            is_members_only=block.attributes.get(MEMBERS_ONLY) == "yes",
        )

    def _fields(self, position: int, block: Block, block_type: BlockType) -> tuple[FieldForm, ...]:
        values = field_values(block, block_type)
        return tuple(
            self._field(position, block, declared, values[declared.name]) for declared in block_type.fields
        )

    def _field(self, position: int, block: Block, declared: BlockField, value: str) -> FieldForm:
        id, name = f"b{position}-{declared.name}", f"b{position}.{declared.name}"
        shown = value if declared.kind is FieldKind.TEXT else " ".join(value.split("\n"))
        return FieldForm(
            id=id,
            name=name,
            # A browser would empty a field for dates that holds something else.
            kind="line" if declared.kind is FieldKind.DATE and not _is_day(value) else declared.kind.value,
            label=_words_of(declared.label, self.t),
            value=self.typed.get(name, shown),
            help=_words_of(declared.help, self.t),
            is_required=declared.required,
            maximum=declared.maximum,
            said=self._said(id),
            choices=self._choices(declared, value),
            is_decorative=declared.kind is FieldKind.ALT and is_decorative(block, declared),
            picture=value.rpartition("/")[2] if declared.kind is FieldKind.IMAGE else "",
        )

    def _choices(self, declared: BlockField, value: str) -> tuple[tuple[str, str], ...]:
        """What may be chosen; what the file holds can always stay."""
        if declared.kind is FieldKind.FLAG:
            known = [(each, self.t(_YES_NO[each])) for each in FLAGS]
        elif declared.kind is FieldKind.CHOICE:
            known = [(each, each) for each in declared.choices]
        elif declared.kind in {FieldKind.IMAGE, FieldKind.FILE}:
            known = self._media(declared.kind)
        else:
            return ()
        if value and value not in dict(known):
            known = [(value, value), *known]
        return (("", self.t("None")), *known)

    def _media(self, kind: FieldKind) -> list[tuple[str, str]]:
        if kind not in self.media:
            found = media_of(self.root, self.draft.campaign.slug, kind)
            self.media[kind] = [(each.path, each.name) for each in found]
        return self.media[kind]

    def _said(self, id: str) -> Said | None:
        """The worst of what is said about it, in one line."""
        found = sorted(
            self.said.get(id, ()),
            key=lambda each: (not each.code.startswith("refused"), each.severity != "blocking"),
        )
        if not found:
            return None
        source = "refused" if found[0].code.startswith("refused") else "checks"
        return Said(composing_words.sentence(self.t, found[0]), found[0].severity, source)


def make_sheet(
    draft: Draft,
    t: Translator,
    root: Path,
    *,
    problems: Iterable[Problem] = (),
    typed: Mapping[str, str] | None = None,
    opened: Collection[int] = (),
) -> Sheet:
    """The form of the draft; `typed` stands in the place of values that were refused."""
    said: dict[str, list[Problem]] = {}
    for each in problems:
        said.setdefault(composing_words.target(each, draft), []).append(each)
    return _Maker(draft, t, root, typed or {}, said, opened).sheet()


@dataclass(frozen=True, slots=True)
class Kind:
    """A block type in the menu."""

    kind: str
    label: str
    icon: str
    fields: str


def kinds(draft: Draft, t: Translator) -> list[Kind]:
    """Every block type, by its label, with its first fields as explanation."""
    found = []
    for each in draft.workspace.templates.blocks.values():
        labels = [
            _words_of(declared.label, t) for declared in each.fields if declared.kind is not FieldKind.ALT
        ]
        icon = each.icon if each.icon in ICONS else "text"
        found.append(Kind(each.kind, _words_of(each.label, t), icon, ", ".join(labels[:3])))
    return sorted(found, key=lambda each: each.label.casefold())


def _words_of(words: Mapping[str, str], t: Translator) -> str:
    """In the language of the desk, else in any."""
    return words.get(t.language) or next(iter(words.values()), "")


def _words(blocks: Sequence[Block]) -> int:
    return sum(len(block.body.split()) for block in blocks)


def _is_day(value: str) -> bool:
    try:
        return not value or date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
