"""How far a letter on its way is, in exact numbers: on its page, on *This week*, and as a part that renews itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from fastapi import APIRouter, Request
from fastapi.responses import Response

from mailer.app import Mailer
from mailer.errors import NotFoundError
from mailer.i18n import Translator
from mailer.model.ledger import Send, SendState
from mailer.providers.rates import parse_rate
from mailer.store import Tx, deliveries, sends, snapshots
from mailer.store.progress import Pace, pace
from mailer.tracking import Complaints, complaints
from mailer.web import words
from mailer.web.complaining import complaint_sentence
from mailer.web.pages import page
from mailer.web.visits import Visiting

router = APIRouter()

#: The pace is that of this last length of time.
WINDOW = timedelta(minutes=1)
#: A scheduled letter is watched this long before its hour.
SOON = timedelta(minutes=15)
#: Attempts looked at for the pace: at 150 a second and more it is that of a shorter time, and costs no more.
_MOST_ATTEMPTS = 10_000
_MOVING = frozenset({SendState.STARTING, SendState.SENDING, SendState.SETTLING, SendState.PAUSED})
_ON_THE_WAY = ("planned", "claimed", "posting")
_SHOWN = ("accepted", "refused", "excluded", "in_doubt", "open", "cancelled")


@dataclass(frozen=True, slots=True)
class Progress:
    """One send at one moment. `per_second` is None where nothing was answered within the window."""

    send: Send
    name: str
    counts: Mapping[str, int]
    per_second: float | None
    at: datetime
    #: Where they are worth a warning.
    complaints: Complaints | None = None

    @property
    def ref(self) -> str:
        return f"{self.send.campaign}/{self.send.issue}"

    @property
    def open(self) -> int:
        """Copies that nobody has concluded yet."""
        return sum(self.counts.get(state, 0) for state in _ON_THE_WAY)

    @property
    def concluded(self) -> int:
        return sum(self.counts.values()) - self.open

    @property
    def figures(self) -> list[tuple[str, int]]:
        """What became of everybody so far, without the states that nobody is in."""
        found = {**self.counts, "open": self.open}
        return [(key, found.get(key, 0)) for key in _SHOWN if found.get(key, 0) or key == "accepted"]

    @property
    def is_watched(self) -> bool:
        """Whether it changes by itself: it is on its way, stands still for a while, or leaves in a moment."""
        return self.send.state in _MOVING or (
            self.send.state == SendState.SCHEDULED and self.send.send_at - self.at < SOON
        )

    @property
    def ends_at(self) -> datetime | None:
        """When the last copy is handed over if the pace stays; None where that cannot be said."""
        if self.send.state != SendState.SENDING or not self.per_second or not self.open:
            return None
        return self.at + timedelta(seconds=self.open / self.per_second)

    def pace(self, t: Translator) -> str:
        """What one sentence says of pace and end."""
        if self.send.state == SendState.PAUSED:
            return t("Nothing leaves while it is paused.")
        if self.send.state == SendState.SETTLING:
            return t("Everything was handed over. It ends when the doubts are settled.")
        if self.send.state != SendState.SENDING:
            return ""
        if not self.per_second:
            return t("No message was handed over in the last minute.")
        pace = _rate(t, self.per_second)
        if self.ends_at is None:
            return pace
        return t("{pace}, end expected at about {hour}", pace=pace, hour=words.clock_hour(t, self.ends_at))

    def warning(self, t: Translator) -> str:
        """What is said of complaints; nothing where hardly anybody complained."""
        return complaint_sentence(t, self.complaints, self.send) if self.complaints else ""

    def said(self, t: Translator) -> str:
        """What a screen reader hears: the state and every tenth of the way, not every number."""
        tenths = 10 * self.concluded // self.send.planned if self.send.planned else 0
        state = t(words.pill(self.send.state).word)
        return t(
            "{name}: {state}, {share} concluded", name=self.name, state=state, share=t.percent(tenths / 10, 0)
        )


def _rate(t: Translator, per_second: float) -> str:
    if per_second < 2:  # where the second would want a singular, or a fraction
        return t.plural("{count} message a minute", "{count} messages a minute", ceil(60 * per_second))
    rounded = round(per_second, 1) if per_second < 10 else round(per_second)
    return t("{count} messages a second over the last minute", count=t.number(rounded))


def progress_of(
    tx: Tx, mailer: Mailer, t: Translator, send: Send, counts: Mapping[str, int] | None = None
) -> Progress:
    """Where a send stands now."""
    assert send.id is not None
    at = mailer.clock.now()
    snapshot = snapshots.get(tx, send.snapshot_id)
    named = snapshot.number or not snapshot.subject
    return Progress(
        send=send,
        name=words.name_of(t, snapshot.title, snapshot.number) if named else snapshot.subject,
        counts=deliveries.counts(tx, send.id) if counts is None else counts,
        per_second=_per_second(tx, mailer, send, at),
        at=at,
        complaints=complaints.of_send(tx, send.id),
    )


def _per_second(tx: Tx, mailer: Mailer, send: Send, at: datetime) -> float | None:
    if send.state != SendState.SENDING or send.id is None:
        return None
    rate = parse_rate(mailer.settings.provider.rate).per_second
    at_most = min(_MOST_ATTEMPTS, ceil(1.1 * rate * WINDOW.total_seconds()) + 100)
    return measured(pace(tx, send.id, since=at - WINDOW, at_most=at_most), at=at)


def measured(pace: Pace, *, at: datetime) -> float | None:
    """Messages a second; a send that began, or went on, less than a minute ago is measured from there."""
    if not pace.answered or pace.first_at is None:
        return None
    seconds = min(max((at - pace.first_at).total_seconds(), 1.0), WINDOW.total_seconds())
    return pace.answered / seconds


@router.get("/lettres/{campaign}/{issue}/envoi", name="progress")
def progress(request: Request, visit: Visiting, campaign: str, issue: str, bref: str = "") -> Response:
    """The part that a page renews; 404 for a letter that was never scheduled."""
    ref = f"{campaign}/{issue}"
    with visit.mailer.store.read() as tx:
        send = sends.latest(tx, ref)
        if send is None:
            raise NotFoundError("{ref} was never scheduled. Schedule it first.", ref=ref)
        found = progress_of(tx, visit.mailer, visit.t, send)
    return page(request, "progress.html", visit, progress=found, brief=bref == "oui")
