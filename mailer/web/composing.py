"""The composer: one page on which an issue is written. Every act is a form that is sent; a script only sends it sooner."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from mailer.app import editions
from mailer.app.composing import Conflict, Saved, Writing
from mailer.app.drafts import Draft
from mailer.app.live_preview import Look
from mailer.app.versions import Change, steps
from mailer.errors import InputError, MailerError, NotFoundError, Problem, RefusedError, WorkspaceError
from mailer.model.mail import Person
from mailer.store import contacts
from mailer.tokens import random_text
from mailer.web import composing_words, month
from mailer.web.composing_forms import kinds, make_sheet
from mailer.web.composing_reading import Edit, Sent, order_of, read_sent
from mailer.web.letters import VIEWS
from mailer.web.pages import page
from mailer.web.previews import read_address
from mailer.web.visits import Uploading, Visit, Visiting

router = APIRouter(prefix="/lettres/{campaign}/{issue}/ecrire")
#: The one form that may carry pictures and files: see `composing_reading.MOST_BYTES`.
with_files = APIRouter(prefix="/lettres/{campaign}/{issue}/ecrire")

_DONE = {
    "up": "moved",
    "down": "moved",
    "move": "moved",
    "add": "added",
    "copy": "copied",
    "delete": "deleted",
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
    pour: Annotated[str, Query(max_length=320)] = "",
    fait: str = "",
) -> Response:
    ref = f"{campaign}/{issue}"
    opened = {int(each) for each in ouvert.split(",") if each.isdecimal()}
    return show(request, visit, ref, opened=opened, about=au, view=vue, reader=pour, done=fait)


@with_files.post("", name="compose_save")
async def save(request: Request, visit: Uploading, campaign: str, issue: str) -> Response:
    """Save the whole form, then do what its button says."""
    sent = await read_sent(request)
    visit.require_token(sent.text("csrf"))
    return await run_in_threadpool(_save, request, visit, f"{campaign}/{issue}", sent)


def show(
    request: Request,
    visit: Visit,
    ref: str,
    *,
    opened: set[int] | None = None,
    about: int = 0,
    view: str = "",
    reader: str = "",
    done: str = "",
    error: MailerError | None = None,
    refused: Sequence[Problem] = (),
    typed: Mapping[str, str] | None = None,
    opened_page: str = "",
    status: int = 200,
) -> Response:
    """The page; after a refusal with what was typed in its field and the reason beside it."""
    composer = visit.mailer.composer
    try:
        composer.require_writable(ref)
        draft = composer.begin(ref)
    except NotFoundError:
        raise
    except (RefusedError, WorkspaceError) as closed:
        return _closed(request, visit, ref, closed)
    person, wrong = person_of(visit, reader)
    error = error or wrong
    look = composer.preview.look(draft, person)
    problems = (*refused, *look.problems)
    log = composer.versions(ref).log()
    past, future = steps(log)
    opened_page = opened_page or random_text(12)
    others = composer.presence.note(ref, name_of(visit))
    sheet = make_sheet(
        draft, visit.t, visit.mailer.settings.workspace, problems=problems, typed=typed, opened=opened
    )
    return page(
        request,
        "compose.html",
        visit,
        status=status,
        live=True,
        here="letters",
        draft=draft,
        sheet=sheet,
        kinds=kinds(draft, visit.t),
        opened_page=opened_page,
        opened=",".join(str(each) for each in sorted(opened or ())),
        about=about,
        view=view if view in VIEWS else VIEWS[0],
        views=VIEWS,
        reader=reader if wrong is None else "",
        typed_reader=reader,
        error=error,
        refused=refused,
        said=composing_words.done(visit.t, done, place=about, count=len(sheet.blocks)),
        can_undo=len(past) > 1,
        can_redo=bool(future),
        saved_at=log[-1].at if log and log[-1].by else None,
        others=others,
        look=look,
        wrong_reader=None,
        **checks_of(visit, draft, look, problems),
    )


def checks_of(visit: Visit, draft: Draft, look: Look, problems: Sequence[Problem]) -> dict[str, Any]:
    """What the panel of checks needs."""
    ordered = sorted(problems, key=lambda each: (each.severity != "blocking", each.block or 0))
    return {
        "entries": [
            {
                "severity": each.severity,
                "title": composing_words.title(visit.t, each, draft),
                "sentence": composing_words.sentence(visit.t, each),
                "target": composing_words.target(each, draft),
            }
            for each in ordered
        ],
        "blocking": sum(1 for each in ordered if each.severity == "blocking"),
        "warnings": sum(1 for each in ordered if each.severity != "blocking"),
        "weight": len(look.preview.content.html.encode()) if look.preview else None,
    }


def person_of(visit: Visit, reader: str) -> tuple[Person, InputError | None]:
    """Who the preview is made for; a made-up reader, with the reason, for an address that is none."""
    try:
        address = read_address(reader)
    except InputError as error:
        return editions.READER, error
    if address is None:
        return editions.READER, None
    with visit.mailer.store.read() as tx:
        return contacts.find_person(tx, address) or Person(address=address), None


def name_of(visit: Visit) -> str:
    """How the others read who writes here."""
    return visit.user.name or visit.user.address.partition("@")[0]


def local_hour(visit: Visit, at: Any) -> Any:
    return month.local_now(at, visit.t.zone)


def _closed(request: Request, visit: Visit, ref: str, reason: MailerError) -> Response:
    """Why this letter cannot be written here, and what can be done instead."""
    found, _ = visit.mailer.workspace()
    campaign, _, slug = ref.partition("/")
    known = found.campaigns.get(campaign)
    if known is None or slug not in known.issues:
        visit.mailer.find(ref)
    title = known.issues[slug].subject if known and slug in known.issues else ref
    return page(
        request, "compose_closed.html", visit, status=409, here="letters", ref=ref, title=title, error=reason
    )


def _save(request: Request, visit: Visit, ref: str, sent: Sent) -> Response:
    order = order_of(sent.text("act"))
    edit = Edit(sent, order, visit.mailer.settings.workspace)
    writing = Writing(by=visit.user.address, page=sent.text("page")[:40], base=sent.text("base"))
    is_quiet = "application/json" in request.headers.get("accept", "")
    try:
        result = visit.mailer.composer.save(ref, writing, edit)
    except NotFoundError:
        raise
    except InputError as error:
        if is_quiet:
            return JSONResponse({"error": visit.t.error(error)}, status_code=409)
        return _closed(request, visit, ref, error)
    if isinstance(result, Conflict):
        return _conflict(ref, result, is_quiet=is_quiet)
    if is_quiet:
        return _quiet(visit, ref, edit, result)
    return _after(request, visit, ref, edit, writing, result)


def _conflict(ref: str, conflict: Conflict, *, is_quiet: bool) -> Response:
    path = f"/lettres/{ref}/ecrire/conflit/{conflict.mine}"
    if is_quiet:
        return JSONResponse({"conflict": path}, status_code=409)
    return RedirectResponse(path, status_code=303)


def _quiet(visit: Visit, ref: str, edit: Edit, saved: Saved) -> Response:
    """What a script needs to know of a save that it made by itself."""
    past, future = steps(visit.mailer.composer.versions(ref).log())
    refused = [
        {"at": _id_of(each), "sentence": composing_words.sentence(visit.t, each)} for each in edit.refused
    ]
    return JSONResponse(
        {
            "version": saved.version,
            "saved": saved_words(visit, saved.at),
            "refused": refused,
            "can_undo": len(past) > 1,
            "can_redo": bool(future),
            "others": visit.mailer.composer.presence.note(ref, name_of(visit)),
        }
    )


def _id_of(refused: Problem) -> str:
    name = str(refused.values["field"])
    return f"b{refused.block}-{name}" if refused.block else name


def saved_words(visit: Visit, at: Any) -> str:
    local = local_hour(visit, at)
    return visit.t("Saved at {hour}", hour=f"{local:%H:%M}")


def _after(request: Request, visit: Visit, ref: str, edit: Edit, writing: Writing, saved: Saved) -> Response:
    """Go on to what the button asked for: the page again, a step back, another page."""
    sent, name = edit.sent, edit.order.name
    done = _DONE.get(name, "") if edit.about or name == "delete" else ("saved" if name == "save" else "")
    if name in {"undo", "redo"}:
        change = Change.UNDONE if name == "undo" else Change.REDONE
        base = Writing(writing.by, writing.page, saved.version)
        stepped = visit.mailer.composer.step(ref, base, change)
        if isinstance(stepped, Conflict):
            return _conflict(ref, stepped, is_quiet=False)
        done = change.value if stepped else "nothing"
    elsewhere = {"lettre": "", "historique": "/ecrire/historique", "reprendre": "/ecrire/reprendre"}
    if name in elsewhere and not edit.refused:
        return RedirectResponse(f"/lettres/{ref}{elsewhere[name]}", status_code=303)
    return show(
        request,
        visit,
        ref,
        opened=_opened(edit),
        about=edit.about,
        view=edit.order.arguments[0] if name == "vue" and edit.order.arguments else sent.text("view"),
        reader=sent.text("pour"),
        done=done,
        refused=edit.refused_now(),
        typed=edit.typed_again(),
        opened_page=writing.page,
        status=422 if edit.refused else 200,
    )


def _opened(edit: Edit) -> set[int]:
    """The blocks that stay unfolded, where they are now, and the one that was just made or refused."""
    opened = {edit.now_at(each) for each in edit.sent.open_blocks}
    opened |= {each.block for each in edit.refused_now() if each.block}
    if edit.order.name in {"add", "copy"}:
        opened.add(edit.about)
    return opened - {0}
