"""Proposals of what to remove: a person looks at the counts and types the number; nothing of this happens by itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailer.app.mailer import Mailer
from mailer.clock import local_date
from mailer.errors import NotFoundError, UnconfirmedError
from mailer.store import Tx, acts, last_opens, retention
from mailer.store.retention import Bounds, Digest

_YEAR = timedelta(days=365.25)
_MONTH = _YEAR / 12


@dataclass(frozen=True, slots=True)
class Proposal:
    """One kind of old thing; `before`: what is older is proposed."""

    kind: str
    count: int
    before: datetime


@dataclass(frozen=True, slots=True)
class _Kind:
    count: Callable[[Tx, Bounds], int]
    apply: Callable[[Tx, Bounds, Digest], int]
    before: Callable[[Bounds], datetime]


def _people(bounds: Bounds) -> datetime:
    return bounds.people


def _details(bounds: Bounds) -> datetime:
    return bounds.details


def _now(bounds: Bounds) -> datetime:
    return bounds.now


def _asleep(bounds: Bounds) -> datetime:
    return bounds.asleep


def _count_asleep(tx: Tx, bounds: Bounds) -> int:
    return last_opens.count_asleep(tx, since=bounds.asleep, now=bounds.now)


def _end_asleep(tx: Tx, bounds: Bounds, _digest: Digest) -> int:
    return last_opens.end_asleep(tx, since=bounds.asleep, at=bounds.now)


def _inactive(tx: Tx, bounds: Bounds) -> int:
    return len(retention.inactive(tx, bounds))


KINDS: Mapping[str, _Kind] = {
    "inactive": _Kind(_inactive, retention.remove_inactive, _people),
    "asleep": _Kind(_count_asleep, _end_asleep, _asleep),
    "exclusions": _Kind(retention.lonely_exclusions, retention.hash_exclusions, _people),
    "names": _Kind(retention.named_copies, retention.forget_names, _details),
    "imports": _Kind(retention.old_imports, retention.forget_imports, _details),
    "signups": _Kind(retention.unconfirmed, retention.forget_unconfirmed, _now),
}


def proposals(mailer: Mailer) -> list[Proposal]:
    """Every kind with its present count, in the order of the page."""
    bounds = _bounds(mailer)
    with mailer.store.read() as tx:
        return [Proposal(name, each.count(tx, bounds), each.before(bounds)) for name, each in KINDS.items()]


def apply(mailer: Mailer, kind: str, *, typed: int | None, by: str) -> int:
    """Remove what is proposed; how many. Raises UnconfirmedError unless the number typed is the present one."""
    if kind not in KINDS:
        raise NotFoundError("There is no proposal of this kind.")
    bounds, chosen = _bounds(mailer), KINDS[kind]
    with mailer.store.write(unhurried=True) as tx:
        count = chosen.count(tx, bounds)
        if typed != count or count == 0:
            raise UnconfirmedError(
                "{count} are proposed at this moment. Type that number to remove them. Nothing was removed.",
                wanted="count",
                count=count,
            )
        removed = chosen.apply(tx, bounds, mailer.signer.erased)
        acts.record(tx, at=bounds.now, by=by, act="retention", object=kind, detail=str(removed))
    # What was overwritten is then nowhere on the disk either.
    mailer.store.forget()
    return removed


def _bounds(mailer: Mailer) -> Bounds:
    now, chosen = mailer.clock.now(), mailer.settings.retention
    return Bounds(
        people=now - chosen.inactive_years * _YEAR,
        details=now - chosen.details_months * _MONTH,
        asleep=now - chosen.asleep_months * _MONTH,
        now=now,
        today=local_date(now, mailer.settings.time_zone),
    )
