"""The rule of an audience as somebody edits it: read with its file's fingerprint, counted before it is saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mailer import segments, workspace
from mailer.app.mailer import Mailer
from mailer.errors import ConflictError, InputError, NotFoundError, Problem, WorkspaceError
from mailer.model.segment import Audience, Segment
from mailer.model.workspace import Workspace
from mailer.store import acts

_MOST_PROPOSED = 300


@dataclass(frozen=True, slots=True)
class Rule:
    """A segment as its file says, without looking anything up; `fingerprint` names this state of the file."""

    segment: Segment
    text: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Judged:
    """What a rule would do now: its mistakes, or the people whom it names."""

    problems: Sequence[Problem]
    audience: Audience | None
    topic_title: str


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a rule may speak of here: other segments, issues, topics, and the present values of some fields."""

    segments: Mapping[str, str]
    issues: Sequence[str]
    topics: Mapping[str, str]
    proposals: Mapping[str, Sequence[str]]


def find(mailer: Mailer, slug: str) -> Rule:
    """The rule of a file; raises NotFoundError, or WorkspaceError where its file has mistakes."""
    text = workspace.segment_text(mailer.settings.workspace, slug)
    if text is None:
        raise NotFoundError("There is no segment {slug}. Known: {known}.", slug=slug, known=_known(mailer))
    found, problems = mailer.workspace()
    path = Path("audiences") / f"{slug}.toml"
    mistakes = [each for each in problems if each.path == path]
    if mistakes or slug not in found.segments:
        raise WorkspaceError(mistakes)
    return Rule(found.segments[slug], text, workspace.fingerprint(text))


def judge(mailer: Mailer, segment: Segment, *, language: str) -> Judged:
    """The mistakes of a rule that may not be saved yet, or whom it names among those of its topic."""
    found, _ = mailer.workspace()
    known = {**found.segments, segment.slug: segment}
    expanded, circles = segments.expand(segment, known)
    problems = segments.check(segment) or circles or segments.check(expanded)
    topic = _topic(found, segment.slug)
    title = found.topics().get(topic, topic)
    if problems:
        return Judged(problems, None, title)
    return Judged((), mailer.resolve(expanded, topic=topic, language=language), title)


def lost_comments(rule: Rule, segment: Segment) -> list[str]:
    """The comments of the file that saving this segment would take along."""
    return workspace.lost_comments(rule.text, workspace.write_segment(segment, original=rule.text))


def save(mailer: Mailer, segment: Segment, *, expected: str, by: str) -> None:
    """Write the rule over the state of its file that was seen. The guard for members is never lifted here.

    Raises ConflictError where somebody changed the file since, InputError for a rule with mistakes.
    """
    present = find(mailer, segment.slug)
    whole = replace(segment, members_only=segment.members_only or present.segment.members_only)
    problems = judge(mailer, whole, language=mailer.settings.language).problems
    if problems:
        raise WorkspaceError(problems)
    workspace.save_segment(mailer.settings.workspace, whole, expected=expected)
    _record(mailer, whole.slug, "rule", by)


def create(mailer: Mailer, slug: str, *, title: str, copy_of: str, members_only: bool, by: str) -> None:
    """A new file: everybody, or the rule of another segment with its guard."""
    path = Path("audiences") / f"{slug}.toml"
    segment = Segment(slug, title, path, members_only=members_only)
    if not title.strip():
        raise InputError("An audience needs a title.")
    if copy_of:
        other = find(mailer, copy_of).segment
        guarded = members_only or other.members_only
        segment = replace(other, slug=slug, title=title, path=path, members_only=guarded)
    try:
        workspace.save_segment(mailer.settings.workspace, segment, expected="")
    except ConflictError as error:
        raise InputError(
            "There is an audience of this name already: {slug}. Choose another name.", slug=slug
        ) from error
    _record(mailer, slug, "new-audience", by)


def vocabulary(mailer: Mailer, slug: str) -> Vocabulary:
    """What a form may offer to the rule of this segment."""
    found, _ = mailer.workspace()
    with mailer.store.read() as tx:
        proposals = segments.proposals(tx, most=_MOST_PROPOSED)
    return Vocabulary(
        segments={each.slug: each.title for each in found.segments.values() if each.slug != slug},
        issues=[issue.ref for campaign in found.campaigns.values() for issue in campaign.issues.values()],
        topics=found.topics(),
        proposals=proposals,
    )


def _topic(found: Workspace, slug: str) -> str:
    """That of the first campaign that uses the segment, else the first of all."""
    users = [each.topic for each in found.campaigns.values() if each.segment == slug]
    return next(iter([*users, *found.topics()]), "")


def _known(mailer: Mailer) -> str:
    return ", ".join(sorted(mailer.workspace()[0].segments)) or "–"


def _record(mailer: Mailer, slug: str, act: str, by: str) -> None:
    with mailer.store.write() as tx:
        acts.record(tx, at=mailer.clock.now(), by=by, act=act, object=slug)
