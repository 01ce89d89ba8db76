"""A small world for sends, by hand: people, a snapshot, a send, and what the ledger says of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from mailer.clock import FixedClock
from mailer.freezing import freeze
from mailer.model.columns import table
from mailer.model.ledger import Attempt, Delivery, Send, Snapshot
from mailer.model.people import Contact, Membership, Organisation, Subscription
from mailer.model.segment import Group, Junction, Segment
from mailer.model.workspace import Campaign, Compiled, Issue, Tracking
from mailer.providers import Provider
from mailer.sending import Sender, schedule
from mailer.settings import ProviderSettings, Settings
from mailer.store import Store, Tx, exclusions, send_secrets
from mailer.tokens import Signer
from tests.conftest import NOW

contact, delivery, send_table, attempt = table(Contact), table(Delivery), table(Send), table(Attempt)
membership, subscription, organisation = table(Membership), table(Subscription), table(Organisation)

EVERYBODY = Segment("abonnes", "Abonnés", Path("audiences/abonnes.toml"))
MEMBERS = Segment("adherents", "Adhérents", Path("audiences/adherents.toml"), members_only=True)
NOBODY = Segment(
    "personne", "Personne", Path("audiences/personne.toml"), where=Group(Junction.ALL, (Group(Junction.ANY),))
)
CAMPAIGN = Campaign(
    slug="lettre",
    title="La lettre",
    path=Path("campaigns/lettre"),
    topic="newsletter",
    segment="abonnes",
    layout="letter",
    sender_name="Réseau",
    sender_address="lettre@reseau.example",
    reply_to="contact@reseau.example",
)


def campaign(**changes: Any) -> Campaign:
    return Campaign(**{**{name: getattr(CAMPAIGN, name) for name in CAMPAIGN.__slots__}, **changes})


def compiled(**changes: Any) -> Compiled:
    values: dict[str, Any] = {
        "campaign": "lettre",
        "issue": "2026-06",
        "subject": "Juin",
        "preheader": "",
        "html": "<p>Bonjour</p>",
        "text": "Bonjour",
    }
    return Compiled(**{**values, **changes})


@dataclass
class World:
    """One store with its clock; everything a test asks of the ledger in a word."""

    store: Store
    clock: FixedClock
    signer: Signer
    root: Path
    changes: dict[str, Any] = field(default_factory=dict)
    _made: tuple[dict[str, Any], Settings] | None = field(default=None, init=False)

    @property
    def now(self) -> datetime:
        return self.clock.now()

    @property
    def settings(self) -> Settings:
        """Read anew only when something was changed: the settings look at every variable of the environment."""
        if self._made is None or self._made[0] != self.changes:
            provider = ProviderSettings(rate="1000/s", threads=4)
            values: dict[str, Any] = {"workspace": self.root, "provider": provider, "lease_seconds": 60}
            self._made = dict(self.changes), Settings(**{**values, **self.changes})
        return self._made[1]

    def sender(self, provider: Provider, **others: Any) -> Sender:
        return Sender(
            store=self.store,
            settings=self.settings,
            signer=self.signer,
            clock=others.pop("clock", self.clock),
            provider=provider,
            **others,
        )

    def people(
        self, count: int, *, tracking: str = "unknown", member: bool = True, start: int = 0, job: str = ""
    ) -> list[int]:
        """So many subscribers `p<n>@ville.example` of one new organisation, which is a member or not."""
        with self.store.write() as tx:
            where = self._organisation(tx, member=member)
            rows = [_person(start + n, where, tracking=tracking, job=job) for n in range(count)]
            made = contact.insert().returning(contact.c.id, sort_by_parameter_order=True)
            numbers = [int(number) for number in tx.execute(made, rows).scalars()] if rows else []
            if numbers:
                common = {"topic": "newsletter", "state": "subscribed", "at": NOW}
                tx.execute(subscription.insert(), [{"contact_id": number, **common} for number in numbers])
            return numbers

    def _organisation(self, tx: Tx, *, member: bool) -> int:
        number = tx.execute(select(func.count()).select_from(organisation)).scalar_one()
        common = {"created_at": NOW, "updated_at": NOW, "kind": "ville", "region": "", "departement": ""}
        made = tx.execute(organisation.insert().values(name=f"Ville {number}", **common))
        [key] = made.inserted_primary_key or ()
        if member:
            tx.execute(membership.insert().values(organisation_id=key, from_on=date(2020, 1, 1)))
        return int(key)

    def freeze(
        self,
        *,
        segment: Segment = EVERYBODY,
        campaign: Campaign = CAMPAIGN,
        slug: str = "2026-06",
        erratum_of: str = "",
        asks: bool = False,
        number: int | None = None,
        **changes: Any,
    ) -> Snapshot:
        path = Path(f"{slug}.md")
        front = {"asks_consent": True} if asks else {}
        issue = Issue(
            campaign=campaign.slug,
            slug=slug,
            subject="Juin",
            path=path,
            number=number,
            erratum_of=erratum_of,
            front=front,
        )
        with self.store.write() as tx:
            return freeze(
                tx,
                campaign=campaign,
                issue=issue,
                segment=segment,
                compiled=compiled(issue=slug, **changes),
                state=self.settings.state,
                at=self.now,
                by="anne",
            )

    def schedule(
        self,
        *,
        campaign: Campaign = CAMPAIGN,
        send_at: datetime | None = None,
        usual_rate: float | None = None,
        **others: Any,
    ) -> int:
        """Freeze and schedule an issue, for now unless told otherwise; gives the send's id."""
        snapshot = self.freeze(campaign=campaign, **others)
        at = send_at or self.now
        with self.store.write() as tx:
            send = schedule(
                tx, snapshot, campaign=campaign, send_at=at, local_at=f"{at:%Y-%m-%d %H:%M}", by="anne", at=self.now,
                usual_rate=usual_rate,
            )  # fmt: skip
        assert send.id is not None
        return send.id

    def rows(self, send_id: int) -> list[Any]:
        with self.store.read() as tx:
            found = select(delivery).where(delivery.c.send_id == send_id).order_by(delivery.c.id)
            return list(tx.execute(found))

    def row(self, send_id: int, address: str) -> Any:
        [found] = [each for each in self.rows(send_id) if each.address == address]
        return found

    def states(self, send_id: int) -> dict[str, int]:
        found: dict[str, int] = {}
        for row in self.rows(send_id):
            found[row.state] = found.get(row.state, 0) + 1
        return found

    def send(self, send_id: int) -> Any:
        with self.store.read() as tx:
            return tx.execute(select(send_table).where(send_table.c.id == send_id)).one()

    def secret(self, send_id: int) -> bytes:
        """That of an anonymous send; empty once it is gone."""
        with self.store.read() as tx:
            return bytes(send_secrets.read(tx, send_id))

    def attempts(self, delivery_id: int) -> list[Any]:
        with self.store.read() as tx:
            found = select(attempt).where(attempt.c.delivery_id == delivery_id).order_by(attempt.c.n)
            return list(tx.execute(found))

    def exclude(self, address: str, *, scope: str = "*", reason: str = "by_hand") -> None:
        with self.store.write() as tx:
            exclusions.add(tx, address=address, scope=scope, reason=reason, at=self.now, source="test")

    def set(self, send_id: int, **values: Any) -> None:
        """Change every delivery of a send by hand."""
        with self.store.write() as tx:
            tx.execute(delivery.update().where(delivery.c.send_id == send_id).values(**values))

    def do(self, act: Any, send_id: int, **others: Any) -> None:
        """pause, resume or cancel, in a transaction of its own."""
        with self.store.write() as tx:
            act(tx, send_id, by="anne", at=self.now, **others)

    def later(self, **by: float) -> None:
        self.clock.advance(timedelta(**by))


def addresses(numbers: Sequence[int] | range) -> list[str]:
    return sorted(f"p{number}@ville.example" for number in numbers)


def _person(number: int, where: int, *, tracking: str, job: str) -> dict[str, Any]:
    return {
        "address": f"p{number}@ville.example",
        "first_name": f"Prénom{number}",
        "last_name": "Nom",
        "job": job,
        "organisation_id": where,
        "language": "fr",
        "source": "",
        "tracking": tracking,
        "attributes": {},
        "created_at": NOW,
        "updated_at": NOW,
    }


__all__ = [
    "CAMPAIGN", "EVERYBODY", "MEMBERS", "NOBODY", "Tracking", "World", "addresses", "campaign", "compiled",
]  # fmt: skip
