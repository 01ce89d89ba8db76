"""Two people wrote the same letter: what both changed is shown side by side, and chosen one by one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from mailer.app.composing import Clashing, Conflict, Writing
from mailer.i18n import Translator
from mailer.model.workspace import BlockType, Templates
from mailer.rendering.spans import Span, plain_spans
from mailer.web.composing_differences import (
    KEYS,
    Piece,
    Row,
    block_name,
    changes,
    compared,
    field_spans,
    key_words,
)
from mailer.web.composing_history import difference
from mailer.web.pages import page
from mailer.web.visits import Visit, Visiting
from mailer.workspace.document import Part
from mailer.workspace.front_matter import FrontLine
from mailer.workspace.merging import Choice, Clash, FieldClash, Merge
from mailer.workspace.saving import digest

router = APIRouter(prefix="/lettres/{campaign}/{issue}/ecrire")

_PREFIX = "choix."


@dataclass(frozen=True, slots=True)
class Asked:
    """One choice. A side is None where it took the block or the key out."""

    name: str
    title: str
    mine: tuple[Row, ...] | None
    theirs: tuple[Row, ...] | None
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
        changed=changes(found.theirs, _without_choice(found), visit.t, _block_types(visit)),
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


def _block_types(visit: Visit) -> Mapping[str, BlockType]:
    return visit.mailer.workspace()[0].templates.blocks


def _asked(visit: Visit, merge: Merge) -> list[Asked]:
    templates = visit.mailer.workspace()[0].templates
    return [_one(visit.t, each, templates) for each in merge.clashes]


def _one(t: Translator, clash: Clash, templates: Templates) -> Asked:
    if isinstance(clash, FieldClash):
        label = t(KEYS[clash.key]) if clash.key in KEYS else clash.key
        sides = [None if each is None else _key(t, label, each) for each in (clash.mine, clash.theirs)]
        title, chosen = label, Choice.MINE
    else:
        sides = [None if each is None else _fields(t, each, templates) for each in (clash.mine, clash.theirs)]
        title = block_name(clash.base.block, templates.blocks, t, position=clash.position)
        chosen = Choice.BOTH
    mine, theirs = sides
    return Asked(clash.name, title, _lines(mine, theirs), _lines(theirs, mine), chosen)


def _key(t: Translator, label: str, line: FrontLine) -> dict[str, list[Span]]:
    return {label: plain_spans(key_words(line, t))}


def _fields(t: Translator, part: Part, templates: Templates) -> dict[str, list[Span]]:
    return field_spans(part.block, templates.blocks.get(part.block.kind), t)


def _lines(
    side: Mapping[str, list[Span]] | None, other: Mapping[str, list[Span]] | None
) -> tuple[Row, ...] | None:
    """The fields that differ, their other words marked; all that hold something, where the other side has none."""
    if side is None:
        return None
    if other is None:
        return tuple(Row(label, (Piece("same", tuple(each)),)) for label, each in side.items() if each)
    return tuple(
        Row(label, _own(each, other.get(label, [])))
        for label, each in side.items()
        if each != other.get(label, [])
    )


def _own(side: list[Span], other: list[Span]) -> tuple[Piece, ...]:
    return tuple(piece for piece in compared(other, side) if piece.look != "gone")
