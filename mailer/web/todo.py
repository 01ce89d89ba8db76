"""What needs somebody: sends that stopped, doubts, remarks of readers, letters without hour, broken files."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mailer.app import IssueSummary, Mailer, remarks
from mailer.app.slots import Slot
from mailer.errors import Severity
from mailer.i18n import Translator
from mailer.model.proofs import Verdict
from mailer.store import proofs, snapshots
from mailer.web import event_words, letter_words, month, planning, words

#: A draft is mentioned this long before the hour it wishes for.
SOON = timedelta(days=3)
RECENT = timedelta(days=14)
#: So much of a remark is quoted.
_QUOTED = 120


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
    mailer: Mailer,
    t: Translator,
    summaries: list[IssueSummary],
    slots: Sequence[Slot],
    now: datetime,
    *,
    may_compose: bool,
) -> list[Point]:
    """The gravest first; `slots` are the planned days to come that have no letter."""
    points = [point for each in summaries for point in _of_letter(t, each, now)]
    points += _of_rhythms(t, slots, now)
    points += _of_readers(mailer, t, summaries, may_compose=may_compose)
    points += [*_of_doubts(t, summaries, now), *_of_events(mailer, t), *_of_files(mailer, t)]
    return sorted(points, key=lambda point: ("fail", "warn", "info").index(point.look))


def _of_letter(t: Translator, summary: IssueSummary, now: datetime) -> list[Point]:
    if summary.send is None:
        return _of_draft(t, summary, now)
    name = words.letter_name(t, summary)
    href = f"/lettres/{summary.ref}"
    recent = summary.send.created_at > now - RECENT
    points = []
    if not summary.has_file:
        text = t(
            "Its file is gone, or cannot be read: what was frozen leaves all the same. Put the file back, or take the departure "
            "back on the letter's page."
        )
        title = t("{name} is on its way without its file", name=name)
        points.append(Point("fail", "warn", title, text, href, t("Look at the letter")))
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


def _of_readers(
    mailer: Mailer, t: Translator, summaries: list[IssueSummary], *, may_compose: bool
) -> list[Point]:
    """What readers said of letters that can still be changed, until somebody marks it as answered."""
    with mailer.store.read() as tx:
        remarked = proofs.remarked(tx)
    if not remarked:
        return []
    templates = mailer.workspace()[0].templates
    points = []
    for each in summaries:
        if each.ref in remarked and each.is_writable:
            said = remarks.unanswered(mailer.store, templates, each.campaign, each.issue)
            point = _of_remarks(t, each, said, refused_by=_refused_by(mailer, each))
            points.append(point if may_compose else replace(point, href=f"/lettres/{each.ref}#t-rev"))
    return points


def _refused_by(mailer: Mailer, summary: IssueSummary) -> str:
    """Who said no, where nobody has said yes since."""
    with mailer.store.read() as tx:
        given = snapshots.verdicts(tx, campaign=summary.campaign.slug, issue=summary.issue.slug)
    return given[0].approved_by if given and given[0].verdict == Verdict.REFUSED else ""


def _of_remarks(
    t: Translator, summary: IssueSummary, said: Sequence[remarks.Open], *, refused_by: str
) -> Point:
    """Leads to the first block that something was said of."""
    name, first = words.letter_name(t, summary), said[0]
    place = f"bloc-{first.position}" if first.position else "relecture"
    opened = f"?ouvert={first.position}" if first.position else ""
    title = (
        t("{name} was refused by {reader}", name=name, reader=refused_by)
        if refused_by
        else t.plural(
            "{name}: {count} remark to answer", "{name}: {count} remarks to answer", len(said), name=name
        )
    )
    quoted = " ".join(first.remark.text.split())
    short = quoted if len(quoted) <= _QUOTED else quoted[:_QUOTED].rstrip() + "…"
    text = t("{reader}: “{remark}”", reader=first.remark.by, remark=short)
    if len(said) > 1:
        text += " " + t.plural("And {count} more.", "And {count} more.", len(said) - 1)
    return Point(
        look="fail" if refused_by else "warn",
        icon="eye",
        title=title,
        text=text,
        href=f"/lettres/{summary.ref}/ecrire{opened}#{place}",
        action=t("Go to block {number}", number=first.position) if first.position else t("Read the remarks"),
    )


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
