"""The real compile while somebody writes: the newest version wins, whatever waits behind it is dropped."""

from collections import OrderedDict
from dataclasses import dataclass, replace
from threading import Lock

from mailer import workspace
from mailer.app import editions
from mailer.app.compiler import Compiler
from mailer.app.drafts import Draft
from mailer.app.outside import Outside
from mailer.app.preview import Preview
from mailer.errors import Problem, RefusedError, WorkspaceError
from mailer.model.mail import Person
from mailer.settings import Settings
from mailer.workspace import marks

_KEPT = 16
_Key = tuple[object, ...]


class Superseded(RefusedError):
    """A newer version of the same page is wanted; this one is not compiled."""


@dataclass(frozen=True, slots=True)
class Look:
    """What the mail looks like and what is to be mended. `preview` is None where it cannot be compiled yet."""

    preview: Preview | None
    problems: tuple[Problem, ...]

    @property
    def blocking(self) -> int:
        return sum(1 for each in self.problems if each.severity == "blocking")


class LivePreview:
    """One compile at a time. Safe to share between threads."""

    def __init__(self, settings: Settings, outside: Outside, compiler: Compiler) -> None:
        self._settings = settings
        self._outside = outside
        self._compiler = compiler
        self._working, self._asking = Lock(), Lock()
        self._looks: OrderedDict[_Key, Look] = OrderedDict()
        self._newest: OrderedDict[str, str] = OrderedDict()

    def ask(self, draft: Draft, *, page: str) -> None:
        """This page wants this version now, and no other any more."""
        with self._asking:
            self._newest[page] = draft.version
            self._newest.move_to_end(page)
            _shorten(self._newest)

    def look(self, draft: Draft, person: Person, *, page: str = "") -> Look:
        """The mail of this person; raises Superseded where the page has asked for another version meanwhile."""
        key = (draft.issue.ref, draft.version, person, self._stamp(draft.campaign.slug))
        with self._working:
            if key not in self._looks:
                if self._newest.get(page, draft.version) != draft.version:
                    raise Superseded("A newer version of this letter is being shown.")
                self._looks[key] = self._looked(draft, person)
            self._looks.move_to_end(key)
            _shorten(self._looks)
            look = self._looks[key]
        return self._with_answers(look, draft)

    def _looked(self, draft: Draft, person: Person) -> Look:
        settings, campaign, issue = self._settings, draft.campaign, draft.issue
        problems = workspace.check_issue(issue, campaign, draft.workspace.templates, root=settings.workspace)
        try:
            compiled = self._compiler(draft.workspace, campaign, issue)
        except WorkspaceError as error:
            known = {each.block for each in problems}
            more = [each for each in error.problems if each.block is None or each.block not in known]
            return Look(None, (*problems, *more))
        preview = editions.previewed(settings, draft.workspace, campaign, issue, compiled, person)
        return Look(preview, _without_repeats([*problems, *preview.problems]))

    def _with_answers(self, look: Look, draft: Draft) -> Look:
        """With what links and the sender's domain answered when somebody asked: that changes without the letter."""
        if look.preview is None:
            return look
        templates = draft.workspace.templates
        told = self._outside.problems(look.preview.compiled, draft.campaign, draft.issue, templates)
        return replace(look, problems=(*look.problems, *told))

    def _stamp(self, campaign: str) -> marks.Marks:
        """What else the mail is made of: it changes when a template, a picture or the campaign's file does."""
        return marks.below(self._settings.workspace, "templates", f"campaigns/{campaign}")


def _without_repeats(problems: list[Problem]) -> tuple[Problem, ...]:
    """One mistake once: what the file says of a block's image, the finished mail says again."""
    same = {"missing-alt": ("image-alt",), "bad-link": ("insecure-link", "relative-link")}
    hidden = {(code, each.block) for each in problems for code in same.get(each.code, ())}
    return tuple(each for each in problems if (each.code, each.block) not in hidden)


def _shorten(kept: "OrderedDict[_Key, Look] | OrderedDict[str, str]") -> None:
    while len(kept) > _KEPT:
        kept.popitem(last=False)
