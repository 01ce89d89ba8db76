"""What the database knows of one person."""

from sqlalchemy import select

from mailer.model.columns import table
from mailer.model.events import Event
from mailer.model.people import Consent, Contact, Exclusion, Subscription, SubscriptionChange
from mailer.store import Store


def rows(store: Store, model, *columns: str) -> list[tuple]:  # type: ignore[no-untyped-def, type-arg]
    """These columns of every row, in a stable order."""
    found = table(model)
    with store.read() as tx:
        return sorted(tuple(row) for row in tx.execute(select(*(found.c[name] for name in columns))))


def exclusions(store: Store) -> list[tuple]:  # type: ignore[type-arg]
    return rows(store, Exclusion, "address", "scope", "reason")


def subscriptions(store: Store) -> list[tuple]:  # type: ignore[type-arg]
    return rows(store, Subscription, "topic", "state")


def changes(store: Store) -> list[tuple]:  # type: ignore[type-arg]
    return rows(store, SubscriptionChange, "topic", "state", "source")


def consents(store: Store) -> list[tuple]:  # type: ignore[type-arg]
    return rows(store, Consent, "state", "wording", "source")


def tracking(store: Store) -> str:
    return str(rows(store, Contact, "tracking")[0][0])


def events(store: Store) -> list[tuple]:  # type: ignore[type-arg]
    return rows(store, Event, "provider", "kind", "delivery_id")
