"""Audiences: how many people each segment names today, its rule as a sentence, and who falls out."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response

from mailer.errors import InputError
from mailer.model.segment import Audience, Segment
from mailer.web.pages import page
from mailer.web.visits import Visiting

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Counted:
    """A segment with its people, or why they cannot be named."""

    segment: Segment
    audience: Audience | None
    error: InputError | None
    campaigns: tuple[str, ...]


@router.get("/audiences", name="audiences")
def audiences(request: Request, visit: Visiting) -> Response:
    found, problems = visit.mailer.workspace()
    counted = []
    for segment in found.segments.values():
        users = tuple(each.title for each in found.campaigns.values() if each.segment == segment.slug)
        counted.append(_count(visit, segment, users, topics=tuple(found.topics())))
    broken = [each for each in problems if each.path and each.path.parts[:1] == ("audiences",)]
    return page(
        request,
        "audiences.html",
        visit,
        here="audiences",
        counted=counted,
        problems=broken,
        topics=found.topics(),
    )


def _count(visit: Visiting, segment: Segment, users: tuple[str, ...], *, topics: tuple[str, ...]) -> Counted:
    """Of the topic of the campaign that uses it; of the first topic where none does."""
    topic = None if users else (topics[0] if topics else "")
    try:
        audience = visit.mailer.audience(segment.slug, topic=topic, language=visit.t.language)
    except InputError as error:
        return Counted(segment, None, error, users)
    return Counted(segment, audience, None, users)
