"""Errata: an issue that corrects another one of its campaign; their mistakes, and the draft to begin with."""

from pathlib import Path

from mailer.errors import Problem
from mailer.i18n import Translator
from mailer.model.workspace import Block, Campaign, Issue
from mailer.workspace import places


def check_errata(root: Path, campaign: Campaign) -> list[Problem]:
    """Errata of an issue that is not there, of themselves, or in a circle."""
    return [
        problem
        for issue in campaign.issues.values()
        if issue.erratum_of
        for problem in _mistakes(root, campaign, issue)
    ]


def draft_erratum(campaign: Campaign, issue: Issue) -> Issue:
    """An erratum of the issue under a name that is free, with what a person must fill in; nothing is written.

    What is left to fill in is marked as preflight knows it, so that no unfinished erratum leaves.
    """
    t = Translator(campaign.language, campaign.zone)
    slug = _free_slug(campaign, f"{issue.slug}-erratum")
    # Half of the people never saw the first of two subjects.
    said = (
        t("In our last letter, read: [to do]")
        if issue.second_subject
        else t("In our letter “{subject}”, read: [to do]", subject=issue.subject)
    )
    return Issue(
        campaign=campaign.slug,
        slug=slug,
        path=issue.path.with_name(f"{slug}.md"),
        subject=t("Correction: {subject}", subject=issue.subject),
        second_subject=t("Correction: {subject}", subject=issue.second_subject)
        if issue.second_subject
        else "",
        preheader=t("What was wrong, and what is right: [to do]"),
        erratum_of=issue.slug,
        blocks=(Block("section", body=t("What is corrected")), Block("text", body=said)),
    )


def _free_slug(campaign: Campaign, wanted: str) -> str:
    names = [wanted, *(f"{wanted}-{number}" for number in range(2, len(campaign.issues) + 3))]
    return next(name for name in names if name not in campaign.issues)


def _mistakes(root: Path, campaign: Campaign, issue: Issue) -> list[Problem]:
    wanted = issue.erratum_of
    if wanted == issue.slug:
        return [_of_itself(issue)]
    if not _has_file(root, issue, wanted):
        return [_unknown(campaign, issue)]
    return [_circular(issue)] if issue.slug in _corrected(campaign, issue) else []


def _has_file(root: Path, issue: Issue, slug: str) -> bool:
    """An issue whose file is broken exists: its own mistakes are reported, not its errata's."""
    return places.is_slug(slug) and places.is_file(root / issue.path.with_name(f"{slug}.md"))


def _corrected(campaign: Campaign, issue: Issue) -> set[str]:
    """Every issue that this one corrects, those included that the corrected ones correct."""
    found: set[str] = set()
    wanted = issue.erratum_of
    while wanted and wanted not in found:
        found.add(wanted)
        wanted = campaign.issues[wanted].erratum_of if wanted in campaign.issues else ""
    return found


def _unknown(campaign: Campaign, issue: Issue) -> Problem:
    others = [slug for slug in campaign.issues if slug != issue.slug]
    return _problem(
        issue,
        "unknown-issue",
        message="There is no issue {value} in this campaign.",
        remedy="Perhaps you meant: {nearest}.",
        nearest=places.nearest(issue.erratum_of, others),
    )


def _of_itself(issue: Issue) -> Problem:
    return _problem(
        issue,
        "erratum-of-itself",
        message="An issue cannot correct itself.",
        remedy="Name the issue whose copies were wrong, or delete the line.",
    )


def _circular(issue: Issue) -> Problem:
    return _problem(
        issue,
        "erratum-in-a-circle",
        message="The issue {value} is, directly or not, an erratum of this one.",
        remedy="Delete the line erratum_of in the issue that left first.",
    )


def _problem(issue: Issue, code: str, *, message: str, remedy: str, **values: object) -> Problem:
    return Problem(
        code=code,
        message=message,
        remedy=remedy,
        values={"value": issue.erratum_of, **values},
        path=issue.path,
        line=issue.lines.get("erratum_of"),
    )
