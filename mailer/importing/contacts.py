"""Contacts with their subscriptions and their answer about the measure of opens.

An import never lifts an exclusion, an unsubscription or a refused consent: it only adds what nobody had said yet.
"""

from collections.abc import Mapping
from datetime import datetime

from mailer.importing.columns import Columns, Line
from mailer.importing.erasures import Erasures
from mailer.importing.report import CellError, ImportReport, Tally
from mailer.importing.table import Table
from mailer.importing.values import read_address, read_date, read_siren, read_yes
from mailer.model.people import TrackingConsent
from mailer.store import Tx, imports, moves, organisations, staging
from mailer.store.staging import ContactLine
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
_CONSENTS = {
    True: TrackingConsent.GRANTED.value,
    False: TrackingConsent.DENIED.value,
    None: TrackingConsent.UNKNOWN.value,
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
    tally = Tally()
    ids = organisations.ids_by_siren(tx)
    moved = moves.present_addresses(tx)
    taken = _taken(
        columns, tally, known=ids, topics=tuple(topics), erasures=Erasures(tx, signer), moved=moved
    )
    run_id = None if dry_run else imports.begin(tx, kind=_KIND, file_name=table.name, at=at, by=by)
    counts = staging.merge(
        tx,
        list(taken.values()),
        topics=tuple(topics),
        organisation_ids=ids,
        at=at,
        source=f"import {table.name}",
        run_id=run_id,
    )
    report = tally.report(_KIND, table, counts, ignored=columns.ignored, recognised=columns.recognised)
    if run_id is not None:
        imports.conclude(tx, run_id, counts=report.counts())
    return report


def known_columns(topics: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Those of every file of contacts, and one for each topic."""
    return {**COLUMNS, **{_asking(topic): headings for topic, headings in topics.items()}}


def _taken(
    columns: Columns,
    tally: Tally,
    *,
    known: Mapping[str, int],
    topics: tuple[str, ...],
    erasures: Erasures,
    moved: Mapping[str, str],
) -> dict[str, ContactLine]:
    """Address -> what the file says of it; the lines that say nothing usable go to the tally."""
    taken: dict[str, ContactLine] = {}
    for line in columns.lines(tally):
        try:
            found = _read(line, topics)
            erasures.refuse(line, found.address)
        except CellError as error:
            tally.reject(line.number, error)
            continue
        if found.address in moved:
            tally.note(line.number, columns.heading("address"), "moved", found.address)
            found = found._replace(address=moved[found.address])
        if found.siren and found.siren not in known:
            tally.note(line.number, columns.heading("siren"), "unknown-organisation", found.siren)
        first = taken.get(found.address)
        tally.duplicates += first is not None
        taken[found.address] = _filled(first, found) if first else found
    return taken


def _asking(topic: str) -> str:
    return f"topic:{topic}"


def _read(line: Line, topics: tuple[str, ...]) -> ContactLine:
    return ContactLine(
        address=read_address(line, "address"),
        first_name=line.text("first_name"),
        last_name=line.text("last_name"),
        job=line.text("job"),
        siren=read_siren(line, "siren"),
        source=line.text("source"),
        registered_on=read_date(line, "registered_on"),
        tracking=_CONSENTS[read_yes(line, "tracking")],
        topics=frozenset(topic for topic in topics if read_yes(line, _asking(topic))),
    )


def _filled(first: ContactLine, later: ContactLine) -> ContactLine:
    return ContactLine(
        address=first.address,
        first_name=first.first_name or later.first_name,
        last_name=first.last_name or later.last_name,
        job=first.job or later.job,
        siren=first.siren or later.siren,
        source=first.source or later.source,
        registered_on=first.registered_on or later.registered_on,
        tracking=_stricter(first.tracking, later.tracking),
        topics=first.topics | later.topics,
    )


def _stricter(one: str, other: str) -> str:
    """Of two answers in one file the refusal holds."""
    denied, granted = TrackingConsent.DENIED.value, TrackingConsent.GRANTED.value
    return next((answer for answer in (denied, granted) if answer in {one, other}), one)
