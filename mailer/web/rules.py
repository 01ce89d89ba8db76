"""The rule of an audience as plain forms: each button sends the whole draft, and nothing is written before Save."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from mailer.app import rules
from mailer.app.rules import Judged, Rule
from mailer.errors import ConflictError, InputError, RefusedError
from mailer.model.segment import Segment
from mailer.web import rule_drafts, rule_words
from mailer.web.pages import page
from mailer.web.rule_drafts import Draft
from mailer.web.visits import Visit, Visiting

router = APIRouter(prefix="/audiences")


async def _form(request: Request) -> FormData:
    return await request.form()


Posted = Annotated[FormData, Depends(_form)]


@router.get("/nouvelle/creer", name="new_audience")
def new_audience(request: Request, visit: Visiting, copie: str = "") -> Response:
    return _new(request, visit, typed={"like": copie})


@router.post("/nouvelle/creer", name="create_audience")
def create_audience(
    request: Request,
    visit: Visiting,
    title: Annotated[str, Form(max_length=200)] = "",
    slug: Annotated[str, Form(max_length=80)] = "",
    like: Annotated[str, Form(max_length=80)] = "",
    members_only: Annotated[str, Form()] = "",
) -> Response:
    try:
        rules.create(
            visit.mailer,
            slug.strip(),
            title=title.strip(),
            copy_of=like,
            members_only=members_only == rule_drafts.YES,
            by=visit.user.address,
        )
    except InputError as error:
        typed = {"title": title, "slug": slug, "like": like, "members_only": members_only}
        return _new(request, visit, typed=typed, error=error)
    return RedirectResponse(f"/audiences/{slug.strip()}/regle", status_code=303)


@router.get("/{slug}/regle", name="rule")
def rule(request: Request, visit: Visiting, slug: str) -> Response:
    found = rules.find(visit.mailer, slug)
    return _show(request, visit, found, rule_drafts.draft_of(found.segment), seen=found.fingerprint)


@router.post("/{slug}/regle", name="change_rule")
def change_rule(request: Request, visit: Visiting, slug: str, form: Posted) -> Response:
    """Add, remove, count again, or save; what is refused comes back with its reason and everything typed."""
    found = rules.find(visit.mailer, slug)
    draft, seen = rule_drafts.read_draft(form), str(form.get("seen", ""))
    act, *where = str(form.get("act", "count")).split(":")
    if act == "save":
        return _save(request, visit, found, draft, seen=seen, loses=form.get("loses") == rule_drafts.YES)
    return _show(request, visit, found, _changed(draft, act, where), seen=seen, moved=act != "count")


def _changed(draft: Draft, act: str, where: list[str]) -> Draft:
    """The draft after one of the page's buttons; any other word changes nothing."""
    side = where[0] if where else ""
    if side not in rule_drafts.SIDES:
        return draft
    nodes = draft.sides[side]
    place = int(where[1]) if len(where) > 1 and where[1].isdecimal() and len(where[1]) < 4 else None
    if place is not None and place >= len(nodes):
        return draft
    if act == "remove" and place is not None:
        return rule_drafts.remove(draft, side, place)
    if act in {"condition", "group"} and (place is None or nodes[place].is_group):
        return rule_drafts.add(draft, side, inside=place, group=act == "group")
    return draft


def _save(request: Request, visit: Visit, found: Rule, draft: Draft, *, seen: str, loses: bool) -> Response:
    segment = _segment(draft, found)
    judged = _judge(visit, draft, segment)
    if judged is None or judged.problems:
        unsaved = InputError("Nothing was saved: mend what is marked below.")
        return _show(request, visit, found, draft, seen=seen, error=unsaved, status=422)
    lost = rules.lost_comments(found, segment)
    try:
        if lost and not loses and seen == found.fingerprint:
            raise RefusedError(
                "Nothing was saved yet: comments of the file would be lost. Tick that they may go."
            )
        rules.save(visit.mailer, segment, expected=seen, by=visit.user.address)
    except ConflictError as error:
        # Whoever has read what the page says of the other state may save over it.
        present = rules.find(visit.mailer, found.segment.slug)
        return _show(
            request, visit, present, draft, seen=present.fingerprint, error=error, status=409, conflict=True
        )
    except InputError as error:
        return _show(request, visit, found, draft, seen=seen, error=error, status=409, lost=lost)
    return RedirectResponse(f"/audiences/{found.segment.slug}?fait=regle", status_code=303)


def _segment(draft: Draft, found: Rule) -> Segment:
    """What the draft says; the guard of the file stays, whatever a form says."""
    segment = rule_drafts.segment_of(draft, found.segment)
    return replace(segment, members_only=segment.members_only or found.segment.members_only)


def _judge(visit: Visit, draft: Draft, segment: Segment) -> Judged | None:
    """None while something is still to be filled in."""
    if rule_drafts.unfinished(draft) or not draft.title.strip():
        return None
    return rules.judge(visit.mailer, segment, language=visit.t.language)


def _show(
    request: Request,
    visit: Visit,
    found: Rule,
    draft: Draft,
    *,
    seen: str,
    error: InputError | None = None,
    status: int = 200,
    **more: Any,
) -> Response:
    judged = _judge(visit, draft, _segment(draft, found))
    told = judged.problems if judged else ()
    lines = {problem.line: problem for problem in told if problem.line}
    values: dict[str, Any] = {"conflict": False, "lost": [], "moved": False, **more}
    return page(
        request,
        "rule.html",
        visit,
        status=status,
        here="audiences",
        segment=found.segment,
        draft=draft,
        seen=seen,
        judged=judged,
        unfinished=rule_drafts.unfinished(draft),
        mistakes=lines,
        other_mistakes=[problem for problem in told if not problem.line],
        can_be_shown=rule_drafts.can_be_shown(found.segment),
        vocabulary=rules.vocabulary(visit.mailer, found.segment.slug),
        rule_words=rule_words,
        error=error,
        **values,
    )


def _new(
    request: Request, visit: Visit, *, typed: dict[str, str], error: InputError | None = None
) -> Response:
    found, _ = visit.mailer.workspace()
    shown = {"title": "", "slug": "", "like": "", "members_only": "", **typed}
    return page(
        request,
        "new_audience.html",
        visit,
        status=422 if error else 200,
        here="audiences",
        known=found.segments,
        typed=shown,
        error=error,
    )
