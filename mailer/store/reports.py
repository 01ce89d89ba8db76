"""The opens behind a report, hour by hour. Its other counts are those of any letter: see `series`, `fates`, `tallies`."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from mailer.model.columns import table
from mailer.model.events import OpenCount
from mailer.store.engine import Tx

open_count = table(OpenCount)


@dataclass(frozen=True, slots=True)
class OpenRow:
    """Unique opens of one cohort that first reached each level in one hour."""

    cohort: int
    hour: int
    loaded: int
    high: int
    low: int


def open_counts(tx: Tx, send_id: int) -> Sequence[OpenRow]:
    counts = open_count.c
    columns = (counts.cohort, counts.hour, counts.loaded, counts.high, counts.low)
    return [OpenRow(*row) for row in tx.execute(select(*columns).where(counts.send_id == send_id))]
