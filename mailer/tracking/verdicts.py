"""Who loads a picture: a person, a mail service's proxy on somebody's behalf, or a machine (rules O4 to O11).

User agents are read in memory and forgotten. Bot lists as they are call Gmail's and Yahoo's proxies robots: they load
when somebody reads, so our own table comes first.
"""

import re
from functools import lru_cache

import crawleruseragents

from mailer.model.events import Verdict

#: A load this soon after the hand-over may be the receiving server's own.
DELIVERY_WINDOW_SECONDS = 600.0

#: Gmail's prefetch, seconds after delivery (rules O6).
_GMAIL_PREFETCH = "Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0"
#: They load when somebody opens the mail (rules O5).
_PROXIES = ("GoogleImageProxy", "YahooMailProxy", "YahooCacheSystem")
#: Apple's privacy relay and Outlook's proxy: only the moment tells them apart (rules O7, O8).
_BARE = re.compile(
    r"Mozilla/5\.0( \((Macintosh|iPhone|iPad)[^)]*\) AppleWebKit/[\d.]+ \(KHTML, like Gecko\))?"
)
_TOOLS = re.compile(
    r"^(curl|wget|python|go-http|java|okhttp|libwww|node|axios|ruby|php|perl|apache-httpclient)", re.I
)
_PEOPLE = re.compile(r"Mozilla/|Thunderbird|Outlook|Opera|AppleWebKit|Dalvik", re.I)


def classify(user_agent: str, *, method: str = "GET", since_delivery: float | None = None) -> Verdict:
    """The verdict on one load. `since_delivery` in seconds, None when unknown: then the window counts as over."""
    agent = user_agent.strip()[:400]
    if method != "GET" or not agent:
        return Verdict.MACHINE
    known = _known(agent)
    if known is not None:
        return known
    early = since_delivery is not None and since_delivery < DELIVERY_WINDOW_SECONDS
    return Verdict.MACHINE if early else Verdict.PROXY


@lru_cache(maxsize=1024)
def _known(agent: str) -> Verdict | None:
    """What the agent alone tells; None where the moment decides."""
    if _GMAIL_PREFETCH in agent:
        return Verdict.MACHINE
    if any(name in agent for name in _PROXIES):
        return Verdict.PROXY
    if _BARE.fullmatch(agent):
        return None
    if _TOOLS.search(agent) or crawleruseragents.is_crawler(agent):
        return Verdict.MACHINE
    return Verdict.HUMAN if _PEOPLE.search(agent) else Verdict.PROXY
