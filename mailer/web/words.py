"""Words of the desk's pages: states, acts, reasons, hours and distances in time."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from mailer import reporting
from mailer.app import IssueSummary
from mailer.i18n import NO_BREAK_SPACE, Translator, marked


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
#: What a person's own data is called where it stands in a letter.
MERGE_FIELDS = {
    "first_name": marked("first name"),
    "last_name": marked("last name"),
    "organisation": marked("organisation"),
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
#: What another program may be told of.
HAPPENINGS = {
    "contact.subscribed": marked("somebody is subscribed"),
    "contact.unsubscribed": marked("somebody left"),
    "contact.excluded": marked("somebody is excluded"),
    "contact.erased": marked("somebody is erased"),
    "letter.sent": marked("a letter has been sent to all"),
}
#: What each right of a token lets a program do.
SCOPES = {
    "contacts:read": marked("read contacts"),
    "contacts:write": marked("write contacts"),
    "organisations:read": marked("read organisations and their memberships"),
    "organisations:write": marked("write organisations and their memberships"),
    "subscriptions:read": marked("read subscriptions"),
    "subscriptions:write": marked("subscribe, unsubscribe and exclude"),
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
    "passed": marked("passed with the function"),
}
MODES = {
    "none": marked("No measure: neither openings nor clicks are counted."),
    "consented": marked("Openings and clicks are measured only for people who accepted it."),
    "anonymous": marked("Openings are counted by group, without any identifier of a person."),
}


def pill(state: str) -> Pill:
    return PILLS[state]


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
    return capital(day_inside(t, at, this_year=this_year))


def day_inside(t: Translator, at: datetime, *, this_year: int | None = None) -> str:
    """The same inside a sentence: jeu. 11 juin."""
    local = _local(t, at)
    other = this_year is not None and local.year != this_year
    return t.date(local.date(), "EEE d MMM y" if other else "EEE d MMM")


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


def long_name(t: Translator, summary: IssueSummary) -> str:
    """Flash hebdo n° 47, Foncier solidaire: a letter among those of all campaigns."""
    issue = summary.issue
    return f"{name_of(t, summary.campaign.title, issue.number)}, {issue.subject or issue.ref}"


def numbered(t: Translator, number: int) -> str:
    """n° 47: never grouped like a count."""
    return t("no. {number}", number=number)


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
