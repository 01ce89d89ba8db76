"""Settings of the installation (to read) and of the user (language, theme, password)."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from mailer.errors import InputError
from mailer.i18n import LANGUAGES
from mailer.store import accounts, acts
from mailer.web import passwords
from mailer.web.pages import page
from mailer.web.visits import THEMES, Visit, Visiting, is_https

router = APIRouter(prefix="/reglages")

_YEAR_SECONDS = 365 * 24 * 3600


@router.get("", name="choices")
def choices(request: Request, visit: Visiting, fait: str = "") -> Response:
    return _show(request, visit, done=fait)


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


@router.post("/mot-de-passe", name="change_password")
def change_password(
    request: Request,
    visit: Visiting,
    present: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    """Ends every session of the user, this one too: they log in with the new password."""
    assert visit.user.id is not None
    if not passwords.is_right(present, visit.user.password_hash):
        false = InputError("The present password is not right. Nothing was changed.")
        return _show(request, visit, error=false, wrong="present", status=422)
    try:
        password_hash = passwords.hash_password(password, again=again)
    except InputError as error:
        return _show(request, visit, error=error, wrong="new", status=422)
    with visit.mailer.store.write() as tx:
        accounts.set_password(tx, visit.user.id, password_hash=password_hash)
        acts.record(tx, at=visit.mailer.clock.now(), by=visit.user.address, act="password")
    return RedirectResponse("/connexion", status_code=303)


def _show(
    request: Request,
    visit: Visit,
    *,
    done: str = "",
    error: InputError | None = None,
    wrong: str = "",
    status: int = 200,
) -> Response:
    """The page; after a refused password with the reason, tied to the field that is `wrong`."""
    found, _ = visit.mailer.workspace()
    return page(
        request,
        "choices.html",
        visit,
        status=status,
        here="choices",
        settings=visit.mailer.settings,
        provider=visit.mailer.provider,
        campaigns=found.campaigns.values(),
        done=done,
        error=error,
        wrong=wrong,
        rules=passwords,
    )


def _remembering(visit: Visit, name: str, value: str) -> Response:
    answer = RedirectResponse("/reglages?fait=choix", status_code=303)
    secure = is_https(visit.mailer)
    answer.set_cookie(name, value, max_age=_YEAR_SECONDS, samesite="lax", httponly=True, secure=secure)
    return answer
