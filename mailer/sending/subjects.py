"""Two subjects for one letter, half and half: only where the numbers can decide, and each person has one of them for good.

Who gets which is drawn from the delivery's key: nobody can guess it, and nothing about the person decides it. The
ledger keeps it, so that every attempt, the person's web version and an erratum repeat it.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from mailer.errors import RefusedError
from mailer.i18n import marked
from mailer.model.ledger import Send, Snapshot
from mailer.model.measuring import SMALLEST_COHORT, copies_needed
from mailer.model.people import TrackingConsent
from mailer.model.workspace import Tracking
from mailer.sending.audiences import of_snapshot
from mailer.store import Tx, copies, planning
from mailer.store.planning import Recipient
from mailer.tokens import Signer

#: Two subjects that differ by less than this are not worth a test; a difference of this size must show.
MOST_DIFFERENCE = 0.05
#: What is expected of a campaign of which nothing was measured: chance is largest there, so the answer is careful.
_UNKNOWN_RATE = 0.5
OTHERS = "autres"
#: A token names a cohort, and with two subjects the subject, in one byte.
MOST_COHORTS = 255
_PURPOSE = "second-subject"


@dataclass(frozen=True, slots=True)
class Trial:
    """Whether two subjects could be told apart: measured copies that are expected, and how many it takes of both."""

    tracking: str
    measured: int
    needed: int

    @property
    def points(self) -> int:
        """The difference that would show."""
        return round(100 * MOST_DIFFERENCE)

    @property
    def can_decide(self) -> bool:
        return self.tracking != Tracking.NONE and self.measured >= self.needed

    @property
    def sentence(self) -> str:
        """Why, or why not; a message with places for `measured`, `needed` and `points`."""
        if self.tracking == Tracking.NONE:
            return marked("Nothing is measured in this letter, so nothing can tell two subjects apart.")
        if not self.can_decide:
            return marked(
                "{measured} copies of this letter would be measured: it takes {needed} to tell a difference of {points}"
                " points between two subjects from chance."
            )
        return marked(
            "{measured} copies of this letter would be measured: that is enough to tell a difference of {points} points"
            " between the two subjects from chance ({needed} are needed)."
        )


def needed(usual_rate: float | None) -> int:
    """Measured copies of both halves together."""
    rate = _UNKNOWN_RATE if usual_rate is None else usual_rate
    return 2 * copies_needed(rate, MOST_DIFFERENCE)


def trial(tx: Tx, contact_ids: Sequence[int], *, tracking: str, usual_rate: float | None) -> Trial:
    """What a letter to these people could tell."""
    return Trial(tracking, _measured(tx, contact_ids, tracking), needed(usual_rate))


def _measured(tx: Tx, contact_ids: Sequence[int], tracking: str) -> int:
    """Copies that would carry a pixel, as `starting` will see it."""
    if tracking == Tracking.CONSENTED:
        return planning.count_answers(tx, contact_ids, TrackingConsent.GRANTED)
    if tracking == Tracking.ANONYMOUS:
        return len(contact_ids) - planning.count_answers(tx, contact_ids, TrackingConsent.DENIED)
    return 0


def require_decidable(tx: Tx, snapshot: Snapshot, *, day: date, usual_rate: float | None) -> int:
    """How many measured copies the letter needs; 0 where it has one subject. Raises RefusedError where it cannot tell.

    An erratum tells nothing: it repeats the subjects of the letter that it corrects, to the same people.
    """
    if not snapshot.second_subject:
        return 0
    ref = f"{snapshot.campaign}/{snapshot.issue}"
    if snapshot.erratum_of:
        if not copies.had_two_subjects(tx, snapshot.campaign, snapshot.erratum_of):
            raise RefusedError(
                "{ref} has a second subject, but the letter that it corrects left with one. Delete the second one.",
                ref=ref,
            )
        return 0
    audience = of_snapshot(tx, snapshot, day=day)
    found = trial(tx, audience.contact_ids, tracking=snapshot.tracking, usual_rate=usual_rate)
    if snapshot.tracking == Tracking.NONE:
        raise RefusedError(
            "{ref} has two subjects, but nothing is measured in it: nobody would know which one is opened more. Delete"
            " the second subject.",
            ref=ref,
        )
    if not found.can_decide:
        raise RefusedError(
            "{ref} has two subjects, but {measured} copies would be measured, and it takes {needed} to tell a"
            " difference of {points} points from chance. Delete the second subject.",
            ref=ref,
            measured=found.measured,
            needed=found.needed,
            points=found.points,
        )
    return found.needed


def split(
    tx: Tx, snapshot: Snapshot, keys: Iterable[tuple[int, str]], *, signer: Signer, is_trial: bool
) -> set[int]:
    """Of these (contact, key), who gets the second subject."""
    if snapshot.erratum_of and snapshot.second_subject:
        return copies.with_second_subject(tx, snapshot.campaign, snapshot.erratum_of)
    if not is_trial:
        return set()
    return {contact for contact, key in keys if signer.digest(_PURPOSE, key.encode())[0] & 1}


def has_enough(send: Send, measured: int) -> bool:
    """Asked when the audience is known for good: it may have shrunk since the letter was scheduled."""
    return 0 < send.split_above <= measured


def cohort_names(measured: Iterable[Recipient], seconds: set[int], *, is_trial: bool) -> list[str]:
    """The names of cohorts; the first gathers everybody who is in none of at least twenty measured copies.

    In a trial each half of a cohort is counted by itself, and each name stands there twice, the second time for the
    second subject.
    """
    sizes = Counter((each.cohort, is_trial and each.contact_id in seconds) for each in measured)
    halves = (False, True) if is_trial else (False,)
    smallest = {
        name: min(sizes[name, half] for half in halves) for name, _ in sizes if name and name != OTHERS
    }
    large = sorted(
        (name for name, size in smallest.items() if size >= SMALLEST_COHORT),
        key=lambda name: (-smallest[name], name),
    )
    names = [OTHERS, *sorted(large[: MOST_COHORTS // len(halves)])]
    return names * len(halves)
