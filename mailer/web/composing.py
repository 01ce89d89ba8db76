"""The composer: one page on which an issue is written. Every act is a form that is sent; a script only sends it sooner."""

from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from mailer.app import remarks
from mailer.app.composing import Conflict, Saved, Writing
from mailer.app.versions import Change, steps
from mailer.errors import InputError, NotFoundError, Problem, WorkspaceError
from mailer.web import composing_words
from mailer.web.composing_page import Shown, name_of, show, show_closed
from mailer.web.composing_reading import MARKING, RENEW, Edit, Sent, order_of, read_positions, read_sent
from mailer.web.visits import Uploading, Visit, Visiting

router = APIRouter(prefix="/lettres/{campaign}/{issue}/ecrire")
#: The one form that may carry pictures and files: see `composing_reading.MOST_BYTES`.
with_files = APIRouter(prefix="/lettres/{campaign}/{issue}/ecrire")

_DONE = {
    "save": "saved",
    "up": "moved",
    "down": "moved",
    "move": "moved",
    "add": "added",
    "copy": "copied",
    "delete": "deleted",
    RENEW: "renewed",
    "done": "remark-done",
    "reopen": "remark-reopened",
}
_STEPS = {"undo": Change.UNDONE, "redo": Change.REDONE}
#: Orders that lead to another page, once what was typed is saved.
_ELSEWHERE = {
    "lettre": "",
    "relire": "/ecrire/relire",
    "historique": "/ecrire/historique",
    "reprendre": "/ecrire/reprendre",
}


@router.get("", name="compose")
def compose(
    request: Request,
    visit: Visiting,
    campaign: str,
    issue: str,
    ouvert: str = "",
    au: int = 0,
    vue: str = "",
    fait: str = "",
) -> Response:
    shown = Shown(opened=frozenset(read_positions(ouvert)), about=au, view=vue, done=fait)
    return show(request, visit, f"{campaign}/{issue}", shown)


@with_files.post("", name="compose_save")
async def save(request: Request, visit: Uploading, campaign: str, issue: str) -> Response:
    """Save the whole form, then do what its button says."""
    sent = await read_sent(request)
    visit.require_token(sent.text("csrf"))
    return await run_in_threadpool(_save, request, visit, f"{campaign}/{issue}", sent)


def _save(request: Request, visit: Visit, ref: str, sent: Sent) -> Response:
    edit = Edit(sent, order_of(sent.text("act")), visit.mailer.settings.workspace)
    writing = Writing(by=visit.user.address, page=sent.text("page")[:40], base=sent.text("base"))
    is_quiet = "application/json" in request.headers.get("accept", "")
    try:
        result = visit.mailer.composer.save(ref, writing, edit)
    except NotFoundError:
        raise
    except InputError as error:
        if is_quiet:
            return JSONResponse({"error": visit.t.error(error)}, status_code=409)
        return show_closed(request, visit, ref, error)
    if isinstance(result, Conflict):
        return _conflict(ref, result, is_quiet=is_quiet)
    if is_quiet:
        return _quiet(visit, ref, edit, result)
    if result.is_merged:
        try:
            edit.follow(visit.mailer.composer.open(ref).issue.blocks)
        except WorkspaceError as unreadable:
            return show_closed(request, visit, ref, unreadable)
    return _after(request, visit, ref, edit, Writing(writing.by, writing.page, result.version))


def _conflict(ref: str, conflict: Conflict, *, is_quiet: bool) -> Response:
    path = f"/lettres/{ref}/ecrire/conflit/{conflict.mine}"
    if is_quiet:
        return JSONResponse({"conflict": path}, status_code=409)
    return RedirectResponse(path, status_code=303)


def _quiet(visit: Visit, ref: str, edit: Edit, saved: Saved) -> Response:
    """What a script needs to know of a save that it made by itself."""
    past, future = steps(visit.mailer.composer.versions(ref).log(), visit.user.address)
    return JSONResponse(
        {
            "version": saved.version,
            "file": saved.file,
            "saved": _saved_words(visit, saved.at),
            "refused": [
                {"at": _id_of(each), "sentence": composing_words.sentence(visit.t, each)}
                for each in edit.refused
            ],
            "can_undo": bool(past),
            "can_redo": bool(future),
            "others": visit.mailer.composer.presence.note(ref, name_of(visit)),
        }
    )


def _after(request: Request, visit: Visit, ref: str, edit: Edit, writing: Writing) -> Response:
    """What the button asked for besides saving: a step back, another page, or the page again."""
    order, done = edit.order, _DONE.get(edit.order.name, "")
    if (order.arranging and not edit.about and order.name != "delete") or (
        order.name == "save" and edit.refused
    ):
        done = ""
    if order.name in _STEPS:
        stepped = visit.mailer.composer.step(ref, writing, _STEPS[order.name])
        if isinstance(stepped, Conflict):
            return _conflict(ref, stepped, is_quiet=False)
        done = _STEPS[order.name].value if stepped else "nothing"
    if order.name in MARKING and order.arguments and order.arguments[0].isdecimal():
        number, mailer = int(order.arguments[0]), visit.mailer
        remarks.mark(
            mailer.store, mailer.clock, ref, number, done=order.name == "done", by=visit.user.address
        )
    if order.name in _ELSEWHERE and not edit.refused:
        is_frame = order.name == "lettre" and visit.mailer.composer.open(ref).is_frame
        shown_page = "" if is_frame else f"/{ref}{_ELSEWHERE[order.name]}"
        return RedirectResponse(f"/lettres{shown_page}", status_code=303)
    shown = Shown(
        opened=_opened(edit),
        about=edit.about,
        view=order.arguments[0] if order.name == "vue" and order.arguments else edit.sent.text("view"),
        reader=edit.sent.text("pour"),
        done=done,
        refused=edit.refused_now(),
        typed=edit.typed_again(),
        page=writing.page,
    )
    return show(request, visit, ref, shown)


def _opened(edit: Edit) -> frozenset[int]:
    """The blocks that stay unfolded, where they are now, and the one that was just made or refused."""
    opened = {edit.now_at(each) for each in edit.sent.open_blocks}
    opened |= {each.block for each in edit.refused_now() if each.block}
    if edit.order.name in {"add", "copy"}:
        opened.add(edit.about)
    return frozenset(opened - {0})


def _id_of(refused: Problem) -> str:
    name = str(refused.values["field"])
    return f"b{refused.block}-{name}" if refused.block else name


def _saved_words(visit: Visit, at: datetime) -> str:
    return visit.t("Saved at {hour}", hour=visit.t.instant(at, "HH:mm"))
