"""Having a letter read, from the composer: who is asked, how far the reading is, and what readers said of which block."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from mailer.app.drafts import Draft
from mailer.app.live_preview import Look
from mailer.app.reviews import Review, Said
from mailer.errors import InputError, MailerError, NotFoundError, ProviderHalt, StoreError
from mailer.i18n import marked
from mailer.model.accounts import User
from mailer.store import administering
from mailer.web import letter_words
from mailer.web.pages import page
from mailer.web.visits import Visit, Visiting

router = APIRouter(prefix="/lettres/{campaign}/{issue}/ecrire")

_PILLS = {
    "ok": ("ok", "check", marked("Approved")),
    "fail": ("fail", "fail", marked("Refused")),
    "info": ("review", "eye", marked("Being read")),
    "warn": ("warn", "warn", marked("To be read again")),
}
_MOST_ADDRESSES = 20


@dataclass(frozen=True, slots=True)
class Reading:
    """What the composer shows of the readers. `look` is that of the sentence: ok, fail, warn, info or muted."""

    review: Review
    look: str
    sentence: str

    @property
    def pill(self) -> tuple[str, str, str] | None:
        """Class, icon and words; None where nobody was asked."""
        return _PILLS.get(self.look)

    @property
    def waiting(self) -> tuple[Said, ...]:
        """Those about a block first, in the order of the blocks."""
        return tuple(
            sorted(self.review.waiting, key=lambda each: (each.position is None, each.position or 0))
        )

    @property
    def done(self) -> tuple[Said, ...]:
        return tuple(each for each in self.review.said if each.remark.done_at is not None)

    def at(self, position: int) -> list[Said]:
        """What waits to be answered at the block of this position."""
        return [each for each in self.waiting if each.position == position]


async def _read_form(request: Request) -> FormData:
    return await request.form()


def reading_of(visit: Visit, draft: Draft, look: Look) -> Reading:
    """How far the reading of this very draft is."""
    review = visit.mailer.reviews.of(
        draft.campaign,
        draft.issue,
        look.preview.compiled if look.preview else None,
        may_approve=visit.may("approve"),
        found=draft.workspace,
    )
    return Reading(review, *letter_words.reading(visit.t, review))


@router.get("/relire", name="compose_ask")
def ask(request: Request, visit: Visiting, campaign: str, issue: str) -> Response:
    return _show(request, visit, f"{campaign}/{issue}")


@router.post("/relire", name="compose_ask_reading")
def ask_reading(
    request: Request,
    visit: Visiting,
    campaign: str,
    issue: str,
    form: Annotated[FormData, Depends(_read_form)],
) -> Response:
    """A proof to each, with a link of their own. An approver's own account may approve by it, whoever asks."""
    ref = f"{campaign}/{issue}"
    approvers = {each.address for each in _approvers(visit)}
    typed = str(form.get("others", ""))
    others = typed.lower().replace(",", " ").replace(";", " ").split()
    asked = list(dict.fromkeys([*(str(each).strip().lower() for each in form.getlist("reader")), *others]))
    may_all = visit.may("approve") and form.get("may_approve") == "yes"
    told: list[str] = []
    try:
        if not asked:
            raise InputError("Choose who reads the letter, or write an address.")
        if len(asked) > _MOST_ADDRESSES:
            raise InputError("At most {most} people are asked at once.", most=_MOST_ADDRESSES)
        visit.mailer.send_proof(
            ref,
            to=asked,
            by=visit.user.address,
            with_link=True,
            may_approve=lambda each: may_all or each in approvers,
            told=told.append,
        )
    except NotFoundError:
        raise
    except (InputError, ProviderHalt, StoreError) as error:
        # Whoever has their mail is not asked again by the second try.
        asked = [each for each in asked if each not in told]
        typed = ", ".join(each for each in others if each not in told) if told else typed
        return _show(request, visit, ref, error=error, typed=typed, chosen=frozenset(asked), status=422)
    return RedirectResponse(f"/lettres/{ref}/ecrire?fait=asked#relecture", status_code=303)


def _show(
    request: Request,
    visit: Visit,
    ref: str,
    *,
    error: MailerError | None = None,
    typed: str = "",
    chosen: frozenset[str] = frozenset(),
    status: int = 200,
) -> Response:
    composer = visit.mailer.composer
    composer.require_writable(ref)
    draft = composer.open(ref)
    values: dict[str, Any] = {
        "approvers": [each for each in _approvers(visit) if each.address != visit.user.address],
        "group": visit.mailer.reviews.group(draft.campaign),
        "error": error,
        "typed": typed,
        "chosen": chosen,
    }
    return page(
        request, "compose_ask.html", visit, status=status, here="letters", ref=ref, draft=draft, **values
    )


def _approvers(visit: Visit) -> list[User]:
    with visit.mailer.store.read() as tx:
        return administering.approvers(tx)
