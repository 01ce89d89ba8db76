"""The letters of an event: the drafts to begin with, and what is wrong with letters that speak of events."""

from mailer.errors import Problem
from mailer.i18n import Translator, marked
from mailer.model.calendar import CalendarEvent, EventLetter
from mailer.model.workspace import Block, Campaign, Issue
from mailer.workspace import places
from mailer.workspace.event_values import AGENDA, ATTRIBUTE, BUTTON

#: Letter -> subject, preheader, the text before the event.
_WORDS = {
    EventLetter.SAVE_THE_DATE: (
        marked("Save the date: {title}, {date}"),
        marked("{day}, {time}"),
        marked(
            "On **{day}**, the network meets: {title}. Save the date; the programme follows two weeks before."
        ),
    ),
    EventLetter.FORTNIGHT: (
        marked("In two weeks: {title}"),
        marked("{day}, {time}: there is still time to sign up"),
        marked("In two weeks, on **{day}**: {title}. Here is what to expect: [to do]"),
    ),
    EventLetter.EVE: (
        marked("See you soon: {title}, {day}"),
        marked("Where and when: {time}"),
        marked("It is almost time: {title}, on **{day}**, {time}. What to bring, and how to come: [to do]"),
    ),
    EventLetter.REPLAY: (
        marked("To see again: {title}"),
        marked("The recording and what was shown"),
        marked(
            "Thank you for taking part in “{title}”. What to remember: [to do]\n\n[Watch the recording]({replay})"
        ),
    ),
    EventLetter.CHANGED: (
        marked("Please note the change: {title}, {day}"),
        marked("The right date and place: {day}, {time}"),
        marked(
            "What we wrote to you about “{title}” has changed: it now takes place on **{day}**, {time}. "
            "The calendar entry below replaces the earlier one."
        ),
    ),
    EventLetter.CANCELLED: (
        marked("Cancelled: {title}, {date}"),
        marked("The event of {day} does not take place"),
        marked("“{title}”, planned for **{day}**, is cancelled. Please take it out of your calendar."),
    ),
}


def draft_letter(campaign: Campaign, event: CalendarEvent, letter: EventLetter) -> Issue:
    """A letter of the event under a name that is free; nothing is written. It names its event and repeats none of it."""
    t = Translator(campaign.language, campaign.zone)
    subject, preheader, text = _WORDS[letter]
    slug = _free_slug(campaign, f"{event.slug}-{letter}")
    return Issue(
        campaign=campaign.slug,
        slug=slug,
        path=campaign.path.with_name(f"{slug}.md"),
        subject=t(subject, **_ASKED),
        preheader=t(preheader, **_ASKED),
        blocks=(Block("text", body=t(text, **_ASKED)), *_blocks(t, event, letter)),
        front={"event": event.slug, "event_letter": letter.value},
    )


def find_letter(campaign: Campaign, event: CalendarEvent, letter: str) -> Issue | None:
    """The letter of the event that is for this."""
    return next(
        (
            each
            for each in campaign.issues.values()
            if (each.event, each.event_letter) == (event.slug, letter)
        ),
        None,
    )


def check_event_letters(campaign: Campaign) -> list[Problem]:
    """Letters that name an event which has no file, or a purpose that none has."""
    return [problem for issue in campaign.issues.values() for problem in _mistakes(campaign, issue)]


def event_obstacles(campaign: Campaign, issue: Issue) -> list[Problem]:
    """What keeps a letter from leaving: it speaks of a cancelled event, or cancels one that takes place."""
    problems = [each for each in _mistakes(campaign, issue) if each.code == "unknown-event"]
    tells = issue.event_letter == EventLetter.CANCELLED
    for slug in issue.events:
        event = campaign.events.get(slug)
        if event is not None and event.cancelled and not tells:
            problems.append(
                _problem(
                    issue,
                    "event-cancelled",
                    slug,
                    message="The event {event} is cancelled: a letter that announces it does not leave.",
                    remedy="Take the event out of the letter, or write the letter that cancels it.",
                )
            )
        elif event is not None and tells and not event.cancelled:
            problems.append(
                _problem(
                    issue,
                    "event-not-cancelled",
                    slug,
                    message="The event {event} takes place: a letter that cancels it does not leave.",
                    remedy="Cancel the event first, or delete this draft.",
                )
            )
    return problems


#: Each name stands for itself in the sentences above: the letter asks its event for the value.
_ASKED = {name: f"{{{{ event.{name} }}}}" for name in ("title", "date", "day", "time", "replay")}


def _blocks(t: Translator, event: CalendarEvent, letter: EventLetter) -> tuple[Block, ...]:
    if letter is EventLetter.REPLAY:
        return ()
    calendar = Block(BUTTON, {ATTRIBUTE: event.slug, "label": _calendar_label(t, letter)})
    if letter is EventLetter.CANCELLED:
        return (calendar,)
    return (Block(AGENDA, {ATTRIBUTE: event.slug}), calendar)


def _calendar_label(t: Translator, letter: EventLetter) -> str:
    if letter is EventLetter.CANCELLED:
        return t("Take it out of my calendar")
    return (
        t("Put the new date into my calendar") if letter is EventLetter.CHANGED else t("Add to my calendar")
    )


def _free_slug(campaign: Campaign, wanted: str) -> str:
    names = [wanted, *(f"{wanted}-{number}" for number in range(2, len(campaign.issues) + 3))]
    return next(name for name in names if name not in campaign.issues)


def _mistakes(campaign: Campaign, issue: Issue) -> list[Problem]:
    problems = [
        _problem(
            issue,
            "unknown-event",
            slug,
            message="There is no event {event} in this campaign.",
            remedy="Perhaps you meant: {nearest}.",
            nearest=places.nearest(slug, campaign.events),
        )
        for slug in issue.events
        if slug not in campaign.events
    ]
    if issue.event_letter and issue.event_letter not in set(EventLetter):
        problems.append(
            Problem(
                code="bad-value",
                message="“{value}” is not a possible value of {key}.",
                remedy="Choose one of: {known}.",
                values={"key": "event_letter", "value": issue.event_letter, "known": ", ".join(EventLetter)},
                path=issue.path,
                line=issue.lines.get("event_letter"),
                field="event_letter",
            )
        )
    return problems


def _problem(issue: Issue, code: str, slug: str, *, message: str, remedy: str, **values: object) -> Problem:
    """At the block that names the event, else at the front matter."""
    named = [
        (number, block)
        for number, block in enumerate(issue.blocks, start=1)
        if block.attributes.get(ATTRIBUTE) == slug
    ]
    number, line = (named[0][0], named[0][1].line) if named else (None, issue.lines.get("event"))
    return Problem(
        code=code,
        message=message,
        remedy=remedy,
        values={"event": slug, **values},
        path=issue.path,
        line=line,
        block=number,
        field=ATTRIBUTE,
    )
