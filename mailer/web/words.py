"""Words of the desk's pages: states, acts, reasons, hours and distances in time."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from mailer import reporting
from mailer.app import IssueSummary
from mailer.app.reviews import Review
from mailer.freezing import State
from mailer.i18n import NO_BREAK_SPACE, Translator, marked
from mailer.model.proofs import Verdict
from mailer.model.segment import Audience
from mailer.sending import Moved
from mailer.store.stages import StageCounts


@dataclass(frozen=True, slots=True)
class Pill:
    """A state as colour, icon and word."""

    look: str
    icon: str
    word: str


PILLS = {
    "draft": Pill("draft", "pen", marked("Draft")),
    "scheduled": Pill("plan", "clock", marked("Scheduled")),
    "starting": Pill("live", "send", marked("Leaving")),
    "sending": Pill("live", "send", marked("Leaving")),
    "paused": Pill("warn", "pause", marked("Paused")),
    "settling": Pill("live", "clock", marked("Settling")),
    "done": Pill("ok", "check", marked("Sent")),
    "cancelled": Pill("draft", "fail", marked("Cancelled")),
    "missed": Pill("fail", "warn", marked("Missed")),
    "held": Pill("fail", "warn", marked("Held back")),
}
ACTS = {
    "approve": marked("Approved"),
    "schedule": marked("Scheduled"),
    "cancel": marked("Cancelled"),
    "pause": marked("Paused"),
    "resume": marked("Resumed"),
    "proof": marked("Proof sent"),
    "create": marked("Created"),
    "send-again": marked("Doubtful copies sent again"),
    "give-up": marked("Doubtful copies given up"),
    "import": marked("Imported"),
    "erase": marked("Person erased"),
    "export": marked("Data of a person exported"),
    "undo-import": marked("Import undone"),
    "prepare-erratum": marked("Erratum begun"),
    "look-up": marked("Links and sender checked"),
    "link": marked("Link for a reader made"),
    "withdraw-link": marked("Link for a reader withdrawn"),
    "remark": marked("Remark of a reader"),
    "approve-link": marked("Approved by a reader with a link"),
    "refuse-link": marked("Refused by a reader with a link"),
    "cancel-link": marked("Departure cancelled by a reader's refusal"),
}
PAUSES = {
    "complaints": marked(
        "Three people in a thousand or more complained: look at the letter and its audience before it goes on."
    ),
    "installation": marked("This database was copied or restored; nothing leaves until somebody decides."),
    "staged": marked("The first copies have left: look at what became of them before the others leave."),
    "too-late": marked("Its hour had passed for longer than its campaign allows."),
    "storage": marked("The database or its disk refused to write."),
}
DONE = {
    "approve": marked("The letter is approved for this hour. Any change will ask for a new approval."),
    "schedule": marked("The letter is scheduled. It can be cancelled until it leaves."),
    "send": marked("The letter leaves in a few minutes. It can be cancelled until then."),
    "cancel": marked("The departure is cancelled. What had left stays sent."),
    "pause": marked("The sending is paused: no further message leaves."),
    "resume": marked("The sending goes on."),
    "look-up-doubts": marked("The provider was asked. What it could not say is still in doubt."),
    "send-again": marked("The copies in doubt leave once more in a moment."),
    "give-up": marked("The letter is over. What was in doubt is shown as such."),
    "proof": marked("The proof was handed to the provider."),
    "erratum": marked("The erratum is begun: say in its file what is corrected, then schedule it."),
    "link": marked("The link is made: copy it from the list under Proof and approval."),
    "withdraw-link": marked("The link is withdrawn: nobody reads the letter by it any more."),
    "look-up": marked("Links and sender were checked: what was found stands under Checks."),
}
VIEWS = {
    "ordinateur": marked("Computer"),
    "telephone": marked("Telephone"),
    "sombre": marked("Dark colours"),
    "texte": marked("Text"),
}
FIGURES = {
    "planned": marked("Targeted"),
    "accepted": marked("Accepted by the provider"),
    "delivered": marked("Delivered"),
    "opened": marked("Opened messages"),
    "clicks": marked("Clicks"),
    "unsubscribed": marked("Unsubscriptions"),
    "bounced": marked("Addresses in error"),
    "complained": marked("Complaints"),
    "refused": marked("Refused at hand-over"),
    "excluded": marked("Excluded at hand-over"),
    "in_doubt": marked("In doubt"),
    "open": marked("Still to hand over"),
    "cancelled": marked("Cancelled before leaving"),
}
BASES = {
    "accepted": marked("of those targeted"),
    "delivered": marked("of those accepted"),
    "opened": marked("of the measured copies"),
    "unsubscribed": marked("of those accepted"),
    "bounced": marked("of those accepted"),
    "complained": marked("of those accepted"),
    "refused": marked("of those targeted"),
    "excluded": marked("of those targeted"),
    "in_doubt": marked("of those targeted"),
    "open": marked("of those targeted"),
    "cancelled": marked("of those targeted"),
}
REST = reporting.wording.REST
#: How the campaign's attribute of cohorts heads its groups.
BY_GROUP = marked("By group")
GROUPINGS = {
    "organisation.kind": marked("By kind of authority"),
    "organisation.region": marked("By region"),
    "organisation.departement": marked("By département"),
}
SIDES = {1: marked("Above the median"), 0: marked("On the median"), -1: marked("Below the median")}
DOUBTS = {
    "A": marked(
        "The provider takes the same message once only: a doubt is settled by handing it over again."
    ),
    "B": marked("The provider can be asked: a doubt is settled by its answer, never by sending twice."),
    "B'": marked(
        "The provider's reports name the message: a doubt is settled when one arrives, never by sending twice."
    ),
    "C": marked("The provider cannot say: nothing is sent again unless a person decides it."),
}
PACES = {
    "s": marked("{count} messages a second at the most"),
    "min": marked("{count} messages a minute at the most"),
    "h": marked("{count} messages an hour at the most"),
}
ROLES = {
    "reader": marked("reader"),
    "writer": marked("writer"),
    "approver": marked("approver"),
    "sender": marked("sender"),
    "administrator": marked("administrator"),
}
ANSWERS = {
    "unknown": marked("has not answered"),
    "granted": marked("accepted the measure"),
    "denied": marked("refused the measure"),
}
SUBSCRIPTIONS = {
    "pending": marked("to be confirmed"),
    "subscribed": marked("subscribed"),
    "unsubscribed": marked("unsubscribed"),
    "confirmed": marked("confirmed"),
    "undone": marked("import undone"),
    "paused": marked("asked for a pause"),
    "resumed": marked("ended the pause"),
}
MODES = {
    "none": marked("No measure: neither openings nor clicks are counted."),
    "consented": marked("Openings and clicks are measured only for people who accepted it."),
    "anonymous": marked("Openings are counted by group, without any identifier of a person."),
}


def pill(state: str) -> Pill:
    return PILLS[state]


def act(t: Translator, code: str) -> str:
    return t(ACTS[code]) if code in ACTS else code


def reason(t: Translator, code: str) -> str:
    """Why somebody was not reached, in words."""
    return reporting.reason(t, code)


def role(t: Translator, code: str) -> str:
    return t(ROLES[code]) if code in ROLES else code


def measure(t: Translator, mode: str) -> str:
    return t(MODES[mode]) if mode in MODES else mode


def capital(text: str) -> str:
    """The first letter in upper case, all others as they are: Jinja's own filter would write `june`."""
    return text[:1].upper() + text[1:]


def clock_hour(t: Translator, at: datetime) -> str:
    """9 h or 9 h 30 in French, 9:30 in English; an aware instant is shown in the zone, a naive one as it is."""
    local = _local(t, at)
    if t.language != "fr":
        return f"{local.hour}:{local.minute:02}"
    minutes = f"{NO_BREAK_SPACE}{local.minute:02}" if local.minute else ""
    return f"{local.hour}{NO_BREAK_SPACE}h{minutes}"


def short_day(t: Translator, at: datetime, *, this_year: int | None = None) -> str:
    """Jeu. 11 juin, and the year where it is another one than the present."""
    local = _local(t, at)
    other = this_year is not None and local.year != this_year
    return capital(t.date(local.date(), "EEE d MMM y" if other else "EEE d MMM"))


def month(t: Translator, number: int, pattern: str = "MMM") -> str:
    """janv.: a month of whatever year by its number."""
    return t.date(date(2000, number, 15), pattern)


def day_and_hour(t: Translator, at: datetime) -> str:
    """jeudi 11 juin à 9 h."""
    local = _local(t, at)
    return t("{day} at {hour}", day=t.date(local.date(), "EEEE d MMMM"), hour=clock_hour(t, local))


def full_day_and_hour(t: Translator, at: datetime) -> str:
    """mardi 12 mai 2026 à 10 h."""
    local = _local(t, at)
    return t("{day} at {hour}", day=t.date(local.date(), "EEEE d MMMM y"), hour=clock_hour(t, local))


def distance(t: Translator, length: timedelta) -> str:
    """1 j 18 h 28 min: days, hours and minutes, the empty ones left out."""
    minutes = max(0, int(length.total_seconds() // 60))
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    units = ((days, t("d")), (hours, t("h")), (rest, t("min")))
    said = [f"{count}{NO_BREAK_SPACE}{unit}" for count, unit in units if count]
    return " ".join(said) or t("less than a minute")


def name_of(t: Translator, title: str, number: int | None) -> str:
    """Flash hebdo n° 47."""
    return f"{title} {numbered(t, number)}" if number else title


def letter_name(t: Translator, summary: IssueSummary) -> str:
    """Its number in the campaign; its subject where the campaign does not count its letters."""
    number, subject = summary.issue.number, summary.issue.subject
    return subject if subject and not number else name_of(t, summary.campaign.title, number)


def numbered(t: Translator, number: int) -> str:
    """n° 47: never grouped like a count."""
    return t("no. {number}", number=number)


def pause_reason(t: Translator, reason: str) -> str:
    """Why a send does not go on: a person, our own code in words, or the sentence that was noted then."""
    by = reason.removeprefix("by ")
    if by != reason:
        return t("Paused by {name}.", name=by)
    return t(PAUSES[reason]) if reason in PAUSES else t.noted(reason)


def moved_sentence(t: Translator, moved: Moved) -> str:
    """340 arrivals, 12 departures since n° 46 (1 214 people)."""
    return t(
        "{arrivals}, {departures} since {issue} ({former}).",
        arrivals=t.plural("{count} arrival", "{count} arrivals", moved.arrivals),
        departures=t.plural("{count} departure", "{count} departures", moved.departures),
        issue=numbered(t, moved.number) if moved.number else moved.issue,
        former=t.plural("{count} person", "{count} people", moved.former),
    )


def copies_sentence(t: Translator, audience: Audience) -> str:
    """How many have the letter that an erratum corrects, and how many of them it can still be sent to."""
    have = t.plural(
        "{count} person has a copy of the faulty letter, or may have one.",
        "{count} people have a copy of the faulty letter, or may have one.",
        audience.considered,
    )
    return f"{have} {t('The erratum goes to {count} of them.', count=t.number(audience.count))}"


def stage_sentence(t: Translator, stage: StageCounts) -> str:
    """What became of the first copies of a staged send."""
    return t(
        "Of the first {copies}: {accepted} accepted, {refused} refused, {doubts} in doubt. Of those accepted:"
        " {delivered} delivered, {bounced} in error, {complained} complained, {untold} without news.",
        copies=t.number(stage.copies),
        accepted=t.number(stage.accepted),
        refused=t.number(stage.refused),
        doubts=t.number(stage.in_doubt),
        delivered=t.number(stage.delivered),
        bounced=t.number(stage.bounced),
        complained=t.number(stage.complained),
        untold=t.number(stage.untold),
    )


def act_detail(t: Translator, code: str, detail: str) -> str:
    """What an act was done with: the hour of a departure as people say it, anything else as it was noted."""
    if code not in {"approve", "schedule", "approve-link", "refuse-link"} or not detail:
        return detail
    return full_day_and_hour(t, datetime.fromisoformat(detail))


def answer(t: Translator, review: Review) -> tuple[str, str]:
    """How the letter stands with its readers: a look, and the sentence."""
    standing = review.standing
    if standing is None or standing.last is None:
        return "muted", t("Nobody has approved it yet.")
    last = standing.last
    name, when = last.approved_by, full_day_and_hour(t, last.approved_at)
    if maker := review.maker(last.link_id):
        name = t("{name} (link made by {maker})", name=name, maker=maker)
    if standing.state is State.APPROVED:
        hour = full_day_and_hour(t, datetime.fromisoformat(last.local_at))
        return "ok", t("Approved by {name} on {when}, to leave {hour}.", name=name, when=when, hour=hour)
    if standing.state is State.REFUSED:
        return "fail", t("Refused by {name} on {when}.", name=name, when=when)
    if last.verdict == Verdict.REFUSED:
        return "warn", t("Refused by {name} on {when}, then changed: to be read again.", name=name, when=when)
    return "warn", t("Approved by {name} on {when}, then changed: to be read again.", name=name, when=when)


def fine_percent(t: Translator, rate: float) -> str:
    """0 %, 0,14 %, 37,1 %: small rates need the second digit."""
    return t.percent(rate, 0 if rate == 0 else 2 if rate < 0.01 else 1)


def pace(t: Translator, rate: str) -> str:
    """The provider's pace, noted as 100/s, in words."""
    count, _, unit = rate.partition("/")
    if unit.strip() not in PACES or not count.strip().isdigit():
        return rate
    return t(PACES[unit.strip()], count=t.number(int(count)))


def seconds(t: Translator, count: int) -> str:
    """A length given in seconds: 5 min."""
    return distance(t, timedelta(seconds=count))


def axis_hour(t: Translator, at: datetime) -> str:
    """Under the curve: jeu. 14 h."""
    return f"{t.instant(at, 'EEE')} {clock_hour(t, at)}"


def cohort(t: Translator, name: str) -> str:
    """A group by its code: a kind of organisation, or the value itself."""
    return reporting.wording.cohort(t, name)


def short_url(url: str) -> str:
    """An address without scheme and query: what people recognise it by."""
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}".rstrip("/")


def doubts(t: Translator, letter: str) -> str:
    """What happens to a message of which nobody knows whether the provider took it."""
    return t(DOUBTS[letter])


def _local(t: Translator, at: datetime) -> datetime:
    """In the zone; a naive instant is local already."""
    return at.astimezone(ZoneInfo(t.zone)) if at.tzinfo else at
