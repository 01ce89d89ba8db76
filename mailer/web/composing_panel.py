"""Beside the composer's form: the real mail in its frame, the checks, and who else is here."""

from html import escape
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from mailer.app.drafts import Draft
from mailer.app.live_preview import Superseded
from mailer.errors import InputError, RefusedError
from mailer.model.mail import Person
from mailer.web import letter_words, shown_as
from mailer.web.composing_page import checks_of, name_of
from mailer.web.composing_review import reading_of
from mailer.web.pages import page
from mailer.web.previews import coloured, inlined
from mailer.web.protection import COMPOSED_POLICY
from mailer.web.visits import Visit, Visiting

router = APIRouter(prefix="/lettres/{campaign}/{issue}/ecrire")

#: The name that an opened page gave itself.
_Page = Annotated[str, Query(alias="page", max_length=40)]
#: The browser stays with what it shows.
_NOTHING_NEW = 204
_NOTE = "<!doctype html><html lang={language}><meta charset=utf-8><title>{title}</title><body style='{style}'>{body}"
_PLAIN = "font:14px/1.6 system-ui,sans-serif;margin:24px;color:#535a57;background:#fff"
_MONO = "font:13px/1.6 ui-monospace,monospace;margin:24px;white-space:pre-wrap;overflow-wrap:anywhere;background:#fff;color:#1b1f1e"


@router.get("/apercu", name="compose_preview")
def preview(
    visit: Visiting,
    campaign: str,
    issue: str,
    vue: str = "",
    pour: str = "",
    opened_page: _Page = "",
) -> Response:
    """The mail as a document: no script, no network, no form; the page around it may read where it was scrolled to."""
    draft, person = _asked(visit, f"{campaign}/{issue}", pour, opened_page)
    try:
        picture = visit.mailer.composer.preview.picture(draft, person, page=opened_page)
    except Superseded:
        picture = None
    if picture is None:
        html = _note(
            visit,
            visit.t("There is no preview as long as the file has mistakes: they are listed under Checks."),
            _PLAIN,
        )
    elif vue == "texte":
        html = _marked(_note(visit, picture.content.text, _MONO))
    else:
        html = inlined(visit.mailer, picture.compiled, picture.content.html)
        html = _marked(coloured(html, dark=vue == "sombre"))
    return HTMLResponse(html, headers={"Content-Security-Policy": COMPOSED_POLICY})


@router.get("/controles", name="compose_checks")
def checks(
    request: Request,
    visit: Visiting,
    campaign: str,
    issue: str,
    pour: str = "",
    opened_page: _Page = "",
) -> Response:
    """The checks, and how far the reading is, alone."""
    draft, person = _asked(visit, f"{campaign}/{issue}", pour, opened_page)
    try:
        look = visit.mailer.composer.preview.look(draft, person, page=opened_page)
    except Superseded:
        return Response(status_code=_NOTHING_NEW)
    values = checks_of(visit, draft, look, look.problems)
    reading = None if draft.is_frame else reading_of(visit, draft, look)
    values |= {"draft": draft, "look": look, "reading": reading}
    return page(request, "compose_panel.html", visit, **values)


@router.get("/presence", name="compose_presence")
def presence(visit: Visiting, campaign: str, issue: str) -> Response:
    """Who else has the letter open, and which version the file has."""
    ref = f"{campaign}/{issue}"
    composer = visit.mailer.composer
    try:
        composer.require_writable(ref)
        closed = ""
    except RefusedError as reason:
        closed = visit.t.error(reason)
    return JSONResponse(
        {
            "version": composer.version(ref),
            "others": composer.presence.note(ref, name_of(visit)),
            "closed": closed,
        }
    )


@router.post("/lecteur", name="compose_show_as")
def show_as(visit: Visiting, pour: shown_as.Typed = "") -> Response:
    """What the addresses of the preview and the checks hold for this person, and what is to be said of the choice."""
    try:
        reader = shown_as.by_address(visit, pour)
    except InputError as error:
        return JSONResponse({"refused": visit.t.error(error)})
    return JSONResponse(
        {"reader": reader.key, "said": visit.t(letter_words.STRANGER) if reader.is_stranger else ""}
    )


def _asked(visit: Visit, ref: str, reader: str, opened_page: str) -> tuple[Draft, Person]:
    """The letter and the reader; from now on the page wants no older version."""
    draft = visit.mailer.composer.open(ref)
    if opened_page:
        visit.mailer.composer.preview.ask(draft, page=opened_page)
    return draft, shown_as.by_key(visit, reader).person


def _marked(html: str) -> str:
    """What the page's script may show in the place of the mail that it shows: no note, and no page to sign in."""
    return html.replace("<html ", "<html data-mail ", 1)


def _note(visit: Visit, text: str, style: str) -> str:
    title = escape(visit.t("Preview of the mail"))
    return _NOTE.format(language=visit.t.language, title=title, style=style, body=escape(text))
