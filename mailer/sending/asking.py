"""What a person is asked before an issue leaves: how many people it goes to, and whether the audience is meant to have moved.

The desk and the command line show what `foresee` finds, and hand what was answered to `require`: only it decides.
"""

from dataclasses import dataclass
from datetime import date

from mailer.errors import UnconfirmedError
from mailer.model.segment import Audience, Segment
from mailer.model.workspace import Campaign
from mailer.sending import audiences
from mailer.store import Tx, planning, sends

#: For more people than this, their number is typed by hand.
TYPED_ABOVE = 500
#: Arrivals and departures, as a share of the former audience, from which somebody is asked whether they are meant.
MOVED_ABOVE = 0.20


@dataclass(frozen=True, slots=True)
class Moved:
    """How the audience differs from the one that the campaign's last send went to."""

    arrivals: int
    departures: int
    former: int
    #: The last send's issue: its slug, and its number where the campaign counts its letters.
    issue: str
    number: int | None

    @property
    def is_much(self) -> bool:
        return self.arrivals + self.departures > MOVED_ABOVE * self.former


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Who an issue would go to now; `moved` is None for an erratum, a letter that asks for consent, and where nothing of the campaign was sent before."""

    audience: Audience
    moved: Moved | None

    @property
    def count(self) -> int:
        return self.audience.count

    @property
    def must_type(self) -> bool:
        return self.count > TYPED_ABOVE

    @property
    def must_confirm(self) -> bool:
        return self.moved is not None and self.moved.is_much


@dataclass(frozen=True, slots=True)
class Answers:
    """What was said before an act. Not `attended`: a script, which is only held to what it says by itself."""

    recipients: int | None = None
    moved: bool = False
    attended: bool = True

    @property
    def say_something(self) -> bool:
        """Whether there is anything to hold against the present audience."""
        return self.attended or self.recipients is not None


UNATTENDED = Answers(attended=False)


def foresee(
    tx: Tx,
    campaign: Campaign,
    segment: Segment,
    *,
    day: date,
    language: str,
    erratum_of: str = "",
    asks: bool = False,
) -> Foreseen:
    """The people of the campaign on that day, the members-only guard of either file applied, and how they moved.

    An erratum goes to whoever has the faulty copy: that no audience moved is not asked of it. Nor of a letter that
    asks for consent (`asks`): it leaves out whoever has answered.
    """
    to = audiences.Addressing(
        campaign=campaign.slug,
        topic=campaign.topic,
        segment=segment,
        members_only=campaign.members_only,
        erratum_of=erratum_of,
        asks=asks,
    )
    audience = audiences.explain(tx, to, day=day, language=language)
    return Foreseen(audience, None if erratum_of or asks else _moved(tx, campaign, audience))


def require(foreseen: Foreseen, answers: Answers) -> None:
    """Raise UnconfirmedError where the number is not the present one, or something that must be said was not."""
    require_number(foreseen.count, answers, must_type=foreseen.must_type)
    if foreseen.moved and foreseen.must_confirm and answers.attended and not answers.moved:
        raise UnconfirmedError(
            "The audience has moved: {arrivals} arrivals, {departures} departures since {issue} ({former} people)."
            " Confirm that this is meant; nothing was scheduled.",
            wanted="moved",
            arrivals=foreseen.moved.arrivals,
            departures=foreseen.moved.departures,
            issue=foreseen.moved.issue,
            former=foreseen.moved.former,
        )


def require_number(count: int, answers: Answers, *, must_type: bool) -> None:
    """A number that is given must be the right one, however few the people; above 500 a person must give it."""
    is_missing = answers.recipients is None and must_type and answers.attended
    if is_missing or answers.recipients not in {None, count}:
        raise UnconfirmedError(
            "This letter goes to {count} people. Type this number by hand; nothing was scheduled.",
            wanted="recipients",
            count=count,
        )


def _moved(tx: Tx, campaign: Campaign, audience: Audience) -> Moved | None:
    last = sends.last_done(tx, campaign.slug)
    if last is None or last.id is None:
        return None
    former = planning.count(tx, last.id)
    stayed = planning.count_among(tx, last.id, audience.contact_ids)
    issue = campaign.issues.get(last.issue)
    return Moved(
        arrivals=audience.count - stayed,
        departures=former - stayed,
        former=former,
        issue=last.issue,
        number=issue.number if issue else None,
    )
