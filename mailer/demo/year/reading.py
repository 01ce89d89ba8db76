"""SIMULATED readers of one letter of the year: machines at delivery, people in the hours that follow.

Like the other simulated readers they know the engine only by the mails in a folder and by HTTP; their own notes are what the
report is compared with.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random

from mailer.demo.browsing import Browsing
from mailer.demo.habits import FLASH, NEWSLETTER, Act, Kind, Profile
from mailer.demo.letters import letters
from mailer.demo.readers import Done, Look, Pace, Reader, require_loopback

#: Hours after a letter left, of the three days in which it is read -> the weight of the people who read then.
_READING_HOURS: Mapping[float, int] = {
    0.5: 20, 1.5: 17, 2.5: 10, 3.5: 12, 4.5: 11, 5.5: 8, 6.5: 6, 7.5: 5, 9.5: 5, 11.5: 4,
    22.5: 6, 23.5: 7, 24.5: 6, 25.5: 4, 27.5: 5, 29.5: 4, 32.5: 3, 35.5: 2,
    46.5: 3, 48.5: 4, 51.5: 3, 54.5: 2, 58.5: 1, 70.5: 2,
}  # fmt: skip
#: The same as parts of the time until the next letter, which may be shorter.
MOMENTS: Mapping[float, int] = {hours / 72: weight for hours, weight in _READING_HOURS.items()}
#: Nothing is measured in mailings: of their readers only those who leave are seen.
MAILING = Profile(
    name="mailing",
    opening=0.0,
    programs=NEWSLETTER.programs,
    clicking=0.0,
    clicking_blind=0.0,
    prefetching=0.0,
    scanning=0.05,
    unsubscribing=0.002,
)
SERIES = {"newsletter": NEWSLETTER, "flash": FLASH}
_MACHINES = frozenset({Kind.PREFETCH, Kind.SCAN})
_LOADING = frozenset({Kind.PREFETCH, Kind.OPEN, Kind.PROXY_OPEN, Kind.CLICK})
_OPENING = _LOADING - {Kind.PREFETCH}
_REQUESTS_PER_SECOND = 2000.0
#: The desk answers from a thread of this process: more readers than this only wait for each other.
_THREADS = 2


@dataclass(frozen=True, slots=True)
class Tally:
    """What was done about one letter, in mails; `read` and `measured` leave closed mailboxes out."""

    lying: int
    read: int
    measured: int
    loaded: int
    opened_high: int
    opened_low: int
    clicked: int
    unsubscribed: int
    failures: Mapping[str, int] = field(default_factory=dict)

    def values(self) -> dict[str, object]:
        return asdict(self)


def read_letter(
    maildir: Path,
    *,
    profile: Profile,
    seed: int,
    base_url: str,
    closed: Collection[str],
    wait: Callable[[float], None],
    progress: Callable[[int, int], None],
) -> Tally:
    """Read every mail in the Maildir, over real HTTP; nobody opens a closed mailbox.

    `wait` lets time pass up to a part of the time until the next letter. The same seed does the same again.
    """
    require_loopback(base_url)
    lying = list(letters(maildir))
    chosen = [letter for letter in lying if letter.reader.lower() not in closed]
    browsing = Browsing(base_url)
    reader = Reader(profile, seed, browsing, Pace(_REQUESTS_PER_SECOND))
    with closing(browsing), ThreadPoolExecutor(_THREADS, thread_name_prefix="reader") as pool:
        looks = list(_counted(pool.map(reader.look, chosen), len(chosen), progress))
        done = list(pool.map(lambda look: reader.do(look, _of_machines(look)), looks))
        for moment, turn in _turns(looks, seed).items():
            wait(moment)
            done += pool.map(lambda look: reader.do(look, _of_people(look)), turn)
    return _tally(len(lying), looks, done)


def profile_of(campaign: str) -> Profile:
    return SERIES.get(campaign, MAILING)


def _counted(looks: Iterable[Look], total: int, progress: Callable[[int, int], None]) -> Iterable[Look]:
    for number, look in enumerate(looks, start=1):
        progress(number, total)
        yield look


def _of_machines(look: Look) -> Sequence[Act]:
    return [act for act in look.acts if act.kind in _MACHINES]


def _of_people(look: Look) -> Sequence[Act]:
    return [act for act in look.acts if act.kind not in _MACHINES]


def _turns(looks: Sequence[Look], seed: int) -> Mapping[float, list[Look]]:
    """Who reads at which moment, drawn for each person."""
    moments, shares = list(MOMENTS), list(MOMENTS.values())
    turns: dict[float, list[Look]] = {moment: [] for moment in moments}
    for look in looks:
        if _of_people(look):
            draw = Random(f"{seed}|when|{look.letter.reader}")  # noqa: S311  # a play, not a secret
            turns[draw.choices(moments, shares)[0]].append(look)
    return turns


def _tally(lying: int, looks: Sequence[Look], done: Sequence[Done]) -> Tally:
    kinds: defaultdict[str, set[Kind]] = defaultdict(set)
    for each in done:
        kinds[each.key].update(each.kinds)

    def mails(wanted: Collection[Kind]) -> int:
        return sum(not found.isdisjoint(wanted) for found in kinds.values())

    return Tally(
        lying=lying,
        read=len(looks),
        measured=sum(look.is_measured for look in looks),
        loaded=mails(_LOADING),
        opened_high=mails(_OPENING),
        opened_low=mails(_OPENING - {Kind.PROXY_OPEN}),
        clicked=mails({Kind.CLICK}),
        unsubscribed=mails({Kind.UNSUBSCRIBE}),
        failures=Counter(failure for each in done for failure in each.failures),
    )
