"""What is written of a group of hits: unique opens by person (consented) or by token (anonymous), never more."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from mailer.addresses import domain
from mailer.model.events import Verdict
from mailer.model.receivers import RECEIVERS
from mailer.model.workspace import Tracking
from mailer.store import Tx, last_opens, opens, sends
from mailer.store.opens import Copy, Key, LinkSeen, Seen
from mailer.tracking.purging import ROWS_FOR, TOKENS_FOR
from mailer.tracking.verdicts import classify

#: Send's public id (8), cohort (1), digest (12): see mailer.sending.copies.
_ANONYMOUS_BYTES = 21
#: A click on a mail to Microsoft so soon after its hand-over is not taken for a person's.
_DETONATING = timedelta(minutes=2)
_MICROSOFT = next(frozenset(each.domains) for each in RECEIVERS if each.code == "microsoft")
#: The columns of OpenCount.
_LEVELS = {Verdict.MACHINE: "loaded", Verdict.PROXY: "high", Verdict.HUMAN: "low"}


@dataclass(frozen=True, slots=True)
class Hit:
    """One load of a pixel (`link` is None) or one click; `payload` is the verified content of its token."""

    payload: bytes
    user_agent: str
    method: str
    at: datetime
    link: int | None = None
    #: The links of this copy were followed around that moment as scanners follow them.
    is_scan: bool = False


@dataclass(frozen=True, slots=True)
class _Began:
    """What every hit of one send asks of it: read once for a group."""

    id: int
    began: datetime
    handed_over_at: datetime | None


def write(tx: Tx, hits: Iterable[Hit]) -> None:
    """Count each hit in this transaction; hits for nobody we know are nothing."""
    anonymous: list[Hit] = []
    consented: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: hit.at):
        nameless = hit.link is None and len(hit.payload) == _ANONYMOUS_BYTES
        (anonymous if nameless else consented).append(hit)
    _write_anonymous(tx, anonymous)
    _write_consented(tx, consented)


def _write_anonymous(tx: Tx, hits: Sequence[Hit]) -> None:
    """A token counts for thirty days from the start of its send: afterwards nobody remembers that it was seen."""
    counted = _counted(tx, {hit.payload[:8] for hit in hits})
    found: defaultdict[int, dict[str, Seen]] = defaultdict(dict)
    for hit in hits:
        send = counted.get(hit.payload[:8])
        if send is None or hit.at - send.began > TOKENS_FOR:
            continue
        digest = hashlib.sha256(hit.payload).hexdigest()[:32]
        verdict = _verdict(hit, send.handed_over_at)
        _fold(found[send.id], digest, hit, verdict, cohort=hit.payload[8], began=send.began)
    for send_id, seen in sorted(found.items()):
        _count(tx, send_id, seen, opens.see_tokens(tx, send_id, seen))


def _counted(tx: Tx, names: Collection[bytes]) -> dict[bytes, _Began]:
    """The anonymous sends that began, of those that the tokens of a group name."""
    found = {name: sends.find_by_public_id(tx, name.hex()) for name in names}
    return {
        name: _Began(send.id, send.started_at, send.handed_over_at)
        for name, send in found.items()
        if send and send.id is not None and send.started_at and send.tracking == Tracking.ANONYMOUS
    }


def _write_consented(tx: Tx, hits: Sequence[Hit]) -> None:
    """Only for people who agree now: a withdrawal reaches mails already sent (rules P6).

    A person's click implies that the mail was read (rules O12).
    """
    keys = sorted({_key(hit) for hit in hits})
    copies = opens.find_copies(tx, keys) if keys else {}
    found: defaultdict[int, dict[int, Seen]] = defaultdict(dict)
    clicks: dict[LinkSeen, date] = {}
    days: dict[int, date] = {}
    for hit in hits:
        copy = copies.get(_key(hit))
        if copy is None or hit.at - copy.started_at > ROWS_FOR:
            continue
        verdict = _verdict(hit, copy.handed_over_at)
        if hit.link is not None:
            if hit.is_scan or verdict is not Verdict.HUMAN or _may_be_a_detonation(hit, copy):
                continue
            clicks.setdefault(LinkSeen(copy.delivery_id, hit.link, copy.send_id), hit.at.date())
        if copy.last_open and verdict is not Verdict.MACHINE:
            days[copy.contact_id] = hit.at.date()  # hits come in the order of time
        seen = found[copy.send_id]
        _fold(seen, copy.delivery_id, hit, verdict, cohort=copy.cohort, began=copy.started_at)
    for send_id, seen in sorted(found.items()):
        _count(tx, send_id, seen, opens.see_openings(tx, send_id, seen))
    opens.see_clicks(tx, clicks)
    last_opens.keep(tx, days)


def _may_be_a_detonation(hit: Hit, copy: Copy) -> bool:
    """Microsoft opens links when the mail arrives (Safe Links), as a browser of anybody's; pixels it leaves (rules O9)."""
    if domain(copy.address) not in _MICROSOFT:
        return False
    return copy.handed_over_at is None or hit.at - copy.handed_over_at < _DETONATING


def _key(hit: Hit) -> str:
    return hit.payload.decode("ascii", "replace")


def _verdict(hit: Hit, handed_over_at: datetime | None) -> Verdict:
    """While the hand-over is still going on, 0 seconds have passed since: a prefetch is seen as one."""
    since = (hit.at - handed_over_at).total_seconds() if handed_over_at else 0.0
    return classify(hit.user_agent, method=hit.method, since_delivery=since)


def _fold(
    seen: dict[Key, Seen], key: Key, hit: Hit, verdict: Verdict, *, cohort: int, began: datetime
) -> None:
    """Add one hit, in the order of time, to what the group says of its copy."""
    day, hour = hit.at.date(), max(0, int((hit.at - began).total_seconds() // 3600))
    one = seen.setdefault(key, Seen(cohort, day, day))
    one.last_on = day
    for level in Verdict:
        if level.certainty <= verdict.certainty:
            one.hours.setdefault(level, hour)
    one.verdict = max(one.verdict, verdict, key=lambda each: each.certainty)


def _count(tx: Tx, send_id: int, seen: Mapping[Key, Seen], before: Mapping[Key, Verdict]) -> None:
    """Each level once per copy: at the hour in which the copy first reached it."""
    reached: defaultdict[tuple[int, int], defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for key, one in seen.items():
        had = before[key].certainty if key in before else -1
        for level, hour in one.hours.items():
            if level.certainty > had:
                reached[one.cohort, hour][_LEVELS[level]] += 1
    opens.count(tx, send_id, reached)
