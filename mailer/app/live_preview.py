"""The real compile while somebody writes: the newest version wins, whatever waits behind it is dropped."""

from collections import OrderedDict
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

from mailer import workspace
from mailer.app import editions
from mailer.app.compiler import Compiler
from mailer.app.drafts import Draft
from mailer.app.outside import Outside
from mailer.app.preview import Preview, copy_of
from mailer.errors import Problem, RefusedError, WorkspaceError
from mailer.model.mail import Content, Person
from mailer.model.workspace import Compiled
from mailer.settings import Settings
from mailer.workspace import marks

_KEPT = 16
_Key = tuple[object, ...]


class Superseded(RefusedError):
    """A newer version of the same page is wanted; this one is not compiled."""


@dataclass(frozen=True, slots=True)
class Picture:
    """The mail as this person gets it; nothing of it has been checked yet."""

    compiled: Compiled
    content: Content


@dataclass(frozen=True, slots=True)
class Look:
    """What the mail looks like and what is to be mended. `preview` is None where it cannot be compiled yet."""

    preview: Preview | None
    problems: tuple[Problem, ...]

    @property
    def blocking(self) -> int:
        return sum(1 for each in self.problems if each.severity == "blocking")


class LivePreview:
    """One compile at a time, and beside it one check. Safe to share between threads."""

    def __init__(self, settings: Settings, outside: Outside, compiler: Compiler) -> None:
        self._settings = settings
        self._outside = outside
        self._compiler = compiler
        self._compiling, self._checking, self._asking = Lock(), Lock(), Lock()
        self._compiled: OrderedDict[_Key, Compiled | WorkspaceError] = OrderedDict()
        self._looks: OrderedDict[_Key, Look] = OrderedDict()
        self._newest: OrderedDict[str, str] = OrderedDict()

    def ask(self, draft: Draft, *, page: str) -> None:
        """This page wants this version now, and no other any more."""
        with self._asking:
            self._newest[page] = draft.version
            self._newest.move_to_end(page)
            _shorten(self._newest)

    def picture(self, draft: Draft, person: Person, *, page: str = "") -> Picture | None:
        """The mail of this person, None where it cannot be compiled yet: it need not wait for its checks.

        Raises Superseded where the page has asked for another version meanwhile.
        """
        compiled = self._made(draft, self._key(draft), page)
        if isinstance(compiled, WorkspaceError):
            return None
        return Picture(compiled, copy_of(compiled, person, self._settings.base_url))

    def look(self, draft: Draft, person: Person, *, page: str = "") -> Look:
        """The mail of this person with its checks; raises Superseded as `picture` does."""
        made = self._key(draft)
        compiled = self._made(draft, made, page)
        key = (*made, person)
        with self._checking:
            if key not in self._looks:
                self._require_newest(draft, page)
                self._looks[key] = self._looked(draft, person, compiled)
            self._looks.move_to_end(key)
            _shorten(self._looks)
            look = self._looks[key]
        return self._with_answers(look, draft)

    def _made(self, draft: Draft, key: _Key, page: str) -> Compiled | WorkspaceError:
        """The compiled issue, or what keeps it from being compiled."""
        with self._compiling:
            if key not in self._compiled:
                self._require_newest(draft, page)
                try:
                    self._compiled[key] = self._compiler(draft.workspace, draft.campaign, draft.issue)
                except WorkspaceError as error:
                    self._compiled[key] = error
            self._compiled.move_to_end(key)
            _shorten(self._compiled)
            return self._compiled[key]

    def _require_newest(self, draft: Draft, page: str) -> None:
        if self._newest.get(page, draft.version) != draft.version:
            raise Superseded("A newer version of this letter is being shown.")

    def _looked(self, draft: Draft, person: Person, compiled: Compiled | WorkspaceError) -> Look:
        settings, campaign, issue = self._settings, draft.campaign, draft.issue
        problems = workspace.check_issue(issue, campaign, draft.workspace.templates, root=settings.workspace)
        if isinstance(compiled, WorkspaceError):
            known = {each.block for each in problems}
            more = [each for each in compiled.problems if each.block is None or each.block not in known]
            return Look(None, (*problems, *more))
        preview = editions.previewed(settings, draft.workspace, campaign, issue, compiled, person)
        return Look(preview, _without_repeats([*problems, *preview.problems]))

    def _with_answers(self, look: Look, draft: Draft) -> Look:
        """With what changes without the letter: the files that it stands on, what links and the sender's domain answered."""
        _, problems = workspace.load_around(self._settings.workspace, draft.issue.path)
        broken = editions.foundations(draft.workspace, draft.campaign, problems)
        look = replace(look, problems=(*broken, *look.problems))
        if look.preview is None:
            return look
        templates = draft.workspace.templates
        told = self._outside.problems(look.preview.compiled, draft.campaign, draft.issue, templates)
        return replace(look, problems=(*look.problems, *told))

    def _key(self, draft: Draft) -> _Key:
        """With what else the mail is made of: it changes when a template, a picture or the campaign's file does."""
        folder = f"campaigns/{draft.campaign.slug}"
        seen = marks.below(self._settings.workspace, "templates", folder)
        return draft.issue.ref, draft.version, marks.without(seen, f"campaigns/{draft.issue.ref}.md")


def _without_repeats(problems: list[Problem]) -> tuple[Problem, ...]:
    """One mistake once: what the file says of a block's image, the finished mail says again."""
    same = {"missing-alt": ("image-alt",), "bad-link": ("insecure-link", "relative-link")}
    hidden = {(code, each.block) for each in problems for code in same.get(each.code, ())}
    return tuple(each for each in problems if (each.code, each.block) not in hidden)


def _shorten(kept: "OrderedDict[_Key, Any] | OrderedDict[str, str]") -> None:
    while len(kept) > _KEPT:
        kept.popitem(last=False)
