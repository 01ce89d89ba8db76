"""What a tick looks after besides sends: whatever befalls one part, the others have their turn."""

from collections.abc import Callable, Mapping

import structlog

_log = structlog.get_logger()


def tend(parts: Mapping[str, Callable[[], object]]) -> None:
    """Each in its order; one that fails is named in the log, without what it was given, and tried again at the next tick."""
    for part, act in parts.items():
        try:
            act()
        except Exception as error:  # noqa: BLE001  # this part's edge
            _log.error("part of a tick failed", part=part, reason=type(error).__name__)
