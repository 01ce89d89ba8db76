"""An event written to the text of its file: the exact inverse of `events`.

Written over its file, what did not change stays as it stands, with its comments.
"""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from mailer.errors import InputError, Problem, WorkspaceError
from mailer.model.calendar import KIT, CalendarEvent
from mailer.model.workspace import Campaign
from mailer.workspace.events import FOLDER, HOUR, KEYS, event_path, read_event
from mailer.workspace.saving import create_file, replace_text
from mailer.workspace.toml_comments import comments
from mailer.workspace.toml_files import TomlFile

_DELETE = "\x7f"
_LINES = re.compile(r"[^\n]*\n|[^\n]+")


def write_event(event: CalendarEvent, *, original: str | None = None, zone: str = "") -> str:
    """The text of the event's file; reading it gives the same event again.

    `zone` is the campaign's: an event in it need not say its own. Raises InputError for a text that no file can hold.
    """
    wanted = {key: _value(value) for key, value in _values(event, zone).items()}
    if original is None:
        return "".join(f"{key} = {value}\n" for key, value in wanted.items())
    plain = original.removeprefix("\ufeff").replace("\r\n", "\n")
    end = "\r\n" if "\r\n" in original else "\n"
    written = "".join(_over(plain, wanted))
    if tomllib.loads(written) != tomllib.loads(
        "".join(f"{key} = {value}\n" for key, value in wanted.items())
    ):
        raise InputError("The file holds what no event has: mend it first.")
    return ("\ufeff" if original.startswith("\ufeff") else "") + written.replace("\n", end)


def make_event(campaign: Campaign, slug: str, values: Mapping[str, object]) -> CalendarEvent:
    """The event that these values of its keys make; raises WorkspaceError with everything that is wrong with them."""
    text = "".join(f"{key} = {_value(values[key])}\n" for key in KEYS if values.get(key) not in ("", None))
    problems: list[Problem] = []
    path = campaign.path.parent / FOLDER / f"{slug}.toml"
    event = read_event(TomlFile(Path(), path, problems, text=text or "\n"), zone=campaign.zone)
    if problems or event is None:
        raise WorkspaceError([replace(each, line=None) for each in problems])
    return event


def file_values(event: CalendarEvent) -> dict[str, object]:
    """The values of all its keys, as its file has them."""
    return {key: getattr(event, key) for key in KEYS} | {
        "start": event.start.strftime(HOUR),
        "end": event.end.strftime(HOUR),
    }


def create_event(root: Path, event: CalendarEvent, *, zone: str) -> Path:
    """Write the file of a new event; raises InputError where there is one of this name."""
    path = event_path(root, event.campaign, event.slug)
    path.parent.mkdir(exist_ok=True)
    try:
        create_file(path, write_event(event, zone=zone))
    except FileExistsError as error:
        raise InputError("There is already an event {ref}. Choose another name.", ref=event.ref) from error
    return path


def save_event(root: Path, event: CalendarEvent, *, expected: str, zone: str) -> Path:
    """Write the event over its file, which still has the `expected` text; raises ConflictError where it has another."""
    path = event_path(root, event.campaign, event.slug)
    replace_text(path, write_event(event, original=expected, zone=zone), expected=expected)
    return path


def _values(event: CalendarEvent, zone: str) -> dict[str, object]:
    """What the file says: an empty text, and what goes without saying, is left out."""
    usual = {"zone": zone, "cancelled": False, "letters": KIT}
    return {key: value for key, value in file_values(event).items() if value not in ("", usual.get(key))}


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(map(_quoted, value))}]"
    text = str(value)
    if "\n" in text:
        return '"""\n' + "\n".join(_quoted(line)[1:-1] for line in text.split("\n")) + '"""'
    return _quoted(text)


def _quoted(text: str) -> str:
    """A TOML text on one line: the escapes of JSON are among its own."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InputError(
            "“{text}” holds a character that no file can hold. Type it again.", text=ascii(text)
        ) from error
    return json.dumps(text, ensure_ascii=False).replace(_DELETE, "\\u007f")


def _over(plain: str, wanted: dict[str, str]) -> Iterator[str]:
    """The statements of the file, those anew whose value is another; new keys stand at the end."""
    left = dict(wanted)
    last = "\n"
    for statement in _statements(plain):
        held = tomllib.loads(statement)
        key = next(iter(held), "")
        if key not in KEYS or held == tomllib.loads(f"{key} = {wanted[key]}" if key in wanted else ""):
            left.pop(key, None)
            yield (last := statement)
        elif key in left:
            yield (last := f"{_above(statement)}{key} = {left.pop(key)}{_beside(statement)}\n")
        else:
            yield (last := _above(statement))
    if left and last and not last.endswith("\n"):
        yield "\n"
    yield from (f"{key} = {value}\n" for key, value in left.items())


def _statements(plain: str) -> Iterator[str]:
    """The text cut behind each line at which it can be read: a text over several lines stays whole."""
    pending = ""
    for line in _LINES.findall(plain):
        pending += line
        try:
            tomllib.loads(pending)
        except tomllib.TOMLDecodeError:
            continue
        yield pending
        pending = ""
    if pending:
        raise InputError("The file holds what no event has: mend it first.")


def _above(statement: str) -> str:
    """The comments inside a value that goes are kept above; a statement begins with its key."""
    inside = comments(statement)[: None if _is_many(statement) else 0]
    return "".join(f"{each}\n" for each in inside)


def _beside(statement: str) -> str:
    found = [] if _is_many(statement) else comments(statement)
    return f"  {found[0]}" if found else ""


def _is_many(statement: str) -> bool:
    return "\n" in statement.rstrip("\n")
