"""What each topic is: asked by every visitor of a public page, so read again only where a file changed."""

import threading
from dataclasses import dataclass
from pathlib import Path

from mailer import workspace
from mailer.app.archives import is_public
from mailer.app.insiders import is_for_members
from mailer.model.workspace import Tracking, Workspace

_Stamp = tuple[tuple[Path, int, int], ...]


@dataclass(frozen=True, slots=True)
class Topic:
    """What one may subscribe to, as its campaigns say. `is_measured`: the answer about the measure matters for it."""

    name: str
    title: str
    description: str
    members_only: bool
    is_measured: bool
    sender_name: str
    sender_address: str
    reply_to: str
    #: The campaign whose letters everybody may read before signing up; empty: none.
    archive: str = ""


class TopicTitles:
    """Topic -> title of the campaign that carries it. Safe to share between threads."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._stamp: _Stamp | None = None
        self._topics: dict[str, Topic] = {}

    def __call__(self) -> dict[str, str]:
        """As the files of the campaigns are now."""
        return {name: topic.title for name, topic in self.all().items()}

    def all(self) -> dict[str, Topic]:
        """Everything that is known of each topic."""
        stamp = self._present()
        with self._lock:
            if stamp != self._stamp:
                self._topics, self._stamp = _topics(workspace.load(self._root)[0]), stamp
            return dict(self._topics)

    def _present(self) -> _Stamp:
        """Name, instant and size of each file of a campaign or an audience."""
        found = sorted([*self._root.glob("campaigns/*/campaign.toml"), *self._root.glob("audiences/*.toml")])
        return tuple((path, (seen := path.stat()).st_mtime_ns, seen.st_size) for path in found)


def _topics(found: Workspace) -> dict[str, Topic]:
    """A topic is called as its last campaign is; it is for members only where each of its campaigns is.

    An invitation only borrows a topic.
    """
    return {name: _topic(found, name) for name in found.topics()}


def _topic(found: Workspace, name: str) -> Topic:
    campaigns = [each for each in found.campaigns.values() if each.topic == name and not each.invites]
    last = campaigns[-1]
    return Topic(
        name=name,
        title=last.title,
        description=last.description,
        members_only=all(is_for_members(found, each) for each in campaigns),
        is_measured=any(each.tracking is Tracking.CONSENTED for each in campaigns),
        sender_name=last.sender_name,
        sender_address=last.sender_address,
        reply_to=last.reply_to,
        archive=next((each.slug for each in reversed(campaigns) if is_public(found, each)), ""),
    )
