"""Words about one letter: what was done with it, why it waits, what readers answered, whom it goes to."""

from datetime import datetime

from mailer.app.reviews import Review
from mailer.freezing import State
from mailer.i18n import Translator, marked
from mailer.model.proofs import Verdict
from mailer.model.segment import Audience
from mailer.sending import Moved, Pressure
from mailer.store.stages import StageCounts
from mailer.web.words import full_day_and_hour, numbered

ACTS = {
    "approve": marked("Approved"),
    "schedule": marked("Scheduled"),
    "cancel": marked("Cancelled"),
    "pause": marked("Paused"),
    "resume": marked("Resumed"),
    "proof": marked("Proof sent"),
    "create": marked("Created"),
    "prepare": marked("Prepared for its planned day"),
    "move": marked("Moved"),
    "send-again": marked("Doubtful copies sent again"),
    "give-up": marked("Doubtful copies given up"),
    "import": marked("Imported"),
    "erase": marked("Person erased"),
    "export": marked("Data of a person exported"),
    "undo-import": marked("Import undone"),
    "prepare-erratum": marked("Erratum begun"),
    "prepare-event": marked("Letter of an event begun"),
    "create-event": marked("Event created"),
    "change-event": marked("Event changed"),
    "cancel-event": marked("Event cancelled"),
    "hold-event": marked("Held back: its event has changed"),
    "look-up": marked("Links and sender checked"),
    "link": marked("Link for a reader made"),
    "withdraw-link": marked("Link for a reader withdrawn"),
    "remark": marked("Remark of a reader"),
    "remark-done": marked("Remark answered"),
    "remark-reopened": marked("Remark to be answered again"),
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
    "event-moved": marked(
        "Its event has moved, was cancelled or is gone: cancel the departure, look at the letter, schedule it again."
    ),
    "too-late": marked("Its hour had passed for longer than its campaign allows."),
    "storage": marked("The database or its disk refused to write."),
    "mistake": marked(
        "The program has stumbled over this letter three times, by a mistake of its own: nothing is lost. Its log says where."
    ),
}
STRANGER = marked(
    "No contact has this address: the letter is shown as somebody would get it of whom nothing is known."
)

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


def act(t: Translator, code: str) -> str:
    return t(ACTS[code]) if code in ACTS else code


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


def pressure_sentence(t: Translator, pressure: Pressure) -> str:
    """340 people would get more than 3 mails in seven days … On Monday 15 June few enough would."""
    said = t.plural(
        "{count} person would get more than {limit} mails in seven days if this letter leaves on {day}.",
        "{count} people would get more than {limit} mails in seven days if this letter leaves on {day}.",
        pressure.people,
        limit=pressure.limit,
        day=t.date(pressure.on, "EEEE d MMMM"),
    )
    if pressure.other_day is None:
        return f"{said} {t('No working day of the next two weeks is better.')}"
    better = t("Another day: {day}.", day=t.date(pressure.other_day, "EEEE d MMMM"))
    return f"{said} {better}"


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
    if code not in {"approve", "schedule", "approve-link", "refuse-link", "prepare", "move"} or not detail:
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


def reading(t: Translator, review: Review) -> tuple[str, str]:
    """How far the reading of a letter is, to whoever writes it: a look, and the sentence."""
    look, said = answer(t, review)
    if look in {"ok", "fail"}:
        return look, said
    if review.current:
        names = ", ".join(dict.fromkeys(each.reader or t("whoever has the link") for each in review.current))
        when = full_day_and_hour(t, review.current[0].made_at)
        return "info", t("Waiting for {names}, asked {when}.", names=names, when=when)
    if review.open_links and look == "muted":
        return "warn", t("It was changed after somebody was asked to read it: ask again.")
    return look, said
