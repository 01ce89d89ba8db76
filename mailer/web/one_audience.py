"""One audience: how many, why not the others, who they are, which members nobody is reached at."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from mailer.app import audiences, invitations, pressures
from mailer.web.pages import page
from mailer.web.visits import Visiting

router = APIRouter(prefix="/audiences/{slug}")
_FIRST = 7
_PER_PAGE = 50
_BARS = 8


@router.get("", name="audience")
def audience(request: Request, visit: Visiting, slug: str, fait: str = "") -> Response:
    found = audiences.view(visit.mailer, slug, language=visit.t.language)
    first = []
    if visit.may("audience_people"):
        first = audiences.people(visit.mailer, found.audience, start=0, count=_FIRST)
    spans = pressures.of_audience(visit.mailer, found.audience.contact_ids)
    counts = {number for span in spans for number in (*span.past, *span.planned)}
    return page(
        request,
        "audience.html",
        visit,
        here="audiences",
        view=found,
        done=fait,
        first=first,
        bars=_BARS,
        spans=spans,
        mail_counts=sorted(counts),
        now=visit.mailer.clock.now(),
    )


@router.get("/ecartees", name="audience_left_out")
def left_out(
    request: Request,
    visit: Visiting,
    slug: str,
    motif: Annotated[str, Query(max_length=40)] = "",
    apres: Annotated[int, Query(ge=0, le=2**53)] = 0,
) -> Response:
    """Whom one step leaves out; `apres` is a number, never an address."""
    found = audiences.left_out(visit.mailer, slug, motif, after=apres, limit=_PER_PAGE)
    return page(
        request, "audience_left_out.html", visit, here="audiences", found=found, reason=motif, after=apres
    )


@router.post("/inviter", name="invite_to_join")
def invite(visit: Visiting, slug: str) -> Response:
    """A draft to those who ask for it without being members, opened in the composer; nothing leaves.

    One that waits for its departure is shown on its page.
    """
    found = invitations.prepare(visit.mailer, slug, by=visit.user.address)
    page_of = "/ecrire?fait=created" if found.is_new else "/ecrire" if found.is_writable else ""
    return RedirectResponse(f"/lettres/{found.ref}{page_of}", status_code=303)


@router.get("/personnes", name="audience_people")
def people(
    request: Request, visit: Visiting, slug: str, page_number: Annotated[int, Query(alias="page")] = 1
) -> Response:
    """Everybody in it, page by page."""
    segment, found = audiences.find(visit.mailer, slug, language=visit.t.language)
    last = max(1, -(-found.count // _PER_PAGE))
    number = min(max(1, page_number), last)
    start = (number - 1) * _PER_PAGE
    return page(
        request,
        "audience_people.html",
        visit,
        here="audiences",
        segment=segment,
        audience=found,
        people=audiences.people(visit.mailer, found, start=start, count=_PER_PAGE),
        start=start,
        number=number,
        last=last,
    )
