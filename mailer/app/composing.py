"""Writing an issue at the desk: opened, saved, undone, restored; nothing that somebody wrote is ever lost.

Every save is guarded by the digest of the file that its page was made from. Where the file has changed
underneath, what was written is put together with it. Where both changed the same block or key, the file stays as it
is, and what was written is kept beside as a version of its own, until somebody chooses.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from mailer import workspace
from mailer.app import editions
from mailer.app.compiler import Compiler
from mailer.app.drafts import Draft
from mailer.app.issues import DRAFT, WRITABLE
from mailer.app.live_preview import LivePreview
from mailer.app.merged_versions import merged, merged_text, shown_text
from mailer.app.outside import Outside
from mailer.app.presence import Presence
from mailer.app.versions import Change, Version, Versions, steps
from mailer.clock import Clock
from mailer.errors import ConflictError, NotFoundError, RefusedError, StoreError, WorkspaceError
from mailer.i18n import marked
from mailer.model.workspace import Issue
from mailer.settings import Settings
from mailer.store import Store, sends
from mailer.workspace.merging import Choice, Merge, merge, require_readable
from mailer.workspace.saving import digest, read_exactly, replace_text

_REASONS = {
    "scheduled": marked("This letter is scheduled, as it was then. Cancel the departure to change it."),
    "done": marked("This letter has left: it can no longer be changed. Copy it into a new one."),
}
_ON_ITS_WAY = marked("This letter is on its way: it can no longer be changed. Copy it into a new one.")


@dataclass(frozen=True, slots=True)
class Writing:
    """Who writes, on which opened page, and the version that this page was made from."""

    by: str
    page: str
    base: str


@dataclass(frozen=True, slots=True)
class Saved:
    """The file is as wished. `is_new`: it was another one before."""

    #: What the page shows, and its next save is made from.
    version: str
    at: datetime
    is_new: bool
    #: What the file says: another version where it has more than the page shows.
    file: str

    @property
    def is_merged(self) -> bool:
        """Whether somebody else's changes are in the file that the page does not show yet."""
        return self.file != self.version


@dataclass(frozen=True, slots=True)
class Conflict:
    """Both changed the same; both versions are kept: what was written, and what the file says."""

    mine: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Clashing:
    """What was kept aside, beside the file as it is now. `merge` is None where they cannot be put together."""

    merge: Merge | None
    noted: Version
    mine: str
    theirs: str


class Composer:
    """Every act on the file of an issue. Safe to share between threads and between processes."""

    def __init__(
        self, settings: Settings, store: Store, clock: Clock, outside: Outside, compiler: Compiler
    ) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self.presence = Presence(clock)
        self.preview = LivePreview(settings, outside, compiler)

    def open(self, ref: str) -> Draft:
        """The issue, incomplete as it may be; raises WorkspaceError where its file cannot be read at all."""
        return self._draft(ref, self.text(ref))

    def text(self, ref: str) -> str:
        """The file as it stands."""
        path = self._path(ref)
        try:
            return read_exactly(path)
        except (OSError, UnicodeDecodeError) as error:
            editions.find(self._settings, ref)
            raise NotFoundError("There is no letter {ref}.", ref=ref) from error

    def version(self, ref: str) -> str:
        return digest(self.text(ref))

    def begin(self, ref: str) -> Draft:
        """Open it for writing: the file as it is found is a version, too."""
        draft = self.open(ref)
        versions = self.versions(ref)
        with versions.locked():
            versions.note_found(draft.text, at=self._clock.now())
        return draft

    def require_writable(self, ref: str) -> None:
        """Raise RefusedError, with the reason, where the file no longer decides what leaves."""
        with self._store.read() as tx:
            send = sends.latest(tx, ref)
        state = send.state if send else DRAFT
        if state not in WRITABLE:
            raise RefusedError(_REASONS.get(state, _ON_ITS_WAY))

    def save(self, ref: str, writing: Writing, edit: Callable[[Draft], Issue]) -> Saved | Conflict:
        """Write what `edit` makes of the version that the page was made from."""

        def text_of(base: str) -> str:
            return workspace.write_issue(edit(self._draft(ref, base)), original=base)

        return self._write(ref, writing, text_of, Change.SAVED)

    def put(self, ref: str, writing: Writing, version: str, change: Change) -> Saved | Conflict:
        """Make a kept version the file again: restoring is a new version."""
        text = self.versions(ref).text(version)
        return self._write(ref, writing, lambda _base: text, change)

    def step(self, ref: str, writing: Writing, change: Change) -> Saved | Conflict | None:
        """Undo or redo what this writer did last, whatever others did since; None where there is nothing to do."""
        past, future = steps(self.versions(ref).log(), writing.by)
        for each in reversed(past if change is Change.UNDONE else future):
            result = self.put(ref, Writing(writing.by, "", each.after), each.before, change)
            if isinstance(result, Conflict):
                return result
            if result.is_new:
                return replace(result, version=result.file)
        return None

    def clashing(self, ref: str, version: str) -> Clashing:
        """What was kept aside under this name, beside the file; raises NotFoundError."""
        versions = self.versions(ref)
        text = versions.text(version)
        with versions.locked():
            present = self.text(ref)
            versions.note_found(present, at=self._clock.now())
            noted = next((each for each in reversed(versions.log()) if each.digest == version), None)
        if noted is None:
            raise NotFoundError("This version is no longer kept. Open the letter again.")
        base = versions.find_text(noted.base) if noted.base else None
        return Clashing(merged(base, text, present), noted, text, present)

    def resolve(
        self, ref: str, writing: Writing, version: str, choices: Mapping[str, Choice]
    ) -> Saved | Conflict:
        """Put what was kept aside together with the file that the choices were made for: `writing.base`."""
        noted = self.clashing(ref, version).noted
        versions = self.versions(ref)
        base, mine = versions.text(noted.base), versions.text(version)

        def text_of(theirs: str) -> str:
            text = merge(base, mine, theirs).text(choices)
            require_readable(text)
            return text

        return self._write(ref, writing, text_of, Change.MERGED)

    def versions(self, ref: str) -> Versions:
        """What is kept of it; raises InputError for a name that could lead elsewhere."""
        self._path(ref)
        return Versions(self._settings.state, ref)

    # --- inside -----------------------------------------------------------------------------------

    def _write(
        self, ref: str, writing: Writing, text_of: Callable[[str], str], change: Change
    ) -> Saved | Conflict:
        try:
            return self._write_guarded(ref, writing, text_of, change)
        except OSError as error:
            raise StoreError(
                "The letter cannot be saved: {reason}. Make room or mend the folder; the page keeps what you wrote.",
                reason=error.strerror or str(error),
            ) from error

    def _write_guarded(
        self, ref: str, writing: Writing, text_of: Callable[[str], str], change: Change
    ) -> Saved | Conflict:
        versions = self.versions(ref)
        self.text(ref)  # A letter that is not there gets no folder and no lock.
        with versions.locked():
            present = self.text(ref)
            base = present if digest(present) == writing.base else versions.find_text(writing.base)
            # The present text stands in where the version of the page is no longer kept: then nothing is merged.
            text = text_of(present if base is None else base)
            shown = shown_text(versions, writing.page, writing.base, base)
            # Where nothing was typed there is nothing to ask, even if the file cannot be read now.
            is_untouched = change is Change.SAVED and base is not None and text == shown
            wished = present if text == present or is_untouched else merged_text(shown, text, present)
            if wished == present:
                return Saved(versions.keep(text), self._clock.now(), is_new=False, file=digest(present))
            try:
                self.require_writable(ref)
                if wished is not None:
                    return self._replace(ref, present, versions, writing, (text, wished), change)
            except ConflictError:
                present = self.text(ref)
            except RefusedError:
                self._put_aside(versions, writing, text, shown)
                raise
            versions.note_found(present, at=self._clock.now())
            aside = self._put_aside(versions, writing, text, shown)
            return Conflict(mine=aside.digest, theirs=digest(present))

    def _put_aside(self, versions: Versions, writing: Writing, text: str, base: str | None) -> Version:
        """Keep what was written, without making it the file."""
        return versions.note(
            text,
            at=self._clock.now(),
            by=writing.by,
            change=Change.ASIDE,
            page=writing.page,
            base=versions.keep(base) if base is not None else "",
        )

    def _replace(
        self,
        ref: str,
        present: str,
        versions: Versions,
        writing: Writing,
        texts: tuple[str, str],
        change: Change,
    ) -> Saved:
        """Write the file. `texts`: what the page shows, and what the file is to say."""
        text, wished = texts
        now = self._clock.now()
        versions.note_found(present, at=now)
        versions.keep(wished)
        replace_text(self._path(ref), wished, expected=present)
        if text != wished and writing.page:
            versions.note(text, at=now, by=writing.by, change=Change.TYPED, page=writing.page)
            change = Change.MERGED if change is Change.SAVED else change
        version = versions.note(wished, at=now, by=writing.by, change=change, page=writing.page)
        return Saved(digest(text), now, is_new=True, file=version.digest)

    def _path(self, ref: str) -> Path:
        campaign, _, slug = ref.partition("/")
        return workspace.issue_path(self._settings.workspace, campaign, slug)

    def _draft(self, ref: str, text: str) -> Draft:
        path = self._path(ref).relative_to(self._settings.workspace)
        found, _ = workspace.load_around(self._settings.workspace, path)
        slug, _, name = ref.partition("/")
        campaign = found.campaigns.get(slug) or editions.find(self._settings, ref)[1]
        issue, problems = workspace.read_issue(text, campaign=slug, slug=name, path=path)
        if problems:
            raise WorkspaceError(problems)
        issues = {**campaign.issues, name: issue}
        return Draft(found, replace(campaign, issues=issues), issue, text)
