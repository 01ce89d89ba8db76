"""Messages to other programs: written with the change that they tell of, claimed by one sender, concluded afterwards."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from mailer.model.columns import table
from mailer.model.outgoing import Endpoint, Happening, Notice, NoticeState
from mailer.store.engine import Tx
from mailer.store.rows import all_of, first
from mailer.store.upserts import insert_rows

endpoint, notice = table(Endpoint), table(Notice)
_WAITING, _FAILED = NoticeState.WAITING.value, NoticeState.FAILED.value


def tell(tx: Tx, event: Happening, data: Mapping[str, Any], *, at: datetime) -> None:
    """One message for each endpoint that wants to know; none without such an endpoint."""
    tell_all(tx, event, [data], at=at)


def tell_all(tx: Tx, event: Happening, many: Sequence[Mapping[Any, Any]], *, at: datetime) -> None:
    """The same for many changes at once."""
    wanted = select(endpoint.c.id).where(
        endpoint.c.ended_at.is_(None), endpoint.c.events.contains(f" {event} ")
    )
    common = {"event": event.value, "at": at, "state": _WAITING, "attempts": 0, "result": ""}
    rows = [
        {**common, "endpoint_id": each, "data": dict(data), "not_before": at, "began_at": at}
        for each in list(tx.execute(wanted).scalars())
        for data in many
    ]
    insert_rows(tx, notice, rows)


def is_wanted(tx: Tx, event: Happening) -> bool:
    """Whether anybody is told of it: a bulk write asks before it looks up whom it changed."""
    wanted = endpoint.c.events.contains(f" {event} ") & endpoint.c.ended_at.is_(None)
    return tx.execute(select(endpoint.c.id).where(wanted).limit(1)).first() is not None


def due(tx: Tx, *, at: datetime, per_endpoint: int) -> list[Notice]:
    """What may be handed over, the oldest first: of each endpoint a few, so that a dead one starves no other."""
    place = func.row_number().over(partition_by=notice.c.endpoint_id, order_by=notice.c.id).label("place")
    ready = (notice.c.state == _WAITING, notice.c.not_before <= at)
    ranked = select(notice.c.id, place).where(*ready).subquery()
    chosen = select(ranked.c.id).where(ranked.c.place <= per_endpoint)
    return all_of(tx, Notice, select(notice).where(notice.c.id.in_(chosen)).order_by(notice.c.id))


def claim(tx: Tx, found: Notice, *, at: datetime, until: datetime) -> bool:
    """Take one attempt, before its first byte; whether no other sender did. The first begins the day of attempts."""
    same = (notice.c.id == found.id, notice.c.state == _WAITING, notice.c.attempts == found.attempts)
    began_at = found.began_at if found.attempts else at
    moved = {"attempts": found.attempts + 1, "not_before": until, "began_at": began_at}
    taken = notice.update().where(*same).values(**moved)
    return tx.execute(taken).rowcount == 1


def conclude(tx: Tx, notice_id: int, *, state: NoticeState, result: str, not_before: datetime) -> None:
    values = {"state": state.value, "result": result, "not_before": not_before}
    tx.execute(notice.update().where(notice.c.id == notice_id, notice.c.state == _WAITING).values(**values))


def replay(tx: Tx, endpoint_id: int, *, at: datetime) -> int:
    """Try again what failed; how many."""
    failed = notice.update().where(notice.c.endpoint_id == endpoint_id, notice.c.state == _FAILED)
    again = {"state": _WAITING, "attempts": 0, "not_before": at, "began_at": at, "result": ""}
    return tx.execute(failed.values(**again)).rowcount


def purge(tx: Tx, *, at: datetime) -> None:
    """Drop what was delivered a month ago, and what failed three months ago."""
    for state, days in ((NoticeState.DELIVERED, 30), (NoticeState.FAILED, 90)):
        old = (notice.c.state == state.value, notice.c.at < at - timedelta(days=days))
        tx.execute(notice.delete().where(*old))


def create(tx: Tx, new: Endpoint) -> int:
    made = tx.execute(endpoint.insert().values(**new.model_dump(exclude={"id"})).returning(endpoint.c.id))
    return int(made.scalar_one())


def get(tx: Tx, endpoint_id: int) -> Endpoint | None:
    """The endpoint while it is told of anything."""
    alive = (endpoint.c.id == endpoint_id, endpoint.c.ended_at.is_(None))
    return first(tx, Endpoint, select(endpoint).where(*alive))


def end(tx: Tx, endpoint_id: int, *, at: datetime) -> bool:
    """Nothing more is told; what waits is dropped."""
    tx.execute(notice.delete().where(notice.c.endpoint_id == endpoint_id, notice.c.state == _WAITING))
    held = endpoint.update().where(endpoint.c.id == endpoint_id, endpoint.c.ended_at.is_(None))
    return tx.execute(held.values(ended_at=at)).rowcount == 1


def every(tx: Tx) -> list[Endpoint]:
    return all_of(tx, Endpoint, select(endpoint).where(endpoint.c.ended_at.is_(None)).order_by(endpoint.c.id))


def counts(tx: Tx) -> dict[tuple[int, str], int]:
    """(endpoint, state) -> messages."""
    found = select(notice.c.endpoint_id, notice.c.state, func.count())
    rows = tx.execute(found.group_by(notice.c.endpoint_id, notice.c.state))
    return {(number, state): int(count) for number, state, count in rows}
