"""What is done for a planned day is done once, on both databases."""

from datetime import date

from mailer.store import Store, planned_days, sends
from tests.conftest import NOW

THURSDAY = date(2026, 6, 18)


def test_a_day_is_prepared_and_reminded_of_once(store: Store) -> None:
    with store.write() as tx:
        assert planned_days.note_reminded(tx, "flash", THURSDAY, at=NOW)
        assert planned_days.note_prepared(tx, "flash", THURSDAY, issue="2026-06-18", at=NOW)
    with store.write() as tx:
        assert not planned_days.note_prepared(tx, "flash", THURSDAY, issue="other", at=NOW)
        assert not planned_days.note_reminded(tx, "flash", THURSDAY, at=NOW)
    with store.read() as tx:
        day = planned_days.find(tx, "flash", THURSDAY)
        assert day is not None
        assert (day.issue, day.prepared_at) == ("2026-06-18", NOW)
        assert planned_days.prepared(tx) == {("flash", THURSDAY)}
        assert planned_days.find(tx, "newsletter", THURSDAY) is None
        assert sends.last_left_at(tx, "flash") is None
