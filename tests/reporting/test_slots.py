"""The best day and hour is told with what it is worth: letters differ by more than their hour."""

from datetime import timedelta

import pytest

from mailer.i18n import Translator
from mailer.model.report import Interval
from mailer.model.series import Slot
from mailer.reporting import series
from mailer.reporting.slots import slots
from mailer.reporting.wording import best_moment
from mailer.store import Store
from tests.reporting.sent import BEGAN
from tests.reporting.test_series import ZONE, add_letter


def _found(store: Store) -> tuple[Slot, ...]:
    with store.read() as tx:
        return slots(series.letters(tx), at=BEGAN + timedelta(hours=1), zone=ZONE)


def test_letters_are_told_by_their_local_day_and_hour(store: Store) -> None:
    """BEGAN is a Thursday; the interval is Student's, of three letters: 0.40 +/- 4.303 * 0.1 / sqrt(3)."""
    for days, opened in ((21, 50), (14, 40), (7, 30)):
        add_letter(store, days, opened=opened)
    add_letter(store, 5, opened=45)
    one, other = _found(store)
    assert (one.letters, one.rate, one.interval) == (1, 0.45, None)
    assert (other.letters, other.weekday, other.rate) == (3, BEGAN.weekday(), pytest.approx(0.40))
    assert other.interval is not None
    assert other.interval.low == pytest.approx(0.40 - 4.303 * 0.1 / 3**0.5, abs=1e-4)


def test_what_cannot_be_compared_is_left_out(store: Store) -> None:
    """Another measure, a handful, and a letter of two years ago."""
    add_letter(store, 700, opened=90)
    add_letter(store, 14, opened=90, tracking="anonymous")
    add_letter(store, 10, copies=15, opened=9)
    add_letter(store, 7, opened=40)
    (only,) = _found(store)
    assert (only.letters, only.rate) == (1, 0.40)


def _slot(weekday: int, rate: float, half: float | None) -> Slot:
    around = None if half is None else Interval(rate - half, rate + half)
    return Slot(weekday, 10, 5 if half else 1, rate, around)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([_slot(1, 0.4, 0.02)], "personne ne sait"),
        ([_slot(1, 0.4, 0.02), _slot(3, 0.3, None)], "Trop peu de lettres"),
        ([_slot(1, 0.4, 0.02), _slot(3, 0.3, 0.02)], "mardi à 10 h. C’est plus que le hasard"),
        ([_slot(1, 0.4, 0.02), _slot(3, 0.39, 0.02)], "Son avance sur jeudi à 10 h peut tenir au hasard"),
    ],
)
def test_the_sentence_promises_nothing(given: list[Slot], words: str) -> None:
    said = best_moment(Translator("fr"), given).replace("\u00a0", " ").replace("\u202f", " ")
    assert words in said
