"""The sign-up form: for everybody, without a cookie, also sent from a copy of it on another site.

Nobody is told whether an address is known: the same page answers at once, and the mail leaves afterwards.
"""

from collections.abc import Sequence

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from mailer.addresses import AddressError, normalise
from mailer.app.topics import Topic
from mailer.errors import InputError
from mailer.i18n import LANGUAGES, language_asked
from mailer.subscribing import Wish
from mailer.web.public.answers import Handler, guarded, page
from mailer.web.public.forms import read_form
from mailer.web.public.services import PublicServices

#: A field that people do not see and programs fill in.
TRAP = "website"
_MOST_LETTERS = 120


def sign_up(services: PublicServices) -> Handler:
    async def answer(request: Request) -> Response:
        offers = await run_in_threadpool(services.signups.offers)
        if not offers:
            closed = InputError("Nobody can sign up here at the moment.")
            language = _language(services, request, None)
            return page(services, "sentence.html", language=language, status=404, error=closed)
        if request.method != "POST":
            return _form(services, _language(services, request, None), offers)
        return await _ask(services, request, offers)

    return guarded(services, answer)


async def _ask(services: PublicServices, request: Request, offers: Sequence[Topic]) -> Response:
    form = await read_form(request) or FormData()
    language = _language(services, request, form)
    try:
        wish = _wish(form, offers, language)
    except InputError as error:
        return _form(services, language, offers, form=form, error=error, status=422)
    host = request.client.host if request.client else ""
    if not services.limit.allows(host):
        many = InputError("Too many requests came from your network. Try again in an hour.")
        return _form(services, language, offers, form=form, error=many, status=429)
    if form.get(TRAP):
        return page(services, "asked.html", language=language)
    await run_in_threadpool(services.signups.ask, wish)
    answered = page(services, "asked.html", language=language)
    answered.background = BackgroundTask(services.signups.send_waiting)
    return answered


def _wish(form: FormData, offers: Sequence[Topic], language: str) -> Wish:
    """What the form says; topics that are not offered do not count. Raises InputError with what to mend."""
    address = normalise(_text(form, "address"))
    asked = {str(each) for each in form.getlist("topic")}
    topics = tuple(each.name for each in offers if each.name in asked)
    if not topics:
        raise InputError("Tick at least one letter.")
    return Wish(address, topics, language, _text(form, "organisation")[:_MOST_LETTERS])


def _form(
    services: PublicServices,
    language: str,
    offers: Sequence[Topic],
    *,
    form: FormData | None = None,
    error: InputError | None = None,
    status: int = 200,
) -> Response:
    typed = form or FormData()
    return page(
        services,
        "sign_up.html",
        language=language,
        status=status,
        offers=offers,
        trap=TRAP,
        error=error,
        wrong="address" if isinstance(error, AddressError) else "",
        address=_text(typed, "address"),
        organisation=_text(typed, "organisation"),
        # Nothing is ticked beforehand: a consent is an act of the person.
        ticked={str(each) for each in typed.getlist("topic")},
    )


def _language(services: PublicServices, request: Request, form: FormData | None) -> str:
    """The one that the form was written in, else the link's, else what the browser asks for."""
    asked = (_text(form, "language") if form else "") or request.query_params.get("langue", "")
    if asked in LANGUAGES:
        return asked
    return language_asked(request.headers.get("accept-language", "")) or services.settings.language


def _text(form: FormData, name: str) -> str:
    """One line as typed: blanks are joined, what is no letter is a blank."""
    value = form.get(name)
    shown = "".join(each if each.isprintable() else " " for each in value) if isinstance(value, str) else ""
    return " ".join(shown.split())
