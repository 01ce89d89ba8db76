"""Contacts with their subscriptions and their answer about the measure of opens.

An import never lifts an exclusion, an unsubscription or a refused consent: it only adds what nobody had said yet.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial

from mailer.errors import SpreadsheetError
from mailer.importing.columns import Columns, plain
from mailer.importing.contact_lines import ContactLines, Known
from mailer.importing.erasures import Erasures
from mailer.importing.report import Findings, ImportReport
from mailer.importing.table import Table
from mailer.model.people import BY_IMPORT
from mailer.store import Tx, imports, mandates, moves, organisations, staging
from mailer.store.contact_stage import MAX_TOPICS
from mailer.tokens import Signer

_KIND = "contacts"
#: Without them no line says anything.
REQUIRED = ("address",)
COLUMNS = {
    "address": ("courriel", "e-mail", "email", "adresse e-mail", "adresse électronique", "mail", "adresse"),
    "first_name": ("prénom", "first name", "firstname"),
    "last_name": ("nom", "nom de famille", "last name", "lastname"),
    "job": ("fonction", "job", "poste"),
    "organisation": ("collectivité", "organisme", "organisation"),
    "siren": ("siren",),
    "registered_on": ("date d'inscription", "inscrit le", "registered on"),
    "source": ("source", "origine", "provenance"),
    "tracking": ("mesure d'ouverture", "tracking", "consentement à la mesure"),
}
#: Headings that subscribe to a topic.
TOPICS: Mapping[str, tuple[str, ...]] = {
    "newsletter": ("newsletter", "lettre d'information"),
    "flash": ("flash hebdo", "flash"),
    "mailing": ("mailing", "mailings", "informations ponctuelles"),
}


def import_contacts(
    tx: Tx,
    table: Table,
    *,
    at: datetime,
    by: str,
    dry_run: bool = False,
    signer: Signer | None = None,
    topics: Mapping[str, tuple[str, ...]] = TOPICS,
) -> ImportReport:
    """One contact per address: a later line of the same address fills what the first left empty.

    `topics` maps a topic to the headings whose yes subscribes to it. With a signer, people who were erased stay away.
    """
    columns = Columns(table, known_columns(topics), required=REQUIRED)
    findings = Findings()
    erasures = Erasures(tx, signer)
    known = Known(
        organisations.ids_by_siren(tx),
        erasures,
        moves.present_addresses(tx),
        mandates.ended(tx),
        _by_name(tx),
    )
    asked = _asked(columns, topics, table.name)
    lines = ContactLines(columns, findings, known=known, topics={each: _asking(each) for each in asked})
    run_id = None if dry_run else imports.begin(tx, kind=_KIND, file_name=table.name, at=at, by=by)
    counts, findings.duplicates = staging.merge(
        tx,
        lines.rows(),
        topics=asked,
        at=at,
        source=f"{BY_IMPORT}{table.name}",
        run_id=run_id,
        erased_since=partial(erasures.since, tx),
    )
    report = findings.report(_KIND, table, counts, ignored=columns.ignored, recognised=columns.recognised)
    if run_id is not None:
        imports.conclude(tx, run_id, counts=report.counts())
    return report


def known_columns(topics: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Those of every file of contacts, and one for each topic."""
    return {**COLUMNS, **{_asking(topic): headings for topic, headings in topics.items()}}


def _by_name(tx: Tx) -> dict[str, int | None]:
    """Plain name -> the organisation that alone bears it, None where several do."""
    found: dict[str, int | None] = {}
    for number, name in organisations.names(tx):
        found[plain(name)] = None if plain(name) in found else number
    return found


def _asked(columns: Columns, topics: Iterable[str], file: str) -> tuple[str, ...]:
    """The topics that the file has a column for; raises SpreadsheetError for more than one import can hold."""
    asked = tuple(each for each in topics if _asking(each) in columns.places)
    if len(asked) > MAX_TOPICS:
        raise SpreadsheetError(
            "{file} has {columns} columns of topics; at most {limit}. Import them in several files.",
            file=file,
            columns=len(asked),
            limit=MAX_TOPICS,
        )
    return asked


def _asking(topic: str) -> str:
    return f"topic:{topic}"
