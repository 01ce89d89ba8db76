"""Issues as their files say: finding, compiling and previewing them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from mailer import segments, workspace
from mailer.app.compiler import Compiler
from mailer.app.outside import Outside
from mailer.app.preview import Preview, build_preview
from mailer.errors import InputError, NotFoundError, Problem, Severity, WorkspaceError
from mailer.model.mail import Person
from mailer.model.segment import Segment
from mailer.model.workspace import Campaign, Compiled, Issue, Workspace
from mailer.settings import Settings
from mailer.workspace.reader import is_hour

#: How people write an hour.
LOCAL_FORMAT = "%Y-%m-%d %H:%M"

#: Mistakes of a campaign that say nothing of its letters: of the next one's frame, and of an archive that there is not.
_BESIDE_LETTERS = frozenset({"unknown-frame", "archive-of-members"})
#: The made-up reader of previews.
READER = Person("camille@exemple.example", "Camille", "Exemple")


def find_campaign(settings: Settings, slug: str) -> tuple[Workspace, Campaign, list[Problem]]:
    """The campaign, and every mistake of the workspace; raises NotFoundError, or WorkspaceError where it is broken."""
    found, problems = workspace.load(settings.workspace)
    campaign = found.campaigns.get(slug)
    if campaign is None:
        _raise_broken(problems, Path("campaigns") / slug)
        raise NotFoundError(
            "There is no campaign {slug}. Known: {known}.", slug=slug, known=_listed(found.campaigns)
        )
    return found, campaign, problems


def find(settings: Settings, ref: str) -> tuple[Workspace, Campaign, Issue]:
    """The issue named `campaign/issue`; raises NotFoundError, or WorkspaceError where its file is broken."""
    campaign_slug, _, issue_slug = ref.partition("/")
    found, campaign, problems = find_campaign(settings, campaign_slug)
    _raise_broken(problems, Path("campaigns") / campaign_slug / f"{issue_slug}.md")
    issue = campaign.issues.get(issue_slug)
    if issue is None:
        known = _listed(f"{campaign.slug}/{slug}" for slug in campaign.issues)
        raise NotFoundError("There is no issue {ref}. Known: {known}.", ref=ref, known=known)
    return found, campaign, issue


def find_segment(settings: Settings, slug: str, *, topic: str | None = None) -> tuple[Segment, str]:
    """The segment and its topic: the one asked for, else that of the first campaign that uses it."""
    found, problems = workspace.load(settings.workspace)
    _raise_broken(problems, Path("audiences") / f"{slug}.toml")
    segment = found.segments.get(slug)
    if segment is None:
        raise NotFoundError(
            "There is no segment {slug}. Known: {known}.", slug=slug, known=_listed(found.segments)
        )
    if topic and topic not in found.topics():
        raise NotFoundError(
            "There is no topic {slug}. Known: {known}.", slug=topic, known=_listed(found.topics())
        )
    return whole_segment(found, slug), topic or _topic_of(found, slug)


def whole_segment(found: Workspace, slug: str) -> Segment:
    """The rule with every segment that it names in its place; raises WorkspaceError where one is not there."""
    if slug not in found.segments:
        raise WorkspaceError([_no_segment(found, slug)])
    expanded, problems = segments.expand(found.segments[slug], found.segments)
    if problems:
        raise WorkspaceError(problems)
    return expanded


def sound_segment(found: Workspace, campaign: Campaign) -> Segment | None:
    """The whole rule of the campaign's audience; None where something is wrong with it, which is told elsewhere."""
    named = found.segments.get(campaign.segment)
    if named is None or segments.check(named) or segments.expand(named, found.segments)[1]:
        return None
    return whole_segment(found, campaign.segment)


def previewed(
    settings: Settings,
    found: Workspace,
    campaign: Campaign,
    issue: Issue,
    ready: Compiled,
    person: Person = READER,
) -> Preview:
    """The copy of one person, with what preflight says of the issue."""
    return build_preview(
        ready,
        campaign,
        issue,
        person,
        settings.base_url,
        templates=found.templates,
        network=settings.network,
    )


def warnings(settings: Settings, campaign: Campaign, issue: Issue) -> list[Problem]:
    """What the files say against this issue without keeping it from being compiled."""
    found, problems = workspace.load(settings.workspace)
    own = [each for each in problems if each.path == issue.path]
    return [*foundations(found, campaign, problems), *own]


def foundations(found: Workspace, campaign: Campaign, problems: Iterable[Problem]) -> list[Problem]:
    """Those of the problems that keep every letter of the campaign from leaving: in its file, and in its audience's.

    What is written wrongly there is read as if it were not written: who is left out, who has to approve, what is measured.
    """
    files = {campaign.path, *_audience_files(found, campaign.segment)}
    return [
        each
        for each in problems
        if each.path in files and each.severity is Severity.BLOCKING and each.code not in _BESIDE_LETTERS
    ]


def _audience_files(found: Workspace, slug: str) -> set[Path]:
    """The file of the audience, and of every one that it names in turn."""
    slugs, waiting = set[str](), [slug]
    while waiting:
        name = waiting.pop()
        if name not in slugs:
            slugs.add(name)
            waiting += segments.named_by(found.segments[name]) if name in found.segments else ()
    return {Path("audiences") / f"{name}.toml" for name in slugs}


@dataclass(frozen=True, slots=True)
class Edition:
    """An issue that nothing keeps from being sent, compiled."""

    campaign: Campaign
    issue: Issue
    segment: Segment
    compiled: Compiled


def sendable(settings: Settings, ref: str, outside: Outside, compiler: Compiler) -> Edition:
    """The issue `campaign/issue`; raises WorkspaceError with everything that must stop a send."""
    found, campaign, issue = find(settings, ref)
    if broken := foundations(found, campaign, workspace.load(settings.workspace)[1]):
        raise WorkspaceError(broken)
    ready = compiler(found, campaign, issue)
    segment = whole_segment(found, campaign.segment)
    problems = (
        *previewed(settings, found, campaign, issue, ready).problems,
        *outside.problems(ready, campaign, issue, found.templates),
        *workspace.event_obstacles(campaign, issue),
    )
    blocking = [each for each in problems if each.severity is Severity.BLOCKING]
    if blocking or segments.check(segment):
        raise WorkspaceError([*blocking, *segments.check(segment)])
    return Edition(campaign, issue, segment, ready)


def wished_hour(issue: Issue) -> str:
    """The local hour that the issue's file wishes for."""
    if issue.send_at is None:
        raise InputError("{ref} has no hour. Write send_at in its file, or give an hour.", ref=issue.ref)
    return issue.send_at.strftime(LOCAL_FORMAT)


def local_hour(text: str) -> str:
    """A local hour as it is kept: written in one way only, since approvals are compared by it."""
    return parse_hour(text).strftime(LOCAL_FORMAT)


def parse_hour(text: str) -> datetime:
    """A naive local hour as people write it."""
    try:
        at = datetime.strptime(text.replace("T", " "), LOCAL_FORMAT).replace(tzinfo=UTC).replace(tzinfo=None)
        if not is_hour(at):
            raise ValueError(text)
        return at
    except ValueError as error:
        raise InputError("{text} is not an hour. Write it as 2026-06-11 09:00.", text=text) from error


def _raise_broken(problems: list[Problem], below: Path) -> None:
    broken = [each for each in problems if each.path and (each.path == below or below in each.path.parents)]
    if any(each.severity == "blocking" for each in broken):
        raise WorkspaceError(broken)


def _no_segment(found: Workspace, slug: str) -> Problem:
    return Problem(
        code="unknown-segment",
        message="There is no segment {value}.",
        remedy="Perhaps you meant: {nearest}.",
        values={"value": slug, "nearest": workspace.nearest(slug, found.segments)},
        path=Path("audiences") / f"{slug}.toml",
    )


def _topic_of(found: Workspace, segment: str) -> str:
    for campaign in found.campaigns.values():
        if campaign.segment == segment:
            return campaign.topic
    known = _listed(found.topics())
    raise InputError(
        "No campaign uses the segment {segment}. Name a topic: {known}.", segment=segment, known=known
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "–"
