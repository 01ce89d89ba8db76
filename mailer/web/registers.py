"""The register of processing as a page, in the language of the desk or the one asked for."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from mailer.app import privacy
from mailer.i18n import LANGUAGES
from mailer.web.pages import page
from mailer.web.visits import Visiting

router = APIRouter(prefix="/reglages/registre")


@router.get("", name="register")
def register(request: Request, visit: Visiting, langue: str = "") -> Response:
    language = langue if langue in LANGUAGES else visit.t.language
    document = privacy.register(visit.mailer, language)
    return page(request, "register.html", visit, here="choices", document=document)
