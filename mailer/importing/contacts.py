"""Contacts with their subscriptions and their answer about the measure of opens.

An import never lifts an exclusion, an unsubscription or a refused consent: it only adds what nobody had said yet.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from mailer.addresses import AddressError, normalise
from mailer.importing.columns import Columns, Line, read_date, read_siren, read_yes
from mailer.importing.report import CellError, ImportReport
from mailer.importing.table import Table
from mailer.model.people import TrackingConsent
from mailer.store import Tx, contacts, exclusions, imports, organisations
from mailer.store.contacts import ContactLine
from mailer.tokens import Signer

_COLUMNS = {
    "address": ("courriel", "e-mail", "email", "adresse", "mail", "adresse e-mail", "adresse électronique"),
    "first_name": ("prénom", "first name", "firstname"),
    "last_name": ("nom", "last name", "lastname", "nom de famille"),
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
_CONSENTS = {True: TrackingConsent.GRANTED, False: TrackingConsent.DENIED, None: TrackingConsent.UNKNOWN}


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
    known = {**_COLUMNS, **{f"topic:{topic}": headings for topic, headings in topics.items()}}
    columns = Columns(table, known, required=("address",))
    report = ImportReport("contacts", encoding=table.encoding, ignored_columns=columns.ignored)
    erased = exclusions.erased(tx)
    taken: dict[str, ContactLine] = {}
    for line in columns.lines():
        try:
            found = _read(line, tuple(topics))
            _refuse_erased(line, found.address, erased, signer)
        except CellError as error:
            report.reject(line.number, error.column, error.reason, error.value)
            continue
        first = taken.get(found.address)
        report.duplicates += first is not None
        taken[found.address] = _filled(first, found) if first else found
    _store(tx, list(taken.values()), report, at=at, dry_run=dry_run)
    if not dry_run:
        imports.record(tx, kind=report.kind, file_name=table.name, at=at, by=by, counts=report.counts())
    return report


def _store(tx: Tx, lines: list[ContactLine], report: ImportReport, *, at: datetime, dry_run: bool) -> None:
    ids = organisations.ids_by_siren(tx)
    report.unknown_organisations = sum(1 for each in lines if each.siren and each.siren not in ids)
    report.new, report.changed, report.unchanged = contacts.upsert(
        tx, lines, organisation_ids=ids, at=at, source=f"import {report.kind}", dry_run=dry_run
    )


def _read(line: Line, topics: tuple[str, ...]) -> ContactLine:
    try:
        address = normalise(line.raw("address"))
    except AddressError as error:
        raise CellError(line.heading("address"), error.reason, line.raw("address")) from error
    return ContactLine(
        address=address,
        first_name=line.cell("first_name"),
        last_name=line.cell("last_name"),
        job=line.cell("job"),
        siren=read_siren(line, "siren"),
        source=line.cell("source"),
        registered_on=read_date(line, "registered_on"),
        tracking=_CONSENTS[read_yes(line, "tracking")].value,
        topics=frozenset(topic for topic in topics if read_yes(line, f"topic:{topic}")),
    )


def _refuse_erased(line: Line, address: str, erased: set[str], signer: Signer | None) -> None:
    if erased and signer is not None and f"hmac:{signer.digest('erasure', address.encode()).hex()}" in erased:
        raise CellError(line.heading("address"), "erased", "")


def _filled(first: ContactLine, later: ContactLine) -> ContactLine:
    unknown = TrackingConsent.UNKNOWN.value
    # Of two answers in one file the refusal holds.
    answers = {first.tracking, later.tracking} - {unknown}
    denied = TrackingConsent.DENIED.value
    tracking = denied if denied in answers else next(iter(answers), unknown)
    return replace(
        first,
        first_name=first.first_name or later.first_name,
        last_name=first.last_name or later.last_name,
        job=first.job or later.job,
        siren=first.siren or later.siren,
        source=first.source or later.source,
        registered_on=first.registered_on or later.registered_on,
        tracking=tracking,
        topics=first.topics | later.topics,
    )
