"""A small crowd in which every field has every kind of value, stored and as plain Python."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import product

from mailer.model.columns import table
from mailer.model.ledger import Delivery, Send, Snapshot
from mailer.model.people import Contact, Exclusion, Membership, Organisation, Subscription
from mailer.store import Tx
from tests.conftest import NOW

TODAY = NOW.date()
TOPIC = "newsletter"


@dataclass(frozen=True)
class Body:
    """An organisation; `periods` are its memberships."""

    id: int
    name: str
    kind: str
    region: str
    population: int | None
    periods: tuple[tuple[date, date | None], ...] = ()

    @property
    def held(self) -> tuple[date, date | None] | None:
        return next((p for p in self.periods if p[0] <= TODAY and (p[1] is None or p[1] >= TODAY)), None)


@dataclass(frozen=True)
class Human:
    id: int
    address: str
    first_name: str
    job: str
    registered_on: date | None
    body: Body | None
    subscribed: bool = True
    attributes: dict[str, object] = field(default_factory=dict)
    exclusion: str | None = None
    #: The issues of the campaign `flash` of which a copy is in the ledger, with what became of it.
    copies: tuple[tuple[str, str], ...] = ()

    @property
    def received(self) -> tuple[str, ...]:
        return tuple(f"flash/{issue}" for issue, state in self.copies if state == "accepted")


BODIES = (
    Body(1, "Ville de Saint-Étienne", "ville", "Auvergne-Rhône-Alpes", 174_082, ((date(2010, 1, 1), None),)),
    Body(2, "Ville d'Œuf", "ville", "Occitanie", 900, ((date(2010, 1, 1), TODAY),)),
    Body(
        3,
        "Métropole 100%",
        "intercommunalite",
        "Occitanie",
        None,
        ((date(2010, 1, 1), TODAY - timedelta(1)),),
    ),
    Body(4, "Département_du_Lot", "departement", "", 174_754, ((TODAY + timedelta(1), None),)),
    Body(
        5,
        "ÎLE-DE-FRANCE",
        "region",
        "Île-de-France",
        12_000_000,
        ((TODAY, None), (date(2001, 1, 1), date(2005, 1, 1))),
    ),
)
_NAMES = ("Élise", "elise", "", "{{ 7*7 }}", "O'Neil")
_JOBS = ("élu·e", "Commande publique", "")
_DAYS = (None, TODAY, TODAY - timedelta(30), date(2019, 2, 28))
_ATTRIBUTES: tuple[dict[str, object], ...] = (
    {},
    {"theme": "Foncier", "tags": ["presse", "bénévole", "d'\"été"]},
    {"tags": []},
)
_COPIES: tuple[tuple[tuple[str, str], ...], ...] = (
    (),
    (("2026-05-28", "accepted"),),
    (("2026-05-28", "refused"), ("2026-06-04", "accepted")),
    (("2026-06-04", "planned"),),
)
_EXCLUSIONS = (None, None, None, "complaint", None, "hard_bounce", None)


def crowd() -> list[Human]:
    people = []
    for number, (name, job, body) in enumerate(product(_NAMES, _JOBS, (None, *BODIES)), start=1):
        people.append(
            Human(
                id=number,
                address=f"p{number}@ville.example",
                first_name=name,
                job=job,
                registered_on=_DAYS[number % len(_DAYS)],
                body=body,
                subscribed=number % 11 != 0,
                attributes=_ATTRIBUTES[number % len(_ATTRIBUTES)],
                exclusion=_EXCLUSIONS[number % len(_EXCLUSIONS)],
                copies=_COPIES[number % len(_COPIES)],
            )
        )
    return people


def store_crowd(tx: Tx, people: list[Human]) -> None:
    stamps = {"created_at": NOW, "updated_at": NOW}
    for body in BODIES:
        values = {"id": body.id, "name": body.name, "kind": body.kind, "region": body.region}
        tx.execute(
            table(Organisation)
            .insert()
            .values(**values, population=body.population, departement="", **stamps)
        )
        for from_on, until_on in body.periods:
            tx.execute(
                table(Membership).insert().values(organisation_id=body.id, from_on=from_on, until_on=until_on)
            )
    for person in people:
        tx.execute(
            table(Contact)
            .insert()
            .values(
                id=person.id,
                address=person.address,
                first_name=person.first_name,
                last_name="",
                job=person.job,
                language="fr",
                source="",
                tracking="unknown",
                registered_on=person.registered_on,
                organisation_id=person.body.id if person.body else None,
                attributes=person.attributes,
                **stamps,
            )
        )
        if person.subscribed:
            tx.execute(
                table(Subscription)
                .insert()
                .values(contact_id=person.id, topic=TOPIC, state="subscribed", at=NOW)
            )
        if person.exclusion:
            values = {"address": person.address, "scope": "*", "reason": person.exclusion, "source": "test"}
            tx.execute(table(Exclusion).insert().values(**values, at=NOW))
    _store_copies(tx, people)


def _store_copies(tx: Tx, people: list[Human]) -> None:
    sends = {
        issue: _store_send(tx, issue) for issue in sorted({each for p in people for each, _ in p.copies})
    }
    rows = [
        {
            **Delivery(
                send_id=sends[issue],
                contact_id=person.id,
                address=person.address,
                state=state,
                key=f"{issue}-{person.id}",
            ).model_dump(exclude={"id"})
        }
        for person in people
        for issue, state in person.copies
    ]
    if rows:
        tx.execute(table(Delivery).insert(), rows)


def _store_send(tx: Tx, issue: str) -> int:
    named = {"campaign": "flash", "issue": issue, "content_hash": "x", "tracking": "none"}
    frozen = Snapshot(
        **named, subject="S", html="", text="", topic=TOPIC, segment="{}", sender_name="R",
        sender_address="r@reseau.example", frozen_at=NOW,
    )  # fmt: skip
    snapshot = tx.execute(
        table(Snapshot).insert().values(frozen.model_dump(exclude={"id"})).returning(table(Snapshot).c.id)
    ).scalar_one()
    send = Send(**named, snapshot_id=snapshot, send_at=NOW, public_id=issue, created_at=NOW, state="done")
    made = tx.execute(
        table(Send).insert().values(send.model_dump(exclude={"id"})).returning(table(Send).c.id)
    )
    return int(made.scalar_one())
