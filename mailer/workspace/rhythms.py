"""`[rhythm]` in campaign.toml: the day and hour of a weekly campaign, and the frame of its next letter."""

from collections.abc import Iterator
from datetime import time
from pathlib import Path

from mailer.model.workspace import Campaign, Issue, Rhythm
from mailer.workspace import places
from mailer.workspace.toml_files import TomlFile

KEYS = {"weekday", "hour", "frame", "remind_days"}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
#: From one letter to the next.
_WEEK_DAYS = 7


def read_rhythm(file: TomlFile) -> tuple[str, Rhythm | None]:
    """`monthly`, `weekly` or `adhoc`, and the plan of a table; None where its day or hour cannot be read."""
    if not isinstance(file.values.get("rhythm"), dict):
        return file.take("rhythm", str, "adhoc"), None
    file.refuse_unknown(KEYS, table="rhythm")
    weekday = file.take("rhythm.weekday", str, "", is_required=True)
    hour = file.take("rhythm.hour", str, "", is_required=True)
    frame = file.take("rhythm.frame", str, "")
    remind_days = file.take("rhythm.remind_days", int, 2)
    _check_values(file)
    at = _read_hour(hour)
    if weekday not in WEEKDAYS or at is None:
        return "weekly", None
    return "weekly", Rhythm(WEEKDAYS.index(weekday), at, frame, min(max(remind_days, 0), _WEEK_DAYS))


def check_frame(root: Path, file: TomlFile, campaign: Campaign) -> None:
    """The frame must be a file of the campaign; one that is broken exists, and its own mistakes are reported."""
    frame = campaign.plan.frame if campaign.plan else ""
    if not places.is_slug(frame):  # none, or a name that is told already
        return
    path = campaign.path.with_name(f"{frame}.md")
    if places.is_file(root / path):
        return
    file.add(
        "unknown-frame",
        message="There is no file {file} for the next letter to begin with.",
        remedy="Make it, or perhaps you meant: {nearest}.",
        key="rhythm.frame",
        file=path.as_posix(),
        nearest=places.nearest(frame, campaign.issues),
    )


def written(campaign: Campaign) -> Iterator[Issue]:
    """Every letter of the campaign, and its frame: whatever is written in its folder."""
    yield from campaign.issues.values()
    if campaign.frame is not None:
        yield campaign.frame


def _check_values(file: TomlFile) -> None:
    file.check("rhythm.weekday", str, WEEKDAYS.__contains__, remedy="Choose one of: {known}.", known=WEEKDAYS)
    file.check("rhythm.hour", str, _is_hour, remedy='Write an hour such as "09:00".')
    file.check("rhythm.frame", str, places.is_slug, remedy="Use small letters, digits and hyphens.")
    file.check("rhythm.remind_days", int, _is_remind, remedy="Write a number of days from 0 to 7.")


def _is_hour(text: str) -> bool:
    return _read_hour(text) is not None


def _is_remind(value: int) -> bool:
    return 0 <= value <= _WEEK_DAYS


def _read_hour(text: str) -> time | None:
    """`09:00`, in this one way: hours and minutes, two digits each."""
    try:
        found = time.fromisoformat(text)
    except ValueError:
        return None
    return found if f"{found:%H:%M}" == text else None
