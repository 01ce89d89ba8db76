"""A new letter: an empty one, or a copy of an earlier one, in a file of its own."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime

from mailer import workspace
from mailer.clock import Clock
from mailer.errors import InputError, NotFoundError, WorkspaceError
from mailer.model.workspace import Campaign, FieldKind, Issue
from mailer.settings import Settings
from mailer.workspace.editing import refusal, tidy
from mailer.workspace.saving import create_file

_MOST_LETTERS = 40


def create_letter(
    settings: Settings,
    clock: Clock,
    *,
    campaign: str,
    subject: str,
    at: datetime | None = None,
    like: str = "",
) -> str:
    """Write the file; the new letter's `campaign/issue`. `like` names the letter of the same campaign to copy."""
    found, _ = workspace.load(settings.workspace)
    chosen = found.campaigns.get(campaign)
    if chosen is None:
        raise InputError("Choose a campaign.")
    subject = tidy(subject, FieldKind.LINE)
    if problem := refusal(subject, field="subject"):
        raise WorkspaceError([problem])
    copied = _copied(chosen, like)
    subject = subject or (copied.subject if copied else "")
    day = at.date() if at else clock.now().date()
    slug = free_slug(_slug(chosen.rhythm, day, subject), chosen.issues)
    issue = replace(begun(chosen, slug, copied, at=at), subject=subject)
    write_new(settings, issue)
    return issue.ref


def begun(campaign: Campaign, slug: str, copied: Issue | None, *, at: datetime | None) -> Issue:
    """The letter of this name as it begins: what it copies, the next number, the hour wished for; nothing is written."""
    return Issue(
        campaign=campaign.slug,
        slug=slug,
        path=campaign.path.with_name(f"{slug}.md"),
        subject=copied.subject if copied else "",
        preheader=copied.preheader if copied else "",
        send_at=at,
        number=_next_number(campaign),
        blocks=copied.blocks if copied else (),
        front=_front(copied) if copied else {},
    )


def free_slug(wanted: str, taken: Collection[str]) -> str:
    """The name, or the first of it with a number behind that no letter has."""
    number, found = 1, wanted
    while found in taken:
        number += 1
        found = f"{wanted}-{number}"
    return found


def write_new(settings: Settings, issue: Issue) -> None:
    """The file of a letter that has none yet."""
    path = workspace.issue_path(settings.workspace, issue.campaign, issue.slug)
    try:
        create_file(path, workspace.write_issue(issue))
    except FileExistsError as error:
        raise InputError("Somebody has just made a letter of this name. Try again.") from error


def _copied(campaign: Campaign, like: str) -> Issue | None:
    if not like:
        return None
    frame = {campaign.frame.slug: campaign.frame} if campaign.frame else {}
    issue = {**campaign.issues, **frame}.get(like.removeprefix(f"{campaign.slug}/"))
    if issue is None or like != issue.ref:
        raise NotFoundError("There is no letter {ref} in this campaign to copy.", ref=like)
    return issue


def _front(copied: Issue) -> dict[str, object]:
    """What a copy says of itself: it speaks of the same event, but is not the letter that was planned for it."""
    return {key: value for key, value in copied.front.items() if key != "event_letter"}


def _slug(rhythm: str, day: date, subject: str) -> str:
    """2026-06 for a monthly letter, 2026-06-11 for a weekly one, with words of the subject for any other."""
    if rhythm == "monthly":
        return f"{day:%Y-%m}"
    if rhythm == "weekly":
        return day.isoformat()
    ascii_only = unicodedata.normalize("NFKD", subject).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:_MOST_LETTERS].rpartition("-")
    name = words[0] or words[2]
    return f"{day.isoformat()}-{name}" if name else day.isoformat()


def _next_number(campaign: Campaign) -> int | None:
    """One more than the highest, where the letters of the campaign are numbered."""
    numbers = [each.number for each in campaign.issues.values() if each.number is not None]
    return max(numbers) + 1 if numbers else None
