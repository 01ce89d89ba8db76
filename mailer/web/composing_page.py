"""The composer's page: the form of a letter, what was said of it, the real mail and its checks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from mailer.app.campaign_media import MOST_BYTES
from mailer.app.drafts import Draft
from mailer.app.live_preview import Look
from mailer.app.versions import Version, steps
from mailer.errors import InputError, MailerError, NotFoundError, Problem, RefusedError, WorkspaceError
from mailer.tokens import random_text
from mailer.web import composing_words
from mailer.web.composing_forms import kinds, make_sheet
from mailer.web.composing_review import reading_of
from mailer.web.letters import VIEWS
from mailer.web.pages import page
from mailer.web.shown_as import MADE_UP, by_address
from mailer.web.visits import Visit
from mailer.workspace.event_values import presented


@dataclass(frozen=True, slots=True)
class Shown:
    """How the page is shown this time: what is unfolded, what was just done, what was refused."""

    #: The positions of the unfolded blocks.
    opened: frozenset[int] = frozenset()
    #: The position of the block that the last act was about; 0 for none.
    about: int = 0
    view: str = ""
    #: The typed address of whom the mail is shown as.
    reader: str = ""
    done: str = ""
    refused: Sequence[Problem] = ()
    #: What stands in the place of values that were refused, by the name of their field.
    typed: Mapping[str, str] = field(default_factory=dict)
    #: Names the opened page through all its saves; "" for one that is just being opened.
    page: str = ""


def show(request: Request, visit: Visit, ref: str, shown: Shown) -> Response:
    """The page, or the reason why this letter cannot be written; after a refusal with what was typed in its field."""
    composer = visit.mailer.composer
    try:
        composer.require_writable(ref)
        draft = composer.begin(ref)
    except NotFoundError:
        raise
    except (RefusedError, WorkspaceError) as closed:
        return show_closed(request, visit, ref, closed)
    reader, wrong = MADE_UP, None
    try:
        reader = by_address(visit, shown.reader)
    except InputError as error:
        wrong = error
    look = composer.preview.look(draft, reader.person)
    problems = (*shown.refused, *look.problems)
    return page(
        request,
        "compose.html",
        visit,
        status=422 if shown.refused else 200,
        live=True,
        here="letters",
        draft=draft,
        trial=visit.mailer.departures.trial(draft.workspace, draft.campaign, draft.issue),
        planned=presented(draft.issue, draft.campaign).send_at,
        kinds=kinds(draft, visit.t),
        others=composer.presence.note(ref, name_of(visit)),
        error=wrong,
        reader=reader,
        typed_reader=shown.reader,
        look=look,
        reading=None if draft.is_frame else reading_of(visit, draft, look),
        **_form_of(visit, draft, shown, problems),
        **_history_of(composer.versions(ref).log(), visit.user.address),
        **checks_of(visit, draft, look, problems),
    )


def show_closed(request: Request, visit: Visit, ref: str, reason: MailerError) -> Response:
    """Why this letter cannot be written here, and what can be done instead."""
    found, _ = visit.mailer.workspace()
    campaign, _, slug = ref.partition("/")
    known = found.campaigns.get(campaign)
    issue = known.issues.get(slug) if known else None
    title = issue.subject if issue else ref
    return page(
        request, "compose_closed.html", visit, status=409, here="letters", ref=ref, title=title, error=reason
    )


def checks_of(visit: Visit, draft: Draft, look: Look, problems: Sequence[Problem]) -> dict[str, Any]:
    """What the panel of checks needs: an entry for each problem, those that stop the letter first."""
    ordered = sorted(problems, key=lambda each: (each.severity != "blocking", each.block or 0))
    blocking = sum(1 for each in ordered if each.severity == "blocking")
    return {
        "entries": [
            {
                "severity": each.severity,
                "title": composing_words.title(visit.t, each, draft),
                "sentence": composing_words.sentence(visit.t, each),
                "target": composing_words.target(each, draft),
            }
            for each in ordered
        ],
        "blocking": blocking,
        "warnings": len(ordered) - blocking,
        "weight": len(look.preview.content.html.encode()) if look.preview else None,
    }


def name_of(visit: Visit) -> str:
    """How the others read who writes here."""
    return visit.user.name or visit.user.address.partition("@")[0]


def _form_of(visit: Visit, draft: Draft, shown: Shown, problems: Sequence[Problem]) -> dict[str, Any]:
    sheet = make_sheet(
        draft,
        visit.t,
        visit.mailer.settings.workspace,
        problems=problems,
        typed=shown.typed,
        opened=shown.opened,
    )
    return {
        "sheet": sheet,
        "opened_page": shown.page or random_text(12),
        "opened": ",".join(str(each) for each in sorted(shown.opened)),
        "about": shown.about,
        "view": shown.view if shown.view in VIEWS else VIEWS[0],
        "views": VIEWS,
        "refused": shown.refused,
        "most_bytes": MOST_BYTES,
        "done": shown.done,
        "said": composing_words.done(visit.t, shown.done, place=shown.about, count=len(sheet.blocks)),
    }


def _history_of(log: Sequence[Version], by: str) -> dict[str, Any]:
    past, future = steps(log, by)
    return {
        "can_undo": bool(past),
        "can_redo": bool(future),
        "saved_at": log[-1].at if log and log[-1].by else None,
    }
