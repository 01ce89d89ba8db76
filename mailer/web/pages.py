"""Pages: Jinja2 templates that escape everything, filled for one visit."""

from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from mailer import reporting
from mailer.i18n import Translator
from mailer.web import account_words, letter_words, planning, words
from mailer.web.protection import LIVE_POLICY, SCRIPT_POLICY
from mailer.web.visits import Visit, language_of, mailer_of, theme_of

FOLDER = Path(__file__).parent / "templates"
#: Files of ours that ask the desk for parts of a page.
_ASKING = {"live.js", "importing.js"}


@cache
def desk_pages() -> Environment:
    """The environment of the desk, one for this process: a template is compiled once; `t` is given to each page."""
    pages = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.globals["words"] = words
    pages.globals["letter_words"] = letter_words
    pages.globals["account_words"] = account_words
    pages.globals["planning"] = planning
    pages.globals["reporting"] = reporting
    return pages


def page(
    request: Request,
    name: str,
    visit: Visit,
    *,
    status: int = 200,
    live: bool = False,
    script: str = "",
    **values: Any,
) -> HTMLResponse:
    """A page of the desk, with its navigation; `live`: parts of it renew themselves. `script` is a file of ours."""
    script = "live.js" if live else script
    answer = _render(request, name, visit.t, status, visit=visit, live=live, script=script, **values)
    if script:
        answer.headers["Content-Security-Policy"] = LIVE_POLICY if script in _ASKING else SCRIPT_POLICY
    return answer


def open_page(request: Request, name: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A page for somebody who has not logged in: the entrance, an error."""
    mailer = mailer_of(request)
    t = mailer.translator(language_of(request, mailer))
    return _render(request, name, t, status, visit=None, **values)


def _render(request: Request, name: str, t: Translator, status: int, **values: Any) -> HTMLResponse:
    mailer = mailer_of(request)
    template = request.app.state.pages.get_template(name)
    shared = {
        "error": None,
        "live": False,
        "script": "",
        "t": t,
        "theme": theme_of(request),
        "network": mailer.settings.network.name,
    }
    return HTMLResponse(template.render(**(shared | values)), status_code=status)
