"""Letters side by side, as the desk and the command line ask for them."""

from collections.abc import Sequence
from dataclasses import dataclass

from mailer import reporting, workspace
from mailer.app import editions
from mailer.clock import Clock
from mailer.errors import NotFoundError
from mailer.model.report import LetterFigures
from mailer.model.series import Comparison, Discernible, ListHealth, Slot, YearReview
from mailer.model.workspace import Campaign
from mailer.settings import Settings
from mailer.store import Store, sends, tallies

#: So many sends are counted at one tick.
_KEPT_AT_ONCE = 5


@dataclass(frozen=True, slots=True)
class CampaignRun:
    """One campaign: its letters that left, the earliest first, and the health of its list."""

    campaign: Campaign
    letters: tuple[LetterFigures, ...]
    health: ListHealth
    #: None where too little was measured to say.
    discernible: Discernible | None
    #: When they left, the day and hour with the highest mean rate first.
    slots: tuple[Slot, ...]


class Measures:
    """Comparison, campaigns, years. Counted anew at each question, but for what is kept of ended sends while it holds."""

    def __init__(self, settings: Settings, store: Store, clock: Clock) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock

    def comparison(self, ref: str) -> Comparison:
        """The latest send of this issue beside its campaign's letters of the twelve months before it."""
        with self._store.read() as tx:
            send = sends.latest(tx, ref)
            if send is None or send.id is None:
                return Comparison(0, 0)
            return reporting.compare(tx, send.id, zone=self._settings.time_zone)

    def keep(self) -> None:
        """Count sends that ended, or that news have changed since; a few at each tick, none while a letter leaves.

        Counting holds up the one writer of SQLite for a moment.
        """
        at = self._clock.now()
        with self._store.read() as tx:
            found = [] if sends.any_running(tx) else tallies.due(tx, at=at, limit=_KEPT_AT_ONCE)
        for send_id in found:
            with self._store.write() as tx:
                tallies.keep(tx, send_id, at=at)

    def letters(self, campaign: str | None = None) -> Sequence[LetterFigures]:
        """Every letter that left, of all campaigns or of one, the earliest first."""
        with self._store.read() as tx:
            return reporting.letters(tx, campaign=campaign)

    def run(self, slug: str) -> CampaignRun:
        """One campaign over time; raises NotFoundError, or WorkspaceError where its file is broken."""
        _, campaign, _ = editions.find_campaign(self._settings, slug)
        now, zone = self._clock.now(), self._settings.time_zone
        with self._store.read() as tx:
            letters = reporting.letters(tx, campaign=slug)
            return CampaignRun(
                campaign=campaign,
                letters=letters,
                health=reporting.list_health(tx, campaign.topic, at=now, zone=zone),
                discernible=reporting.discernible(letters, at=now, zone=zone),
                slots=reporting.slots(letters, at=now, zone=zone),
            )

    def year(self, year: int) -> YearReview:
        """A calendar year; one without letters is empty. Raises NotFoundError for a year that nobody could have sent in."""
        now = self._clock.now()
        if not 2000 <= year <= now.year + 1:
            raise NotFoundError("There is no review of the year {year}.", year=year)
        found, _ = workspace.load(self._settings.workspace)
        rhythms = {slug: each.rhythm for slug, each in found.campaigns.items()}
        with self._store.read() as tx:
            return reporting.year_review(tx, year, at=now, zone=self._settings.time_zone, rhythms=rhythms)

    def years(self) -> list[int]:
        """The years to choose from, the latest first."""
        with self._store.read() as tx:
            return reporting.years(tx, at=self._clock.now(), zone=self._settings.time_zone)
