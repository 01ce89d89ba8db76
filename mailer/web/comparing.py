"""One audience beside another, and beside the people whom its last letter went to."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from mailer.app import comparing
from mailer.web.pages import page
from mailer.web.visits import Visiting

router = APIRouter(prefix="/audiences/{slug}")


@router.get("/comparer", name="compare")
def compare(request: Request, visit: Visiting, slug: str, avec: str = "") -> Response:
    found, _ = visit.mailer.workspace()
    changes = comparing.changes(visit.mailer, slug, language=visit.t.language)
    compared = comparing.compare(visit.mailer, slug, avec, language=visit.t.language) if avec else None
    return page(
        request,
        "compare.html",
        visit,
        here="audiences",
        segment=found.segments[slug],
        others=[each for each in found.segments.values() if each.slug != slug],
        chosen=avec,
        changes=changes,
        compared=compared,
    )
