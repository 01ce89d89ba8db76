"""The sign-up form as HTML to copy into any page: no script, no style, no file of ours, so no visitor is known to us."""

from collections.abc import Sequence

from mailer.app.topics import Topic
from mailer.i18n import Translator
from mailer.settings import Settings
from mailer.web.pages import desk_pages
from mailer.web.public.signing_up import TRAP


def snippet(settings: Settings, offers: Sequence[Topic], language: str) -> str:
    """The form in one language; it posts to `base_url/inscription`, which answers with a page of ours."""
    t = Translator(language, settings.time_zone)
    template = desk_pages().get_template("snippet.html")
    return template.render(
        t=t,
        offers=offers,
        trap=TRAP,
        action=f"{settings.base_url}/inscription",
        network=settings.network.name,
    )
