"""What a letter takes from the event that it is about, read whenever the letter is: when the event moves, so do they.

- `{{ event.date }}` and its like in the subject, the preheader and the texts;
- a block `agenda` with `event="…"` has from it what it leaves out; a block `button` with it leads to its calendar file.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from mailer.i18n import NO_BREAK_SPACE, Translator
from mailer.model.calendar import CalendarEvent, planned_at
from mailer.model.workspace import (
    Block,
    BlockType,
    Campaign,
    FieldKind,
    FieldSource,
    Issue,
    Templates,
    split_body,
)

ATTRIBUTE = "event"
#: The kinds of block that may name an event.
AGENDA, BUTTON = "agenda", "button"
#: What `{{ event.… }}` may ask for.
NAMES = (
    "title",
    "date",
    "day",
    "time",
    "place",
    "online",
    "registration",
    "description",
    "contact",
    "replay",
)
_ASKED = re.compile(r"\{\{[ \t\u00a0]*event\.([a-z]+)[ \t\u00a0]*\}\}")
#: Whatever means something in CommonMark stands for itself.
_MEANT = re.compile(r"([\\`*_{}\[\]()#+.!<>&|~-])")


def event_values(event: CalendarEvent, language: str) -> dict[str, str]:
    """What can be asked of an event, in words; a value that it does not have is missing."""
    t = Translator(language, event.zone)
    start = event.start.date()
    values = {
        "title": event.title,
        "date": t.date(start, f"d{NO_BREAK_SPACE}MMMM y"),
        "day": t.date(start, f"EEEE d{NO_BREAK_SPACE}MMMM y"),
        "time": _time(t, event),
        "place": ", ".join(filter(None, (event.place, event.address))),
        **{name: getattr(event, name) for name in NAMES[5:]},
    }
    return {name: value for name, value in values.items() if value}


def presented(issue: Issue, campaign: Campaign) -> Issue:
    """The issue as lists show it: its subject and preheader in words, and the hour that its event plans for it."""
    event = campaign.events.get(issue.event)
    if event is None:
        return issue
    values = event_values(event, campaign.language)
    return replace(
        issue,
        subject=_filled(issue.subject, values),
        second_subject=_filled(issue.second_subject, values),
        preheader=_filled(issue.preheader, values),
        send_at=issue.send_at or planned_at(event, issue.event_letter),
    )


def with_events(issue: Issue, campaign: Campaign, templates: Templates, *, links: Mapping[str, str]) -> Issue:
    """The issue as it is compiled. `links`: event -> the address of its calendar file."""
    event = campaign.events.get(issue.event)
    values = event_values(event, campaign.language) if event else {}
    blocks = tuple(
        _block(_taken(block, campaign, links), templates.blocks.get(block.kind), values)
        for block in issue.blocks
    )
    return replace(presented(issue, campaign), blocks=blocks)


def _taken(block: Block, campaign: Campaign, links: Mapping[str, str]) -> Block:
    event = campaign.events.get(block.attributes.get(ATTRIBUTE, ""))
    if event is None or block.kind not in {AGENDA, BUTTON}:
        return block
    given = {name: value for name, value in block.attributes.items() if name != ATTRIBUTE and value}
    if block.kind == BUTTON:
        return replace(block, attributes={"link": links[event.slug], **given})
    heading, text = split_body(block.body)
    values = event_values(event, campaign.language)
    taken = {
        "date": event.start.date().isoformat(),
        "time": values["time"],
        "place": values.get("place") or Translator(campaign.language)("Online"),
        "link": event.registration or event.online,
        "label": _label(Translator(campaign.language), event),
    }
    filled = {name: value for name, value in taken.items() if value}
    return replace(
        block,
        attributes={**filled, **given},
        body=f"# {heading or event.title}\n{text}",
    )


def _label(t: Translator, event: CalendarEvent) -> str:
    return t("Sign up for the event") if event.registration else t("Take part from afar")


def _block(block: Block, block_type: BlockType | None, values: Mapping[str, str]) -> Block:
    """With what is asked for in its fields; in running text a value is never read as Markdown."""
    if block_type is None or not values:
        return block
    kinds = {each.name: each.kind for each in block_type.fields if each.source is FieldSource.ATTRIBUTE}
    attributes = {
        name: _filled(text, values, rich=kinds.get(name) is FieldKind.TEXT)
        for name, text in block.attributes.items()
    }
    rich = any(each.source is FieldSource.BODY and each.kind is FieldKind.TEXT for each in block_type.fields)
    lines = block.body.split("\n")
    is_titled = any(each.source is FieldSource.HEADING for each in block_type.fields)
    body = [
        _filled(line, values, rich=rich and not (is_titled and number == 0 and line.startswith("# ")))
        for number, line in enumerate(lines)
    ]
    return replace(block, attributes=attributes, body="\n".join(body))


def _filled(text: str, values: Mapping[str, str], *, rich: bool = False) -> str:
    """What the event does not have stays as it was asked for: preflight finds it."""

    def value(found: re.Match[str]) -> str:
        said = values.get(found[1], found[0])
        return _MEANT.sub(r"\\\1", said) if rich and found[1] in values else said

    return _ASKED.sub(value, text)


def _time(t: Translator, event: CalendarEvent) -> str:
    start, end = _hour(t, event.start), _hour(t, event.end)
    if event.start.date() == event.end.date():
        return t("{start} to {end}", start=start, end=end)
    day = t.date(event.end.date(), f"EEEE d{NO_BREAK_SPACE}MMMM")
    return t("{start}, until {day} at {end}", start=start, day=day, end=end)


def _hour(t: Translator, at: datetime) -> str:
    if t.language != "fr":
        return f"{at.hour}:{at.minute:02}"
    return f"{at.hour}{NO_BREAK_SPACE}h" + (f"{NO_BREAK_SPACE}{at.minute:02}" if at.minute else "")
