"""`mailer signup`: where the sign-up form is, what it offers, and its HTML for other sites."""

from typing import Annotated

import typer

from mailer.cli.output import Json, opened, print_json, say
from mailer.errors import InputError
from mailer.i18n import LANGUAGES
from mailer.web.snippets import snippet


def signup(
    language: Annotated[str, typer.Option(help="Of the form: fr or en.")] = "fr", as_json: Json = False
) -> None:
    """The sign-up form as HTML to copy into any site."""
    if language not in LANGUAGES:
        raise InputError("The form is there in French and English: --language fr or en.")
    with opened() as mailer:
        offers = mailer.signups.offers()
        if not offers:
            raise InputError(
                "Nobody can sign up: the setting signup.topics in mailer.toml names no topic of a campaign."
            )
        html = snippet(mailer.settings, offers, language)
        waiting, confirmed = mailer.signups.counts()
        if as_json:
            url = f"{mailer.settings.base_url}/inscription"
            topics = [{"topic": each.name, "members_only": each.members_only} for each in offers]
            print_json(
                {"url": url, "topics": topics, "waiting": waiting, "confirmed": confirmed, "html": html}
            )
        else:
            say(html.rstrip("\n"))
