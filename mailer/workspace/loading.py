"""The whole workspace: templates, audiences and campaigns, each held against the others."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from mailer.errors import Problem
from mailer.model.segment import Segment
from mailer.model.segment_guards import is_for_members
from mailer.model.workspace import Campaign, Templates, Workspace
from mailer.workspace import marks, places
from mailer.workspace.audiences import load_segments
from mailer.workspace.campaigns import load_campaigns
from mailer.workspace.checks import check_issue, check_numbers, check_sequence
from mailer.workspace.consents import check_questions
from mailer.workspace.errata import check_errata
from mailer.workspace.event_letters import check_event_letters
from mailer.workspace.invitations import check_invitations
from mailer.workspace.rhythms import written
from mailer.workspace.templates import load_templates
from mailer.workspace.toml_files import TomlFile


def load(root: Path) -> tuple[Workspace, list[Problem]]:
    """Everything that can be read under `root`, and every mistake, with paths relative to it.

    Never stops at the first mistake. The paths of campaigns, issues, segments, layouts and block types are
    relative to `root` as well; `Workspace.root` and `Templates.root` are absolute.

    Read again only where a file has changed: one page asks several times.
    """
    root = root.resolve()
    seen = marks.below(root, "templates", "audiences", "campaigns")
    read = _read_once if marks.are_settled(seen) else _read
    found, problems = read(root, seen)
    return found, list(problems)


def load_around(root: Path, issue: Path) -> tuple[Workspace, list[Problem]]:
    """The workspace around an issue that is being written: what this one's own file says may be of an earlier moment.

    Each save would otherwise have everything read again, for what has just changed may change once more unseen.
    """
    root = root.resolve()
    seen = marks.without(marks.below(root, "templates", "audiences", "campaigns"), issue.as_posix())
    read = _read_around if marks.are_settled(seen) else _read
    found, problems = read(root, seen)
    return found, list(problems)


def _read(root: Path, seen: marks.Marks) -> tuple[Workspace, tuple[Problem, ...]]:
    templates, problems = _templates(root, marks.in_folder(seen, "templates"))
    segments = load_segments(root, problems)
    campaigns = {
        slug: _without_archive(root, campaign, segments, problems)
        for slug, campaign in load_campaigns(root, problems).items()
    }
    for campaign in campaigns.values():
        problems += _check_references(root, campaign, templates, segments)
        problems += check_numbers(campaign)
        problems += check_errata(root, campaign)
        problems += check_sequence(campaign)
        problems += check_event_letters(campaign)
        problems += check_questions(campaign)
        for issue in written(campaign):
            problems += check_issue(issue, campaign, templates, root=root)
    problems += check_invitations(root, campaigns, segments)
    workspace = Workspace(root=root, templates=templates, segments=segments, campaigns=campaigns)
    return workspace, tuple(sorted(problems, key=lambda problem: (str(problem.path), problem.line or 0)))


def _templates(root: Path, seen: marks.Marks) -> tuple[Templates, list[Problem]]:
    """They change seldom: not read again because somebody writes a letter."""
    read = _read_templates_once if marks.are_settled(seen) else _read_templates
    found, problems = read(root, seen)
    return found, list(problems)


def _read_templates(root: Path, _seen: marks.Marks) -> tuple[Templates, tuple[Problem, ...]]:
    problems: list[Problem] = []
    return load_templates(root, problems), tuple(problems)


_read_templates_once = lru_cache(maxsize=4)(_read_templates)
#: Of the few latest states of the files; what is given is shared, and nobody changes it.
_read_once = lru_cache(maxsize=4)(_read)
#: Of a few letters that are being written at the same time.
_read_around = lru_cache(maxsize=4)(_read)


def _check_references(
    root: Path, campaign: Campaign, templates: Templates, segments: dict[str, Segment]
) -> list[Problem]:
    """The segment and the layout that the campaign names must exist."""
    problems: list[Problem] = []
    file = TomlFile(root, campaign.path, problems)
    if campaign.segment and not _is_file(root, "audiences", campaign.segment):
        file.add(
            "unknown-segment",
            message="There is no segment {value}.",
            remedy="Perhaps you meant: {nearest}.",
            key="segment",
            value=campaign.segment,
            nearest=places.nearest(campaign.segment, segments),
        )
    if campaign.layout and campaign.layout not in templates.layouts:
        file.add(
            "unknown-layout",
            message="There is no layout {value}.",
            remedy="Perhaps you meant: {nearest}.",
            key="layout",
            value=campaign.layout,
            nearest=places.nearest(campaign.layout, templates.layouts),
        )
    return problems


def _without_archive(
    root: Path, campaign: Campaign, segments: dict[str, Segment], problems: list[Problem]
) -> Campaign:
    """The campaign; where it, or its audience, is for members it has no archive, and none is linked to in its mails."""
    segment = segments.get(campaign.segment)
    guarded = segment is not None and is_for_members(segment, segments)
    if not campaign.archive or not (campaign.members_only or guarded):
        return campaign
    TomlFile(root, campaign.path, problems).add(
        "archive-of-members",
        message="Letters for members only are in no archive: everybody would read them.",
        remedy="Delete the line archive.",
        key="archive",
    )
    return replace(campaign, archive=False)


def _is_file(root: Path, folder: str, name: str) -> bool:
    """A segment whose file is broken exists: its own mistakes are reported, not its users'."""
    return places.is_slug(name) and places.is_file(root / folder / f"{name}.toml")
