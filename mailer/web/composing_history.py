"""The history of one issue: who wrote what and when, what differs, and a former version made the file again."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from mailer.app.composing import Conflict, Writing
from mailer.app.versions import Change, Version, sessions
from mailer.errors import NotFoundError
from mailer.web import composing_words
from mailer.web.composing_differences import changes
from mailer.web.pages import page
from mailer.web.visits import Visit, Visiting
from mailer.workspace.saving import digest

router = APIRouter(prefix="/lettres/{campaign}/{issue}/ecrire")

_AROUND = 2


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line of a difference. `look`: same, gone, new, or gap for lines that are left out."""

    look: str
    text: str


@router.get("/historique", name="compose_history")
def history(request: Request, visit: Visiting, campaign: str, issue: str) -> Response:
    ref = f"{campaign}/{issue}"
    versions = visit.mailer.composer.versions(ref)
    present = visit.mailer.composer.text(ref)
    return page(
        request,
        "compose_history.html",
        visit,
        here="letters",
        ref=ref,
        sessions=sessions(versions.log()),
        present=digest(present),
        composing_words=composing_words,
    )


@router.get("/historique/{version}", name="compose_version")
def version(request: Request, visit: Visiting, campaign: str, issue: str, version: str) -> Response:
    """One version beside the file as it is now."""
    ref = f"{campaign}/{issue}"
    text, noted = _version(visit, ref, version)
    present = visit.mailer.composer.text(ref)
    return page(
        request,
        "compose_version.html",
        visit,
        here="letters",
        ref=ref,
        noted=noted,
        changed=changes(text, present, visit.t, visit.mailer.workspace()[0].templates.blocks),
        lines=list(difference(text, present)),
        base=digest(present),
        is_present=text == present,
        composing_words=composing_words,
    )


@router.post("/historique/{version}", name="compose_restore")
def restore(
    request: Request,
    visit: Visiting,
    campaign: str,
    issue: str,
    version: str,
    base: Annotated[str, Form()] = "",
) -> Response:
    """Make it the file again, unless the file has changed since it was looked at."""
    ref = f"{campaign}/{issue}"
    writing = Writing(by=visit.user.address, page="", base=base)
    result = visit.mailer.composer.put(ref, writing, version, Change.RESTORED)
    if isinstance(result, Conflict):
        return RedirectResponse(f"/lettres/{ref}/ecrire/conflit/{result.mine}", status_code=303)
    return RedirectResponse(f"/lettres/{ref}/ecrire?fait=restored", status_code=303)


def difference(before: str, after: str) -> Iterator[DiffLine]:
    """The lines that differ, with a few around them."""
    old, new = before.splitlines(), after.splitlines()
    is_first = True
    for group in SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(_AROUND):
        if not is_first:
            yield DiffLine("gap", "…")
        is_first = False
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                yield from (DiffLine("same", line) for line in old[i1:i2])
                continue
            yield from (DiffLine("gone", line) for line in old[i1:i2])
            yield from (DiffLine("new", line) for line in new[j1:j2])


def _version(visit: Visit, ref: str, name: str) -> tuple[str, Version]:
    versions = visit.mailer.composer.versions(ref)
    text = versions.text(name)
    noted = next((each for each in reversed(versions.log()) if each.digest == name), None)
    if noted is None:
        raise NotFoundError("This version is no longer kept. Open the letter again.")
    return text, noted
