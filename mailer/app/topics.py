"""What each topic is called: asked by every visitor of a public page, so read again only where a file changed."""

import threading
from pathlib import Path

from mailer import workspace

_Stamp = tuple[tuple[Path, int, int], ...]


class TopicTitles:
    """Topic -> title of the campaign that carries it. Safe to share between threads."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._stamp: _Stamp | None = None
        self._titles: dict[str, str] = {}

    def __call__(self) -> dict[str, str]:
        """As the files of the campaigns are now."""
        stamp = self._present()
        with self._lock:
            if stamp != self._stamp:
                self._titles, self._stamp = workspace.load(self._root)[0].topics(), stamp
            return dict(self._titles)

    def _present(self) -> _Stamp:
        """Name, instant and size of each campaign's file."""
        found = sorted((self._root / "campaigns").glob("*/campaign.toml"))
        return tuple((path, (seen := path.stat()).st_mtime_ns, seen.st_size) for path in found)
