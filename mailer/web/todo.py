"""What needs somebody: sends that stopped, doubts, letters without approval or hour, broken files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailer.app import IssueSummary, Mailer
from mailer.app.slots import Slot
from mailer.errors import Severity
from mailer.i18n import Translator
from mailer.web import event_words, letter_words, month, planning, words

#: A draft is mentioned this long before the hour it wishes for.
SOON = timedelta(days=3)
RECENT = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Point:
    """One thing to do. `look` is fail, warn or info."""

    look: str
    icon: str
    title: str
    text: str
    href: str
    action: str


def to_do(
    mailer: Mailer, t: Translator, summaries: list[IssueSummary], slots: Sequence[Slot], now: datetime
) -> list[Point]:
    """The gravest first; `slots` are the planned days to come that have no letter."""
    points = [point for each in summaries for point in _of_letter(t, each, now)]
    points += _of_rhythms(t, slots, now)
    points += [*_of_doubts(t, summaries, now), *_of_events(mailer, t), *_of_files(mailer, t)]
    return sorted(points, key=lambda point: ("fail", "warn", "info").index(point.look))


def _of_letter(t: Translator, summary: IssueSummary, now: datetime) -> list[Point]:
    if summary.send is None:
        return _of_draft(t, summary, now)
    name = words.letter_name(t, summary)
    href = f"/lettres/{summary.ref}"
    recent = summary.send.created_at > now - RECENT
    points = []
    if summary.state == "paused":
        text = letter_words.pause_reason(t, summary.send.pause_reason)
        points.append(
            Point("warn", "pause", t("{name} is paused", name=name), text, href, t("Look and resume"))
        )
    if summary.state == "held":
        text = t(
            "The sender found something unexpected: nothing left. {reason}",
            reason=letter_words.pause_reason(t, summary.send.pause_reason),
        )
        points.append(
            Point("fail", "warn", t("{name} is held back", name=name), text, href, t("Look at the letter"))
        )
    if summary.state == "missed" and recent:
        text = t("It was too late for its hour, so that nothing left.")
        points.append(
            Point(
                "fail", "warn", t("{name} missed its hour", name=name), text, href, t("Choose another hour")
            )
        )
    return points


def _of_draft(t: Translator, summary: IssueSummary, now: datetime) -> list[Point]:
    at = month.local_departure(summary, t.zone)
    local = month.local_now(now, t.zone)
    plan = summary.campaign.plan
    if at is None or not local < at < local + (timedelta(days=plan.remind_days) if plan else SOON):
        return []
    name = words.letter_name(t, summary)
    text = t("It wishes to leave in {distance}.", distance=words.distance(t, at - local))
    return [
        Point(
            "warn",
            "eye",
            t("{name} is not scheduled", name=name),
            text,
            f"/lettres/{summary.ref}",
            t("Check and schedule"),
        )
    ]


def _of_rhythms(t: Translator, slots: Sequence[Slot], now: datetime) -> list[Point]:
    """Planned days without a letter, as long before their hour as the campaign says."""
    local = month.local_now(now, t.zone)
    points = []
    for slot in slots:
        plan = slot.campaign.plan
        if plan is not None and slot.at <= local + timedelta(days=plan.remind_days):
            title = t("{name} is not prepared", name=slot.campaign.title)
            text = t("It is planned for {when}.", when=words.full_day_and_hour(t, slot.at))
            points.append(Point("warn", "week", title, text, planning.begin(slot), t("Begin it")))
    return points


def _of_doubts(t: Translator, summaries: list[IssueSummary], now: datetime) -> list[Point]:
    doubtful = [
        each
        for each in summaries
        if each.counts.get("in_doubt") and each.send and each.send.created_at > now - RECENT
    ]
    if not doubtful:
        return []
    count = sum(each.counts["in_doubt"] for each in doubtful)
    title = t.plural("{count} message in doubt", "{count} messages in doubt", count)
    names = ", ".join(words.letter_name(t, each) for each in doubtful)
    text = t(
        "{names}: the provider has not said whether it took them. No second copy leaves unless somebody decides it.",
        names=names,
    )
    href = f"/resultats/{doubtful[0].ref}#t-doubt" if len(doubtful) == 1 else "/resultats"
    return [Point("warn", "warn", title, text, href, t("See the results"))]


def _of_events(mailer: Mailer, t: Translator) -> list[Point]:
    """Events about which people have a letter that is no longer true."""
    return [
        Point(
            "warn",
            "week",
            t("{title}: something must be told", title=kit.event.title),
            event_words.offer(t, kit.offered),
            f"/evenements/{kit.event.ref}",
            t("Look at the event"),
        )
        for kit in mailer.events.all()
        if kit.offered
    ]


def _of_files(mailer: Mailer, t: Translator) -> list[Point]:
    _, problems = mailer.workspace()
    blocking = [each for each in problems if each.severity is Severity.BLOCKING]
    if not blocking:
        return []
    title = t.plural("{count} mistake in the files", "{count} mistakes in the files", len(blocking))
    return [Point("fail", "fail", title, t.problem(blocking[0]), "/lettres#erreurs", t("See the list"))]
