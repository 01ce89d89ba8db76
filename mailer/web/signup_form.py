"""The sign-up form as the desk shows it: where it is, what it offers, and its HTML for other sites."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from mailer.i18n import LANGUAGES
from mailer.web.pages import page
from mailer.web.snippets import snippet
from mailer.web.visits import Visiting

router = APIRouter(prefix="/inscriptions")


@router.get("", name="signup_form")
def signup_form(request: Request, visit: Visiting) -> Response:
    settings, offers = visit.mailer.settings, visit.mailer.signups.offers()
    waiting, confirmed = visit.mailer.signups.counts()
    known = visit.mailer.topics()
    return page(
        request,
        "signup_form.html",
        visit,
        here="audiences",
        offers=offers,
        unknown=[each for each in settings.signup.topics if each not in known],
        address=f"{settings.base_url}/inscription",
        snippets={each: snippet(settings, offers, each) for each in LANGUAGES} if offers else {},
        waiting=waiting,
        confirmed=confirmed,
        settings=settings.signup,
    )
