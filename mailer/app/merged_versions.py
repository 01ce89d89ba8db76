"""The versions of an issue that a save is made from, and two of them put together."""

from mailer.app.versions import Change, Versions
from mailer.errors import WorkspaceError
from mailer.workspace.merging import Merge, merge, require_readable


def shown_text(versions: Versions, page: str, version: str, base: str | None) -> str | None:
    """What the page showed last, as far as is known here: later than it says where an answer was lost on its way."""
    log = versions.log()
    places = [place for place, each in enumerate(log) if each.digest == version]
    if base is None or not places or not page:
        return base
    since = log[places[-1] + 1 :]
    own = [each.digest for each in since if each.page == page and each.change in {Change.SAVED, Change.TYPED}]
    return (versions.find_text(own[-1]) if own else None) or base


def merged_text(base: str | None, mine: str, theirs: str) -> str | None:
    """Both put together; None where somebody has to choose."""
    found = merged(base, mine, theirs)
    return found.text() if found and not found.clashes else None


def merged(base: str | None, mine: str, theirs: str) -> Merge | None:
    """None where the common version is not known, or one of the three or what they give cannot be read."""
    if base is None:
        return None
    try:
        found = merge(base, mine, theirs)
        require_readable(found.text())
    except WorkspaceError:
        return None
    return found
