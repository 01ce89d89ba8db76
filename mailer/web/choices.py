"""Settings of the installation (to read) and how the user sees the desk (language, theme)."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from mailer.errors import InputError
from mailer.i18n import LANGUAGES
from mailer.store import accounts
from mailer.web.pages import page
from mailer.web.visits import THEMES, Visit, Visiting, is_https

router = APIRouter(prefix="/reglages")

_YEAR_SECONDS = 365 * 24 * 3600


@router.get("", name="choices")
def choices(request: Request, visit: Visiting, fait: str = "") -> Response:
    found, _ = visit.mailer.workspace()
    return page(
        request,
        "choices.html",
        visit,
        here="choices",
        settings=visit.mailer.settings,
        provider=visit.mailer.provider,
        campaigns=found.campaigns.values(),
        done=fait,
    )


@router.post("/langue", name="change_language")
def change_language(visit: Visiting, language: Annotated[str, Form()] = "") -> Response:
    if language not in LANGUAGES:
        raise InputError("The desk does not speak {language}. Choose fr or en.", language=language)
    assert visit.user.id is not None
    with visit.mailer.store.write() as tx:
        accounts.set_language(tx, visit.user.id, language)
    return _remembering(visit, "language", language)


@router.post("/theme", name="change_theme")
def change_theme(visit: Visiting, theme: Annotated[str, Form()] = "") -> Response:
    """Light, dark, or anything else: as the system."""
    return _remembering(visit, "theme", theme if theme in THEMES else "")


def _remembering(visit: Visit, name: str, value: str) -> Response:
    answer = RedirectResponse("/reglages?fait=choix", status_code=303)
    secure = is_https(visit.mailer)
    answer.set_cookie(name, value, max_age=_YEAR_SECONDS, samesite="lax", httponly=True, secure=secure)
    return answer
