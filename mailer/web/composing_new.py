"""A new letter, a block taken over from another one, and the pictures of a campaign as the desk shows them."""

import mimetypes
from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import FileResponse, RedirectResponse, Response

from mailer.app.campaign_media import copy_medium, find_picture
from mailer.app.composing import Conflict, Writing
from mailer.app.drafts import Draft
from mailer.app.new_letters import create_letter
from mailer.app.versions import Change
from mailer.errors import InputError, MailerError, NotFoundError
from mailer.model.workspace import Block, BlockType, FieldKind, Issue, field_values
from mailer.store import acts
from mailer.web.composing_forms import make_sheet
from mailer.web.pages import page
from mailer.web.protection import HEADERS
from mailer.web.visits import Visit, Visiting

router = APIRouter()

_PICTURE_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"


@router.get("/nouvelle-lettre", name="new_letter")
def new_letter(
    request: Request, visit: Visiting, campagne: str = "", comme: str = "", jour: str = "", heure: str = ""
) -> Response:
    return _show(request, visit, {"campaign": campagne, "like": comme, "day": jour, "hour": heure})


@router.post("/nouvelle-lettre", name="create_letter")
def create(
    request: Request,
    visit: Visiting,
    campaign: Annotated[str, Form()] = "",
    subject: Annotated[str, Form()] = "",
    day: Annotated[str, Form()] = "",
    hour: Annotated[str, Form()] = "",
    like: Annotated[str, Form()] = "",
) -> Response:
    typed = {"campaign": campaign, "subject": subject, "day": day, "hour": hour, "like": like}
    mailer = visit.mailer
    try:
        at = _hour(day, hour)
        ref = create_letter(
            mailer.settings, mailer.clock, campaign=campaign, subject=subject, at=at, like=like
        )
    except InputError as error:
        return _show(request, visit, typed, error=error, status=422)
    now = mailer.clock.now()
    mailer.composer.versions(ref).note(
        mailer.composer.text(ref), at=now, by=visit.user.address, change=Change.CREATED
    )
    with mailer.store.write() as tx:
        acts.record(tx, at=now, by=visit.user.address, act="create", object=ref)
    return RedirectResponse(f"/lettres/{ref}/ecrire?fait=created", status_code=303)


@router.get("/lettres/{campaign}/{issue}/ecrire/reprendre", name="compose_take")
def take(request: Request, visit: Visiting, campaign: str, issue: str, de: str = "") -> Response:
    """The blocks of another letter, to choose from."""
    ref = f"{campaign}/{issue}"
    visit.mailer.composer.require_writable(ref)
    draft = visit.mailer.composer.open(ref)
    others = [each for each in visit.mailer.issues() if each.ref != ref and each.has_file]
    source = visit.mailer.composer.open(de) if de else None
    return page(
        request,
        "compose_take.html",
        visit,
        here="letters",
        draft=draft,
        others=others,
        source=source,
        sheet=make_sheet(source, visit.t, visit.mailer.settings.workspace) if source else None,
    )


@router.post("/lettres/{campaign}/{issue}/ecrire/reprendre", name="compose_take_block")
def take_block(
    visit: Visiting,
    campaign: str,
    issue: str,
    base: Annotated[str, Form()] = "",
    de: Annotated[str, Form()] = "",
    number: Annotated[int, Form()] = 0,
) -> Response:
    """Put a copy of that block at the end; its picture or file comes along."""
    ref = f"{campaign}/{issue}"
    source = visit.mailer.composer.open(de)
    if not 1 <= number <= len(source.issue.blocks):
        raise NotFoundError("This block is no longer there. Choose again.")
    block = _taken(visit, source, source.issue.blocks[number - 1], campaign)

    def edit(draft: Draft) -> Issue:
        return replace(draft.issue, blocks=(*draft.issue.blocks, block))

    result = visit.mailer.composer.save(ref, Writing(visit.user.address, "", base), edit)
    if isinstance(result, Conflict):
        return RedirectResponse(f"/lettres/{ref}/ecrire/conflit/{result.mine}", status_code=303)
    place = len(visit.mailer.composer.open(ref).issue.blocks)
    path = f"/lettres/{ref}/ecrire?fait=added&au={place}&ouvert={place}#bloc-{place}"
    return RedirectResponse(path, status_code=303)


@router.get("/campagnes/{campaign}/images/{name}", name="campaign_picture")
def picture(visit: Visiting, campaign: str, name: str) -> Response:
    """A picture of a draft, for the desk only: nothing is public before a letter is frozen."""
    path = find_picture(visit.mailer.settings.workspace, campaign, name)
    kind, _ = mimetypes.guess_type(path.name)
    headers = {"Content-Security-Policy": _PICTURE_POLICY, "Cache-Control": HEADERS["Cache-Control"]}
    return FileResponse(path, media_type=kind, headers=headers)


def _hour(day: str, hour: str) -> datetime | None:
    """The local hour that is wished for; a day alone means nine o'clock."""
    if not day and not hour:
        return None
    try:
        return datetime.fromisoformat(f"{day}T{hour or '09:00'}")
    except ValueError as error:
        raise InputError("Choose a day and an hour, or neither.") from error


def _taken(visit: Visit, source: Draft, block: Block, campaign: str) -> Block:
    block_type: BlockType | None = source.workspace.templates.blocks.get(block.kind)
    if block_type is None:
        return block
    values, attributes = field_values(block, block_type), dict(block.attributes)
    for each in block_type.fields:
        if each.kind in {FieldKind.IMAGE, FieldKind.FILE} and values[each.name]:
            attributes[each.name] = copy_medium(
                visit.mailer.settings.workspace,
                values[each.name],
                source=source.campaign.slug,
                target=campaign,
            )
    return replace(block, attributes=attributes)


def _show(
    request: Request,
    visit: Visit,
    typed: dict[str, str],
    *,
    error: MailerError | None = None,
    status: int = 200,
) -> Response:
    found, _ = visit.mailer.workspace()
    return page(
        request,
        "compose_new.html",
        visit,
        status=status,
        here="letters",
        campaigns=found.campaigns,
        summaries=[each for each in visit.mailer.issues() if each.has_file],
        typed=typed,
        error=error,
    )
