"""A reader without an account: the real mail in a frame without rights, remarks, a yes or a no. No cookie, no script."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from mailer.app import answering
from mailer.app.answering import Effect
from mailer.app.editions import READER
from mailer.app.preview import preview_links
from mailer.errors import InputError
from mailer.freezing import reviewing
from mailer.model.ledger import Approval, Snapshot
from mailer.model.proofs import ProofLink, Remark, Verdict
from mailer.rendering import Copies, generic_text
from mailer.store import proofs, snapshots
from mailer.web.public.answers import HEADERS, Handler, guarded, page
from mailer.web.public.forms import read_form
from mailer.web.public.services import PublicServices

_VERDICTS = {"approve": Verdict.APPROVED, "refuse": Verdict.REFUSED}
_FIELDS = ("act", "name", "text", "block")
#: Links open beside the page: it shows nothing but the mail in its frame.
_HEAD, _BASE = "<head>", '<head><base target="_blank">'


@dataclass(frozen=True, slots=True)
class Reading:
    """What the page shows: the version, and what was said by this link."""

    link: ProofLink
    version: Snapshot
    remarks: list[Remark]
    answer: Approval | None
    #: Whether a later version was frozen since.
    is_outdated: bool

    @property
    def subject(self) -> str:
        return generic_text(self.version.subject)

    @property
    def second_subject(self) -> str:
        """What half of the people get as subject: an answer is about both."""
        return generic_text(self.version.second_subject)


def reading(services: PublicServices) -> Handler:
    async def answer(request: Request) -> Response:
        token = request.path_params["token"]
        form = await read_form(request) if request.method == "POST" else None
        error: InputError | None = None
        effect = Effect.KEPT
        if request.method == "POST":
            try:
                effect = await run_in_threadpool(_take, services, token, form)
            except InputError as refused:
                error = refused
        # Refused here too where the link has ended, whatever was typed.
        shown = await run_in_threadpool(_load, services, token)
        return page(
            services,
            "reading.html",
            language=shown.version.language,
            status=422 if error else 200,
            shown=shown,
            token=token,
            error=error,
            effect=effect.value,
            done=_text(form, "act") if form and not error else "",
            typed=_typed(form, keep=error is not None),
        )

    return guarded(services, answer)


def read_mail(services: PublicServices) -> Handler:
    """The frozen mail itself, as a made-up reader gets it."""
    policy = (
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
        f"img-src 'self' {services.settings.base_url}; style-src 'unsafe-inline'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'self'"
    )

    async def answer(request: Request) -> Response:
        shown = await run_in_threadpool(_load, services, request.path_params["token"])
        html = _html(services, shown)
        return HTMLResponse(html, headers={**HEADERS, "Content-Security-Policy": policy})

    return guarded(services, answer)


def _take(services: PublicServices, token: str, form: FormData | None) -> Effect:
    """Record what one of our forms says; what that did."""
    act, name, text = _text(form, "act"), _text(form, "name"), _text(form, "text")
    with services.store.write() as tx:
        now = services.clock.now()
        link = reviewing.opened(tx, services.signer, token, at=now)
        if act in _VERDICTS:
            return answering.answer(tx, link, _VERDICTS[act], by=name, text=text, at=now)
        if act != "remark":
            raise InputError("This form is not complete. Go back and fill it in again.")
        block = _text(form, "block")
        number = int(block) if block.isdecimal() and len(block) < 6 else None
        reviewing.remark(tx, link, by=name, text=text, block=number, at=now)
        return Effect.KEPT


def _load(services: PublicServices, token: str) -> Reading:
    with services.store.read() as tx:
        link = reviewing.opened(tx, services.signer, token, at=services.clock.now())
        where = {"campaign": link.campaign, "issue": link.issue}
        given = [each for each in snapshots.verdicts(tx, **where) if each.link_id == link.public_id]
        return Reading(
            link=link,
            version=snapshots.get(tx, link.snapshot_id),
            remarks=proofs.remarks_of_link(tx, link.public_id),
            answer=given[0] if given else None,
            is_outdated=proofs.latest_version(tx, **where) != link.snapshot_id,
        )


def _html(services: PublicServices, shown: Reading) -> str:
    """As it would leave at the hour that the answer is about."""
    local_at = shown.link.local_at
    copies = Copies.of(shown.version, day=datetime.fromisoformat(local_at).date() if local_at else None)
    html = copies.content(READER, preview_links(services.settings.base_url)).html
    return html.replace(_HEAD, _BASE, 1)


def _text(form: FormData | None, name: str) -> str:
    return str(form.get(name) or "") if form else ""


def _typed(form: FormData | None, *, keep: bool) -> Mapping[str, str]:
    """The name stays for the next remark, without any cookie; the rest only where it was refused."""
    return {name: _text(form, name) if keep or name == "name" else "" for name in _FIELDS}
