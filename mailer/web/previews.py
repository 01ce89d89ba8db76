"""The mail itself as one person sees it: a document without origin or network, light or dark on demand."""

import base64
import mimetypes

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from mailer.app import Mailer
from mailer.model.workspace import Compiled
from mailer.web import shown_as
from mailer.web.protection import PREVIEW_POLICY
from mailer.web.visits import Visiting

router = APIRouter()

_DARK_RULES = "(prefers-color-scheme: dark)"
_SCHEMES = 'content="light dark"'


@router.get("/lettres/{campaign}/{issue}/apercu", name="letter_preview")
def letter_preview(
    visit: Visiting, campaign: str, issue: str, pour: str = "", couleurs: str = ""
) -> Response:
    preview = visit.mailer.preview(f"{campaign}/{issue}", person=shown_as.by_key(visit, pour).person)
    html = inlined(visit.mailer, preview.compiled, preview.content.html)
    html = coloured(html, dark=couleurs == "sombre")
    return HTMLResponse(html, headers={"Content-Security-Policy": PREVIEW_POLICY})


def inlined(mailer: Mailer, compiled: Compiled, html: str) -> str:
    """The mail with its pictures as data: nothing has to be fetched, and nothing is stored before freezing."""
    for name, path in compiled.media.items():
        kind, _ = mimetypes.guess_type(name)
        if kind and kind.startswith("image/"):
            data = base64.b64encode(mailer.settings.under_workspace(path).read_bytes()).decode()
            html = html.replace(f"{mailer.settings.base_url}/media/{name}", f"data:{kind};base64,{data}")
    return html


def coloured(html: str, *, dark: bool) -> str:
    """The mail's own light or dark colours, whatever system the officer has."""
    html = html.replace(_SCHEMES, f'content="{"dark" if dark else "light"}"')
    return html.replace(_DARK_RULES, "all" if dark else "not all")
