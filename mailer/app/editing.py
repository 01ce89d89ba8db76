"""What a user of the desk changes of one person: fields, subscriptions, the address, and two contacts that are one."""

from dataclasses import dataclass

from mailer.addresses import normalise
from mailer.app.mailer import Mailer
from mailer.app.relocating import relocate, require_still
from mailer.errors import ConflictError, NotFoundError, RefusedError
from mailer.i18n import LANGUAGES
from mailer.model.people import EVERYTHING, ExclusionReason, SubscriptionState
from mailer.store import Tx, acts, by_hand, contacts, exclusions, merging, subscriptions

_MOST_LETTERS = 200


@dataclass(frozen=True, slots=True)
class Fields:
    """What the form of one person holds; `organisation` is a name or a SIREN, empty for none.

    `seen`: when the person that it shows was last changed, in ISO form; empty: whatever stands there is written over.
    """

    first_name: str
    last_name: str
    job: str
    organisation: str
    language: str
    seen: str = ""


def edit(mailer: Mailer, address: str, fields: Fields, *, by: str) -> None:
    """Write the fields down; raises NotFoundError, RefusedError for an organisation that is not one.

    Raises ConflictError where somebody has changed the person since the form was drawn.
    """
    at = mailer.clock.now()
    with mailer.store.write() as tx:
        contact_id = _id(tx, address)
        present = by_hand.get(tx, contact_id)
        if fields.seen and fields.seen != present.updated_at.isoformat():
            raise ConflictError(
                "This person was changed since you opened the page: nothing was written over. Here is what stands "
                "there now; make your change again."
            )
        texts = {
            name: " ".join(getattr(fields, name).split())[:_MOST_LETTERS]
            for name in ("first_name", "last_name", "job")
        }
        named = " ".join(fields.organisation.split())
        organisation_id = _organisation(tx, named, present.organisation_id)
        language = fields.language if fields.language in LANGUAGES else "fr"
        by_hand.update(tx, contact_id, at=at, **texts, organisation_id=organisation_id, language=language)
        acts.record(tx, at=at, by=by, act="edit-person", object=str(contact_id))


def subscribe(mailer: Mailer, address: str, *, topic: str, why: str, by: str) -> None:
    """Subscribe by hand, with who did it and why; never over the person's own no, or an exclusion."""
    at = mailer.clock.now()
    address = normalise(address)
    if not why.strip():
        raise RefusedError("Say what proves that this person wants it: a call, a form on paper, a mail.")
    with mailer.store.write() as tx:
        contact_id = _id(tx, address)
        _require_topic(mailer, topic)
        barred = exclusions.barred_scopes(tx, [address]) | exclusions.unsubscribed_scopes(tx, address)
        left = subscriptions.states(tx, contact_id).get(topic) == SubscriptionState.UNSUBSCRIBED.value
        if left or barred & {EVERYTHING, topic}:
            raise RefusedError(
                "This person is excluded or has unsubscribed: only they can come back, with the sign-up form."
            )
        state = SubscriptionState.SUBSCRIBED
        subscriptions.set_state(
            tx,
            contact_id=contact_id,
            topic=topic,
            state=state,
            at=at,
            source=f"by hand: {by}",
            evidence=why.strip(),
        )


def unsubscribe(mailer: Mailer, address: str, *, topic: str, why: str, by: str) -> None:
    """Unsubscribe at the person's request: as if they had done it themselves."""
    at = mailer.clock.now()
    address, source = normalise(address), f"by hand: {by}"
    with mailer.store.write() as tx:
        contact_id = _id(tx, address)
        _require_topic(mailer, topic)
        reason = ExclusionReason.UNSUBSCRIBED.value
        exclusions.add(tx, address=address, scope=topic, reason=reason, at=at, source=source)
        state = SubscriptionState.UNSUBSCRIBED
        subscriptions.set_state(
            tx, contact_id=contact_id, topic=topic, state=state, at=at, source=source, evidence=why.strip()
        )


def move(mailer: Mailer, address: str, new: str, *, by: str) -> str:
    """The person has another address from now on; gives it. Raises RefusedError where somebody has it already."""
    at = mailer.clock.now()
    address, new = normalise(address), normalise(new)
    with mailer.store.write() as tx:
        contact_id = _id(tx, address)
        if new == address:
            return new
        if contacts.find_id(tx, new) is not None:
            raise RefusedError("Another contact has this address. If it is the same person, merge the two.")
        if exclusions.is_erased(tx, mailer.signer.erased(new)):
            raise RefusedError("Whoever has this address asked to be erased: nobody can write to it.")
        relocate(tx, contact_id, old=address, new=new, at=at, by=by)
        acts.record(tx, at=at, by=by, act="move-person", object=str(contact_id))
    return new


def merge(mailer: Mailer, kept: str, gone: str, *, by: str) -> None:
    """Two contacts are one person, who keeps the first address. Raises NotFoundError, RefusedError."""
    at = mailer.clock.now()
    kept, gone = normalise(kept), normalise(gone)
    if kept == gone:
        raise RefusedError("These are the same contact already.")
    with mailer.store.write() as tx:
        rows = merging.lock(tx, (kept, gone))
        if len(rows) < 2:
            raise NotFoundError("Nobody here has this address.")
        require_still(tx, [row.id for row in rows.values()], address=kept)
        merging.merge(tx, rows[kept], rows[gone], at=at, by=by)
        acts.record(tx, at=at, by=by, act="merge-people", object=str(rows[kept].id))


def _id(tx: Tx, address: str) -> int:
    found = contacts.find_id(tx, normalise(address), to_write=True)
    if found is None:
        raise NotFoundError("Nobody here has this address.")
    return found


def _organisation(tx: Tx, named: str, present: int | None) -> int | None:
    """The one that is named; of several of one name that to which the person belongs already."""
    if not named:
        return None
    found = by_hand.organisations_named(tx, named)
    if present in found:
        return present
    if len(found) != 1:
        raise RefusedError(
            "{name}: no organisation has exactly this name or SIREN, or several have. Give the SIREN.",
            name=named,
        )
    return found[0]


def _require_topic(mailer: Mailer, topic: str) -> None:
    if topic not in mailer.topics():
        raise NotFoundError(
            "There is no topic {slug}. Known: {known}.", slug=topic, known=", ".join(mailer.topics())
        )
