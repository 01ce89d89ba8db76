"""Two people wrote the same letter: what both changed is shown side by side, and chosen one by one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from mailer.app.composing import Clashing, Conflict, Writing
from mailer.i18n import Translator, marked
from mailer.model.workspace import Block, Templates, field_values
from mailer.web.composing_history import difference
from mailer.web.pages import page
from mailer.web.visits import Visit, Visiting
from mailer.workspace.document import Part
from mailer.workspace.front_matter import FrontLine
from mailer.workspace.merging import BlockClash, Choice, Clash, FieldClash, Merge
from mailer.workspace.saving import digest

router = APIRouter(prefix="/lettres/{campaign}/{issue}/ecrire")

_KEYS = {
    "subject": marked("Subject"),
    "second_subject": marked("Second subject"),
    "preheader": marked("Preheader"),
    "number": marked("Number"),
    "send_at": marked("Day and hour"),
    "asks_consent": marked("This letter asks whether openings may be measured"),
    "erratum_of": marked("Corrects"),
}
_PREFIX = "choix."


@dataclass(frozen=True, slots=True)
class Line:
    """One field of a side; `is_other`: the other side says something else there."""

    label: str
    value: str
    is_other: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """One choice. A side is None where it took the block or the key out."""

    name: str
    title: str
    mine: tuple[Line, ...] | None
    theirs: tuple[Line, ...] | None
    #: What is chosen until somebody chooses: nothing is lost by it.
    chosen: str

    @property
    def can_be_both(self) -> bool:
        return self.chosen == Choice.BOTH


async def _read_form(request: Request) -> FormData:
    return await request.form()


@router.get("/conflit/{mine}", name="compose_conflict")
def conflict(
    request: Request, visit: Visiting, campaign: str, issue: str, mine: str, encore: str = ""
) -> Response:
    """What was written on the page, and what the file says: both are kept, and put together as chosen."""
    ref = f"{campaign}/{issue}"
    found = visit.mailer.composer.clashing(ref, mine)
    asked = _asked(visit, found.merge) if found.merge else []
    return page(
        request,
        "compose_conflict.html",
        visit,
        here="letters",
        ref=ref,
        mine=mine,
        base=digest(found.theirs),
        by=_last_writer(visit, ref, found),
        asked=asked,
        merge=found.merge,
        lines=list(difference(found.theirs, _without_choice(found))),
        again=bool(encore),
    )


@router.post("/conflit/{mine}", name="compose_resolve")
def resolve(
    visit: Visiting, campaign: str, issue: str, mine: str, form: Annotated[FormData, Depends(_read_form)]
) -> Response:
    """Make the file what was chosen; what changed meanwhile is put together with it, or asked once more."""
    ref, composer = f"{campaign}/{issue}", visit.mailer.composer
    choices = {
        name.removeprefix(_PREFIX): Choice(str(value))
        for name, value in form.items()
        if name.startswith(_PREFIX) and value in set(Choice)
    }
    base = str(form.get("base", ""))
    if base != composer.version(ref):
        return RedirectResponse(f"/lettres/{ref}/ecrire/conflit/{mine}?encore=oui", status_code=303)
    result = composer.resolve(ref, Writing(visit.user.address, "", base), mine, choices)
    if isinstance(result, Conflict):
        return RedirectResponse(f"/lettres/{ref}/ecrire/conflit/{result.mine}", status_code=303)
    return RedirectResponse(f"/lettres/{ref}/ecrire?fait=merged", status_code=303)


def _last_writer(visit: Visit, ref: str, found: Clashing) -> str:
    """Who wrote what the file says; empty for somebody with an editor."""
    log = visit.mailer.composer.versions(ref).log()
    last = next((each for each in reversed(log) if each.is_applied), None)
    return last.by if last and last.digest == digest(found.theirs) else ""


def _without_choice(found: Clashing) -> str:
    """The file with everything of mine that nobody has to choose; all of mine where the two cannot be put together."""
    if found.merge is None:
        return found.mine
    return found.merge.text({each.name: Choice.THEIRS for each in found.merge.clashes})


def _asked(visit: Visit, merge: Merge) -> list[Asked]:
    templates = visit.mailer.workspace()[0].templates
    return [_one(visit.t, each, templates) for each in merge.clashes]


def _one(t: Translator, clash: Clash, templates: Templates) -> Asked:
    if isinstance(clash, FieldClash):
        label = t(_KEYS[clash.key]) if clash.key in _KEYS else clash.key
        mine, theirs = (_key_line(t, label, each) for each in (clash.mine, clash.theirs))
        return Asked(clash.name, label, mine, theirs, chosen=Choice.MINE)
    my, their = (_values(each, t, templates) for each in (clash.mine, clash.theirs))
    return Asked(
        name=clash.name,
        title=_title(clash, t, templates),
        mine=_lines(my, their),
        theirs=_lines(their, my),
        chosen=Choice.BOTH,
    )


def _key_line(t: Translator, label: str, line: FrontLine | None) -> tuple[Line, ...] | None:
    if line is None:
        return None
    value = (t("Yes") if line.value else t("No")) if isinstance(line.value, bool) else line.text
    return (Line(label, value, is_other=True),)


def _title(clash: BlockClash, t: Translator, templates: Templates) -> str:
    block_type = templates.blocks.get(clash.base.block.kind)
    kind = block_type.label.get(t.language, clash.base.block.kind) if block_type else clash.base.block.kind
    return t("Block {number}, {kind}", number=clash.position, kind=kind)


def _values(part: Part | None, t: Translator, templates: Templates) -> Mapping[str, str] | None:
    """The fields of a side by their labels; of an unknown kind, or what no field shows, the text of the file."""
    if part is None:
        return None
    block: Block = part.block
    block_type = templates.blocks.get(block.kind)
    if block_type is None:
        return {block.kind: part.fence + part.body}
    values = field_values(block, block_type)
    shown = {each.label.get(t.language, each.name): values[each.name] for each in block_type.fields}
    names = {each.name for each in block_type.fields}
    return shown | {name: value for name, value in block.attributes.items() if name not in names}


def _lines(side: Mapping[str, str] | None, other: Mapping[str, str] | None) -> tuple[Line, ...] | None:
    """The fields that differ; all that hold something, where the other side has deleted the block."""
    if side is None:
        return None
    return tuple(
        Line(label, value, is_other=other is not None)
        for label, value in side.items()
        if (other.get(label, "") != value if other is not None else value)
    )
