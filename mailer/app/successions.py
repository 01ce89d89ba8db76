"""The end of a function, and who follows: a mandate ends, the organisation and its letters go on.

What the list brought for the function passes to the successor: organisation, function, the subscriptions that an
import or a former succession had begun. What a person said themselves is theirs: a subscription by the sign-up form,
by their preferences or at their own wish, and every answer about the measure, stay with them and pass to nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from mailer.addresses import normalise
from mailer.app import local_days
from mailer.app.mailer import Mailer
from mailer.clock import local_date
from mailer.errors import NotFoundError, RefusedError
from mailer.model.people import BY_IMPORT, EVERYTHING, SubscriptionState
from mailer.store import Tx, acts, by_hand, contacts, exclusions, last_opens, mandates, moves, subscriptions

#: So long before its end a function is spoken of.
_SOON = timedelta(days=30)
_MOST_WAITING = 50
_MOST_LETTERS = 200


@dataclass(frozen=True, slots=True)
class Successor:
    """Who follows, new or known here. `moves`: they may leave another organisation for this one."""

    address: str
    first_name: str = ""
    last_name: str = ""
    moves: bool = False


def note_end(mailer: Mailer, address: str, until_on: str, *, by: str) -> None:
    """Their function ends on that day; an empty one: no end is known after all. Raises NotFoundError, RefusedError."""
    at = mailer.clock.now()
    with mailer.store.write() as tx:
        holder = _holder(tx, address)
        if until_on.strip():
            mandates.note(
                tx,
                holder.id,
                organisation_id=holder.organisation_id,
                job=holder.job,
                until_on=local_days.written(until_on),
                by=by,
            )
        else:
            mandates.withdraw(tx, holder.id)
        by_hand.touch(tx, holder.id, at=at)
        acts.record(tx, at=at, by=by, act="end-function", object=str(holder.id), detail=until_on.strip())


def succeed(mailer: Mailer, address: str, until_on: str, chosen: Successor, *, by: str) -> None:
    """The function of this person has ended and this one has it now. Raises NotFoundError, RefusedError.

    The day may be left out where it is known already.
    """
    at = mailer.clock.now()
    new = normalise(chosen.address)
    with mailer.store.write() as tx:
        holder = _holder(tx, address)
        if holder.address == new:
            raise RefusedError("This is the address of the person whose function ends. Give the successor’s.")
        last = _last_day(tx, holder, until_on)
        if last >= local_date(at, mailer.settings.time_zone):
            raise RefusedError(
                "The function is held until {day}: note its last day, and name the successor from the day after.",
                day=last.isoformat(),
            )
        follower = _follower(tx, mailer, new, chosen, holder)
        ended = mandates.note(
            tx, holder.id, organisation_id=holder.organisation_id, job=holder.job, until_on=last, by=by
        )
        mandates.conclude(tx, ended, successor_id=follower, at=at, by=by)
        _pass_subscriptions(tx, holder, follower, new, at=at, by=by)
        by_hand.update(tx, follower, at=at, organisation_id=holder.organisation_id, job=holder.job)
        by_hand.touch(tx, follower, at=at)
        by_hand.update(tx, holder.id, at=at, organisation_id=None, job="")
        acts.record(tx, at=at, by=by, act="succeed", object=str(holder.id), detail=str(follower))


def waiting(mailer: Mailer) -> Sequence[Any]:
    """Functions that end within a month, or have ended, without a successor; the earliest first."""
    with mailer.store.read() as tx:
        return mandates.waiting(tx, until=local_days.today(mailer) + _SOON, limit=_MOST_WAITING)


def history(mailer: Mailer, address: str) -> Sequence[Any]:
    """What a person held or took over, the latest first."""
    with mailer.store.read() as tx:
        found = contacts.find_id(tx, normalise(address))
        return [] if found is None else mandates.of_contact(tx, found)


def passing(mailer: Mailer, address: str) -> list[str]:
    """The topics that would go to a successor."""
    with mailer.store.read() as tx:
        found = contacts.find_id(tx, normalise(address))
        return [] if found is None else _of_function(tx, found)


def _holder(tx: Tx, address: str) -> Any:
    """The person, locked; raises NotFoundError, RefusedError for one without an organisation."""
    found = contacts.find_id(tx, normalise(address), to_write=True)
    if found is None:
        raise NotFoundError("Nobody here has this address.")
    row = by_hand.get(tx, found)
    if row.organisation_id is None:
        raise RefusedError("This person belongs to no organisation: they hold no function that could pass.")
    return row


def _last_day(tx: Tx, holder: Any, until_on: str) -> date:
    known = mandates.open_of(tx, holder.id)
    if known is not None and (known.organisation_id, known.job) != (holder.organisation_id, holder.job):
        raise RefusedError(
            "The end that was noted is of another function, which they no longer have. Note the last day of the present "
            "one first; nothing was changed."
        )
    if until_on.strip() or known is None:
        return local_days.written(until_on)
    last: date = known.until_on
    return last


def _follower(tx: Tx, mailer: Mailer, address: str, chosen: Successor, holder: Any) -> int:
    """The successor’s number, of a contact that is made where there is none."""
    if exclusions.is_erased(tx, mailer.signer.erased(address)):
        raise RefusedError("Whoever has this address asked to be erased: nobody can write to it.")
    if moves.person_of(tx, address) is not None:
        raise RefusedError("This is a former address of somebody here. Give their present one.")
    at = mailer.clock.now()
    number = contacts.find_or_create(
        tx,
        address,
        language=holder.language,
        source=mandates.SOURCE,
        organisation="",
        on=local_date(at, mailer.settings.time_zone),
        at=at,
    )
    row = by_hand.get(tx, number)
    if row.organisation_id not in {None, holder.organisation_id} and not chosen.moves:
        raise RefusedError(
            "This person belongs to another organisation. Tick that they leave it for this one; nothing was changed."
        )
    names = {
        name: row_value or " ".join(getattr(chosen, name).split())[:_MOST_LETTERS]
        for name, row_value in (("first_name", row.first_name), ("last_name", row.last_name))
    }
    by_hand.update(tx, number, at=at, **names)
    return number


def _pass_subscriptions(tx: Tx, holder: Any, follower: int, address: str, *, at: datetime, by: str) -> None:
    """Never over the successor’s own no, or an exclusion."""
    barred = exclusions.barred_scopes(tx, [address]) | exclusions.unsubscribed_scopes(tx, address)
    states, asleep = subscriptions.states(tx, follower), last_opens.ended(tx, follower)
    source = f"{mandates.SOURCE}: {by}"
    for topic in _of_function(tx, holder.id):
        subscriptions.pass_on(tx, holder.id, topic, at=at, source=source, evidence=holder.job)
        left = topic not in asleep and states.get(topic) == SubscriptionState.UNSUBSCRIBED.value
        if not left and not barred & {EVERYTHING, topic}:
            subscriptions.set_state(
                tx,
                contact_id=follower,
                topic=topic,
                state=SubscriptionState.SUBSCRIBED,
                at=at,
                source=source,
                evidence=holder.job,
            )


def _of_function(tx: Tx, contact_id: int) -> list[str]:
    begun = subscriptions.begun_by(tx, contact_id)
    return sorted(topic for topic, source in begun.items() if source.startswith((BY_IMPORT, mandates.SOURCE)))
