"""campaigns/<slug>/events: one TOML file for each event of the network that the campaign announces."""

from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from mailer import addresses
from mailer.clock import is_zone, resolve_local
from mailer.errors import InputError, Problem
from mailer.model.calendar import KIT, YEARS, CalendarEvent
from mailer.workspace import places
from mailer.workspace.document import first_control
from mailer.workspace.toml_files import TomlFile

FOLDER = "events"
#: How an hour stands in the file.
HOUR = "%Y-%m-%d %H:%M"
LINKS = ("online", "registration", "replay")
TEXTS = ("place", "address", *LINKS, "description", "contact")
#: Every key, in the order in which they are written.
KEYS = ("title", "start", "end", "zone", *TEXTS, "cancelled", "letters")
_HOUR_REMEDY = 'Write the local hour as "2026-07-02 09:30", in a year between 1970 and 2099.'


def event_path(root: Path, campaign: str, slug: str) -> Path:
    """Where an event's file is; raises InputError for a name that could lead elsewhere (security S17)."""
    for name in (campaign, slug):
        if not places.is_slug(name):
            raise InputError(
                "“{name}” cannot be the name of a file here. Use small letters, digits and hyphens.",
                name=name,
            )
    path = root / "campaigns" / campaign / FOLDER / f"{slug}.toml"
    if not places.is_below(path, root):
        raise InputError("{path} leads outside of the workspace. Replace the link by a file.", path=path.name)
    return path


def load_events(root: Path, folder: Path, problems: list[Problem], *, zone: str) -> dict[str, CalendarEvent]:
    """Slug -> event of one campaign, whose folder is relative to the root; `zone` is the campaign's."""
    events = {}
    for file in sorted((root / folder / FOLDER).glob("*.toml")):
        path = file.relative_to(root)
        if file.name.startswith("."):
            continue
        if not places.is_slug(file.stem):
            problems.append(places.bad_slug(path))
        elif event := read_event(TomlFile(root, path, problems), zone=zone):
            events[event.slug] = event
    return events


def read_event(file: TomlFile, *, zone: str) -> CalendarEvent | None:
    """The event, or None where its title or its hours are missing or wrong; every mistake is noted."""
    if not file.is_read:
        return None
    file.refuse_unknown(set(KEYS))
    title = file.take("title", str, "", is_required=True)
    chosen = file.take("zone", str, zone) or zone
    if not is_zone(chosen):
        file.check("zone", str, lambda _: False, remedy="Write a time zone such as Europe/Paris.")
        return None
    start, end = _hour(file, "start", chosen), _hour(file, "end", chosen)
    _check_values(file)
    if not title or start is None or end is None or not _is_in_order(file, start, end):
        return None
    return CalendarEvent(
        campaign=file.path.parent.parent.name,
        slug=file.path.stem,
        path=file.path,
        title=title,
        start=start,
        end=end,
        zone=chosen,
        **{name: _plain(file, name) for name in TEXTS},
        cancelled=file.take("cancelled", bool, False),
        letters=tuple(
            each for each in file.take("letters", list, list(KIT)) if isinstance(each, str) and each in KIT
        ),
    )


def _hour(file: TomlFile, key: str, zone: str) -> datetime | None:
    """A local hour that exists once in the zone."""
    text = file.take(key, str, "", is_required=True)
    if not text:
        return None
    try:
        hour = datetime.fromisoformat(text)
        if hour.strftime(HOUR) != text or hour.year not in YEARS:
            raise ValueError(text)
        resolve_local(hour, zone)
    except InputError as error:
        file.problems.append(
            Problem(
                code="doubtful-hour",
                message=error.text,
                values=error.values,
                path=file.path,
                line=file.line(key),
                field=key,
            )
        )
        return None
    except ValueError:
        file.check(key, str, lambda _: False, remedy=_HOUR_REMEDY)
        return None
    return hour


def _plain(file: TomlFile, name: str) -> str:
    """The text; nothing where it holds what no line of a calendar file can, which is told as a mistake."""
    text = file.take(name, str, "")
    is_right = not first_control(text) if name == "description" else _is_line(text)
    return text if is_right else ""


def _is_in_order(file: TomlFile, start: datetime, end: datetime) -> bool:
    if end > start:
        return True
    file.add(
        "event-order",
        message="The event ends before it begins.",
        remedy="Give end an hour after start.",
        key="end",
    )
    return False


def _check_values(file: TomlFile) -> None:
    for key in ("title", *(each for each in TEXTS if each != "description")):
        file.check(key, str, _is_line, remedy="Delete the line break or hidden character.")
    file.check(
        "description",
        str,
        lambda text: not first_control(text),
        remedy="Delete the line break or hidden character.",
    )
    for key in LINKS:
        file.check(key, str, _is_link, remedy="Write the whole address, beginning with https://.")
    file.check("contact", str, _is_address, remedy="Write one address such as lettre@reseau.example.")
    file.check("letters", list, _are_letters, remedy="Choose one of: {known}.", known=KIT)
    if not any(file.take(key, str, "") for key in ("place", "address", "online")):
        file.add(
            "event-nowhere",
            message="The event has neither a place nor a link to take part from afar.",
            remedy="Add place, address or online.",
            key="place",
        )


def _is_line(value: str) -> bool:
    """On one line, without hidden characters; a no-break space is none, French needs it."""
    return not first_control(value) and not set("\n\t") & set(value)


def _is_link(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.netloc) and not any(map(str.isspace, value))


def _is_address(value: str) -> bool:
    try:
        return addresses.normalise(value) == value.lower()
    except addresses.AddressError:
        return False


def _are_letters(values: list[object]) -> bool:
    return all(each in KIT for each in values) and len(set(map(str, values))) == len(values)
