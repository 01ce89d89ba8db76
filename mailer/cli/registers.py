"""`mailer register` and `mailer privacy`: the documents that data protection asks for, from the settings and campaigns."""

from dataclasses import asdict
from typing import Annotated

import typer

from mailer.app import privacy as documents
from mailer.app.privacy import Document
from mailer.cli.output import Json, opened, print_json, say
from mailer.errors import InputError
from mailer.i18n import LANGUAGES

Language = Annotated[str, typer.Option(help="Of the document: fr or en.")]


def register(language: Language = "fr", as_json: Json = False) -> None:
    """The register of processing (GDPR 30), as Markdown."""
    _require(language)
    with opened() as mailer:
        _print(documents.register(mailer, language), as_json=as_json)


def privacy(language: Language = "fr", as_json: Json = False) -> None:
    """The privacy notice (GDPR 13, 14), as Markdown."""
    _require(language)
    with opened() as mailer:
        _print(documents.notice(mailer, language), as_json=as_json)


def _require(language: str) -> None:
    if language not in LANGUAGES:
        raise InputError("The document is there in French and English: --language fr or en.")


def _print(document: Document, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(document))
    else:
        say(document.text().rstrip("\n"))
