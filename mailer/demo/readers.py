"""SIMULATED readers: nobody reads these mails. A program of its own for the demo, which knows the engine only by
the mails in a folder and by HTTP, so that what the report says can be compared with what was done.

It never leaves this machine: every request goes to the base address given, and that must be a loopback one.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPException
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from mailer.demo.browsing import Browsing
from mailer.demo.habits import PROFILES, Act, Kind, Profile, plan
from mailer.demo.letters import Letter, letters, look_into

_ONE_CLICK = "List-Unsubscribe=One-Click"
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
#: Links whose following is counted; the others (preferences, web version) are opened by scanners only.
_TRACKED = "/c/"
_OPENING = {Kind.OPEN, Kind.PROXY_OPEN, Kind.CLICK}


@dataclass(frozen=True, slots=True)
class Log:
    """What was done. `acts` holds the answered requests per message key; mails without any have no entry."""

    profile: str
    seed: int
    read: int
    #: Mails with a pixel.
    measured: int
    acts: Mapping[str, tuple[Kind, ...]]
    #: `<kind> <HTTP status or error>` -> how many requests were not answered as they should be.
    failures: Mapping[str, int]

    @property
    def counts(self) -> Mapping[Kind, int]:
        """Requests by kind."""
        return Counter(kind for kinds in self.acts.values() for kind in kinds)

    @property
    def opened_high(self) -> int:
        """Mails that a person opened, proxies included: to be compared with the report."""
        return self._mails_with(_OPENING)

    @property
    def opened_low(self) -> int:
        """Mails that a person opened for certain, by an own program or by a click."""
        return self._mails_with(_OPENING - {Kind.PROXY_OPEN})

    @property
    def rate_high(self) -> float | None:
        return self.opened_high / self.measured if self.measured else None

    def _mails_with(self, kinds: set[Kind]) -> int:
        return sum(not kinds.isdisjoint(done) for done in self.acts.values())


@dataclass(frozen=True, slots=True)
class Look:
    """A mail that was looked into, and what will be done about it."""

    letter: Letter
    is_measured: bool
    acts: Sequence[Act]


@dataclass(frozen=True, slots=True)
class Done:
    """What was done about one mail."""

    key: str
    is_measured: bool
    kinds: tuple[Kind, ...]
    failures: tuple[str, ...]


def read(
    maildir: Path,
    *,
    profile: str | Profile,
    base_url: str,
    issue: str | None = None,
    seed: int = 1,
    requests_per_second: float = 2000.0,
    threads: int = 8,
    progress: Callable[[int, int], None] | None = None,
) -> Log:
    """Let simulated people read the mails of a Maildir, over real HTTP.

    `base_url` is where the pages of the sender are reached on this machine, whatever public host the mails name;
    `issue` (`campaign/issue`) leaves out the mails of other campaigns, and proofs; `progress(done, all)` is called
    by the calling thread. With the same seed the same people do the same at every play. Raises ValueError for another machine.
    """
    require_loopback(base_url)
    chosen = [letter for letter in letters(maildir) if issue is None or _is_of(letter, issue)]
    habits = PROFILES[profile] if isinstance(profile, str) else profile
    browsing = Browsing(base_url)
    reader = Reader(habits, seed, browsing, Pace(requests_per_second))
    with closing(browsing), ThreadPoolExecutor(threads, thread_name_prefix="reader") as pool:
        done = _collect(pool.map(reader.read, chosen), len(chosen), progress)
    return Log(
        profile=habits.name,
        seed=seed,
        read=len(done),
        measured=sum(each.is_measured for each in done),
        acts={each.key: each.kinds for each in done if each.kinds},
        failures=Counter(failure for each in done for failure in each.failures),
    )


def require_loopback(base_url: str) -> None:
    """Raises ValueError for an address of another machine."""
    if not _is_loopback(base_url):
        raise ValueError(f"simulated readers stay on this machine: {base_url}")


def _is_of(letter: Letter, issue: str) -> bool:
    """The Feedback-ID names the campaign: it is the only header that does."""
    fields = letter.feedback_id.split(":")
    return issue.partition("/")[0] in fields and fields[0] != "proof"


def _collect(
    results: Iterable[Done], total: int, progress: Callable[[int, int], None] | None
) -> Sequence[Done]:
    done: list[Done] = []
    for result in results:
        done.append(result)
        if progress:
            progress(len(done), total)
    return done


class Pace:
    """At most so many requests a second, for all threads together."""

    def __init__(
        self,
        per_second: float,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._gap = 1.0 / per_second
        self._now, self._sleep = now, sleep
        self._lock = threading.Lock()
        self._next = now()

    def wait(self) -> None:
        with self._lock:
            now = self._now()
            turn = max(self._next, now)
            self._next = turn + self._gap
        self._sleep(turn - now)


class Reader:
    """Reads one mail after the other, from any thread."""

    def __init__(self, profile: Profile, seed: int, browsing: Browsing, pace: Pace) -> None:
        self._profile = profile
        self._seed = seed
        self._browsing = browsing
        self._pace = pace

    def read(self, letter: Letter) -> Done:
        look = self.look(letter)
        return self.do(look, look.acts)

    def look(self, letter: Letter) -> Look:
        """Open the mail and decide what will be done about it; nothing is asked of anybody yet."""
        sight = look_into(letter)
        acts = plan(
            self._profile,
            self._seed,
            who=letter.reader or letter.key,
            pixel=sight.pixel,
            links=[url for url in sight.links if _is_tracked(url)],
            unsubscribe=letter.unsubscribe,
        )
        return Look(letter, sight.pixel is not None, acts)

    def do(self, look: Look, acts: Sequence[Act]) -> Done:
        """Do some of what was decided."""
        home = look.letter.home
        outcomes = [(act.kind, self._do(act, act.url.removeprefix(home))) for act in acts]
        return Done(
            key=look.letter.key,
            is_measured=look.is_measured,
            kinds=tuple(kind for kind, failure in outcomes if not failure),
            failures=tuple(f"{kind} {failure}" for kind, failure in outcomes if failure),
        )

    def _do(self, act: Act, path: str) -> str:
        """Empty if the answer is as it should be, else what was wrong. A redirect is noted, never followed."""
        self._pace.wait()
        is_form = act.kind is Kind.UNSUBSCRIBE
        headers = {"User-Agent": act.user_agent, **(_FORM if is_form else {})}
        try:
            status = self._browsing.ask(
                act.method, path, headers=headers, body=_ONE_CLICK if is_form else None
            )
        except (OSError, HTTPException) as error:
            return type(error).__name__
        most = 299 if is_form else 399
        return "" if 200 <= status <= most else str(status)


def _is_tracked(url: str) -> bool:
    return urlsplit(url).path.startswith(_TRACKED)


def _is_loopback(url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"}:
        return False
    try:
        return ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return parts.hostname == "localhost"
