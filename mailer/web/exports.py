"""Files to take away: reports, letters side by side, years. Counts only."""

from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import Response

from mailer.app import files
from mailer.web.visits import Visiting

router = APIRouter(prefix="/exports")


@router.get("/lettres.{form}", name="export_letters")
def letters(visit: Visiting, form: str) -> Response:
    """Every letter of every campaign."""
    return _answer(files.letters_file(visit.mailer, None, form, visit.t), visit.t("letters"), form)


@router.get("/lettres/{campaign}.{form}", name="export_campaign")
def campaign_letters(visit: Visiting, campaign: str, form: str) -> Response:
    return _answer(files.letters_file(visit.mailer, campaign, form, visit.t), campaign, form)


@router.get("/lettres/{campaign}/{issue}.{form}", name="export_report")
def report(visit: Visiting, campaign: str, issue: str, form: str) -> Response:
    content = files.report_file(visit.mailer, f"{campaign}/{issue}", form, visit.t)
    return _answer(content, f"{campaign}-{issue}", form)


@router.get("/bilans/{year}.{form}", name="export_year")
def year_review(visit: Visiting, year: int, form: str) -> Response:
    return _answer(files.year_file(visit.mailer, year, form, visit.t), f"{visit.t('review')}-{year}", form)


def _answer(content: bytes, name: str, form: str) -> Response:
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}.{form}"}
    return Response(content, media_type=files.MEDIA[form], headers=headers)
