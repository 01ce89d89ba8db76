"""Letters: the list by campaign, one letter with its preview and its checks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from mailer.app import IssueSummary, Mailer, Preview
from mailer.app.reviews import Review
from mailer.clock import local_date
from mailer.errors import InputError, MailerError, NotFoundError, Problem, UnconfirmedError
from mailer.model.accounts import Act
from mailer.model.ledger import TAKEN
from mailer.model.mail import Person
from mailer.model.receivers import ReceiverCount
from mailer.model.segment import Audience
from mailer.sending import Foreseen, Moved, Pressure
from mailer.store import acts
from mailer.store.copies import count_holders
from mailer.store.progress import Doubt, doubts
from mailer.web import letter_search, month, shown_as
from mailer.web.pages import page
from mailer.web.progress import Progress, progress_of
from mailer.web.shown_as import ShownAs
from mailer.web.visits import Visit, Visiting

router = APIRouter()

VIEWS = ("ordinateur", "telephone", "sombre", "texte")
#: What the form says of the shown view.
View = Annotated[str, Form(max_length=20)]
#: The number of a page has fewer digits.
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Letter:
    """Everything that the page of one letter shows. `failure` says why there is no preview."""

    summary: IssueSummary
    preview: Preview | None
    failure: MailerError | None
    #: None where the rule of the audience is broken.
    foreseen: Foreseen | None
    #: Too many mails in seven days for too many people: a warning.
    pressure: Pressure | None
    #: When all its links were last checked; None where one was not.
    looked_at: datetime | None
    review: Review
    acts: list[Act]
    progress: Progress | None
    doubts: Sequence[Doubt]
    #: Receivers whose number this letter passes: a warning.
    over: tuple[ReceiverCount, ...]
    #: How many people have a copy of it, or may have one.
    copies: int
    #: The letter that this one corrects, and those that correct this one.
    corrected: IssueSummary | None
    errata: tuple[IssueSummary, ...]

    @property
    def audience(self) -> Audience | None:
        return self.foreseen.audience if self.foreseen else None

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self.preview.problems if self.preview else ()

    @property
    def can_be_scheduled(self) -> bool:
        return self.summary.is_writable and not self.copies

    @property
    def is_frozen(self) -> bool:
        """Whether what leaves or left is a frozen copy, which later changes of the file do not touch."""
        return self.summary.send is not None and self.summary.state != "cancelled"

    @property
    def has_left(self) -> bool:
        return self.summary.is_running or self.summary.state in {"paused", "done"}

    @property
    def can_be_corrected(self) -> bool:
        """Whether an erratum of it may be begun at the desk: people have it, no further copy leaves, none is begun."""
        begun = any(each.state == "draft" for each in self.errata)
        return (
            self.copies > 0 and not begun and self.summary.state not in {"scheduled", "starting", "sending"}
        )

    @property
    def is_corrected(self) -> bool:
        """Whether an erratum of it is planned, on its way or gone."""
        return any(each.state in TAKEN for each in self.errata)

    @property
    def must_type(self) -> bool:
        return self.foreseen is not None and self.foreseen.must_type

    @property
    def moved(self) -> Moved | None:
        """What must be confirmed before it leaves."""
        return self.foreseen.moved if self.foreseen and self.foreseen.must_confirm else None


@router.get("/lettres", name="letters")
def letters(
    request: Request,
    visit: Visiting,
    q: Annotated[str, Query(max_length=200)] = "",
    campagne: str = "",
    etat: str = "",
    annee: str = "",
    p: str = "1",
) -> Response:
    found, problems = visit.mailer.workspace()
    every, zone = visit.mailer.issues(), visit.t.zone
    search = letter_search.Search(q.strip(), campagne, etat, annee)
    number = int(p) if p.isdecimal() and len(p) < _DIGITS else 1
    return page(
        request,
        "letters.html",
        visit,
        here="letters",
        results=letter_search.find(every, search, number=number, zone=zone),
        search=search,
        # Also those of which only a departure is left.
        campaigns={**found.campaigns, **{each.campaign.slug: each.campaign for each in every}},
        problems=problems,
        sought=letter_search.STATES,
        years=letter_search.years(every, zone),
        this_year=local_date(visit.mailer.clock.now(), zone).year,
        at=lambda each: month.local_departure(each, zone),
    )


@router.get("/lettres/{campaign}/{issue}", name="letter")
def letter(
    request: Request,
    visit: Visiting,
    campaign: str,
    issue: str,
    vue: str = "ordinateur",
    pour: str = "",
    fait: str = "",
) -> Response:
    reader = shown_as.by_key(visit, pour)
    return show(request, visit, f"{campaign}/{issue}", view=vue, reader=reader, done=fait)


@router.post("/lettres/{campaign}/{issue}/lecteur", name="show_letter_as")
def show_as(
    request: Request, visit: Visiting, campaign: str, issue: str, pour: shown_as.Typed = "", vue: View = ""
) -> Response:
    """On to the letter as this person sees it; without one where it is no address, with the reason."""
    ref = f"{campaign}/{issue}"
    view = vue if vue in VIEWS else VIEWS[0]
    try:
        key = shown_as.by_address(visit, pour).key
    except InputError as error:
        return show(request, visit, ref, view=view, error=error, typed={"pour": pour}, status=422)
    return RedirectResponse(f"/lettres/{ref}?vue={view}&pour={key}", status_code=303)


def show(
    request: Request,
    visit: Visit,
    ref: str,
    *,
    view: str = "",
    reader: ShownAs = shown_as.MADE_UP,
    done: str = "",
    error: MailerError | None = None,
    typed: Mapping[str, str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    """The page of one letter; after a refused act with the reason on top and what was `typed` in its field."""
    shown = load(visit, ref, reader.person)
    at = month.local_departure(shown.summary, visit.t.zone)
    return page(
        request,
        "letter.html",
        visit,
        status=status,
        here="letters",
        letter=shown,
        view=view if view in VIEWS else VIEWS[0],
        views=VIEWS,
        reader=reader,
        done=done,
        error=error,
        wanted=error.wanted if isinstance(error, UnconfirmedError) else "",
        typed=typed or {},
        at=at,
        live=shown.progress is not None and shown.progress.is_watched,
        doubt_class=visit.mailer.provider.caps.doubt_class,
        can_ask=visit.mailer.provider.caps.can_resolve,
        is_past=at is not None and at < month.local_now(visit.mailer.clock.now(), visit.t.zone),
    )


def load(visit: Visit, ref: str, reader: Person) -> Letter:
    """The letter, incomplete as it may be, with what this user may see; raises NotFoundError for an unknown one."""
    mailer, language = visit.mailer, visit.t.language
    letters = mailer.issues()
    summary = next((each for each in letters if each.ref == ref), None)
    if summary is None:
        mailer.find(ref)
        raise NotFoundError("There is no letter {ref}.", ref=ref)
    preview, failure = None, None
    try:
        preview = mailer.preview(ref, person=reader)
    except InputError as error:
        failure = error
    review = mailer.reviews.of(
        summary.campaign,
        summary.issue,
        preview.compiled if preview else None,
        may_approve=visit.may("approve"),
    )
    looked_at = mailer.outside.looked_at(preview.compiled) if preview else None
    send, foreseen = summary.send, _foreseen(mailer, ref, language)
    with mailer.store.read() as tx:
        return Letter(
            summary=summary,
            preview=preview,
            failure=failure,
            foreseen=foreseen,
            pressure=_pressure(mailer, summary, foreseen),
            looked_at=looked_at,
            review=review,
            acts=acts.about(tx, ref),
            progress=progress_of(tx, mailer, mailer.translator(language), send, summary.counts)
            if send
            else None,
            doubts=doubts(tx, send.id) if send and send.id and summary.counts.get("in_doubt") else (),
            over=_over(mailer, summary, foreseen.audience if foreseen else None),
            copies=count_holders(tx, summary.campaign.slug, summary.issue.slug) if send else 0,
            corrected=next((each for each in letters if _corrects(summary, each)), None),
            errata=tuple(each for each in letters if _corrects(each, summary)),
        )


def _corrects(erratum: IssueSummary, other: IssueSummary) -> bool:
    return (erratum.campaign.slug, erratum.issue.erratum_of) == (other.campaign.slug, other.issue.slug)


def _over(mailer: Mailer, summary: IssueSummary, audience: Audience | None) -> tuple[ReceiverCount, ...]:
    """Of the people whom it targeted, or would target now."""
    if summary.send and summary.send.id and summary.send.planned:
        return tuple(each for each in mailer.receivers.of_send(summary.send.id) if each.is_over)
    return mailer.receivers.over_in(audience.contact_ids) if audience else ()


def _foreseen(mailer: Mailer, ref: str, language: str) -> Foreseen | None:
    try:
        return mailer.departures.foresee(ref, language=language)
    except InputError:
        return None


def _pressure(mailer: Mailer, summary: IssueSummary, foreseen: Foreseen | None) -> Pressure | None:
    """As long as another day can be chosen; of a scheduled letter for its day."""
    if foreseen is None or not (summary.is_writable or summary.state == "scheduled"):
        return None
    local_at = summary.send.local_at if summary.send and summary.state == "scheduled" else None
    return mailer.departures.pressure(summary.ref, at=local_at, audience=foreseen.audience)
