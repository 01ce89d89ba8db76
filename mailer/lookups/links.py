"""The links of an issue, several at a time; a name that nobody knows is only dead where somebody else answered."""

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from mailer.lookups.net import Net
from mailer.lookups.visits import Seen, visit
from mailer.model.lookups import LinkState

_AT_ONCE = 8


def look_up_links(urls: Collection[str], net: Net) -> dict[str, Seen]:
    """Link -> what was seen, each once. Blocks for some seconds; never say so to somebody who only wants to read.

    On a machine without a network every name is unknown: without a single answer from outside nothing is called dead.
    """
    with ThreadPoolExecutor(max_workers=_AT_ONCE, thread_name_prefix="links") as pool:
        seen = dict(zip(urls, pool.map(lambda url: visit(url, net), urls), strict=True))
    is_online = any(each.is_answered for each in seen.values())
    return {url: _told(each, is_online=is_online) for url, each in seen.items()}


def _told(seen: Seen, *, is_online: bool) -> Seen:
    if seen.state is not LinkState.GONE_NAME:
        return seen
    return replace(seen, state=LinkState.DEAD if is_online else LinkState.SILENT)
