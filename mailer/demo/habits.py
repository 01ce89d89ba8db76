"""How simulated readers behave: shares of a population, drawn per reader from a seed and nothing else.

The shares are invented for the demo; they describe no real audience. User agents are those of rules O5 to O8.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
YAHOO = "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html"
APPLE_PREFETCH = "Mozilla/5.0"
GMAIL_PREFETCH = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/42.0.2311.135 "
    "Safari/537.36 Edge/12.246 Mozilla/5.0"
)
OUTLOOK = "Mozilla/4.0 (compatible; ms-office; MSOffice 16)"
THUNDERBIRD = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Thunderbird/128.3.0"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
ANDROID = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 "
    "Mobile Safari/537.36"
)
#: Gateways that follow links dress up as browsers.
GATEWAY = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"


class Kind(StrEnum):
    """What a reader, or a machine on the way, did."""

    PREFETCH = "prefetch"  # a machine loads the pixel at delivery
    SCAN = "scan"  # a gateway follows every link, by HEAD and by GET
    PROXY_OPEN = "proxy-open"  # the pixel, through Gmail's or Yahoo's proxy, when the person reads
    OPEN = "open"  # the pixel, from the person's own program
    CLICK = "click"  # a person follows a link
    UNSUBSCRIBE = "unsubscribe"  # RFC 8058: one POST


@dataclass(frozen=True, slots=True)
class Profile:
    """Shares from 0 to 1: of all mails, but `clicking` and `clicking_blind` of those that are opened."""

    name: str
    #: Opened by a person: what a report calls its high rate.
    opening: float
    #: Programs of the people who open, with their weights.
    programs: Mapping[str, float]
    clicking: float
    #: Pictures are blocked: such a person is only seen by a click.
    clicking_blind: float
    prefetching: float
    scanning: float
    unsubscribing: float


_PROGRAMS = {OUTLOOK: 0.46, THUNDERBIRD: 0.12, FIREFOX: 0.08, ANDROID: 0.08, GMAIL: 0.22, YAHOO: 0.04}

NEWSLETTER = Profile(
    name="newsletter",
    opening=0.37,
    programs=_PROGRAMS,
    clicking=0.14,
    clicking_blind=0.03,
    prefetching=0.17,
    scanning=0.05,
    unsubscribing=0.003,
)
FLASH = Profile(
    name="flash",
    opening=0.31,
    programs=_PROGRAMS,
    clicking=0.18,
    clicking_blind=0.03,
    prefetching=0.17,
    scanning=0.05,
    unsubscribing=0.001,
)
PROFILES = {profile.name: profile for profile in (NEWSLETTER, FLASH)}


@dataclass(frozen=True, slots=True)
class Act:
    """One request: a kind, an address, and who asks."""

    kind: Kind
    url: str
    user_agent: str
    method: str = "GET"


def plan(
    profile: Profile, seed: int, *, who: str, pixel: str | None, links: Sequence[str], unsubscribe: str
) -> list[Act]:
    """What happens to one mail, in this order: machines first. The same for the same seed, profile and reader."""
    draw = random.Random(f"{seed}|{profile.name}|{who}")  # noqa: S311  # a play, not a secret
    is_prefetched, is_scanned, is_opened, is_left = (
        draw.random() < share
        for share in (profile.prefetching, profile.scanning, profile.opening, profile.unsubscribing)
    )
    acts: list[Act] = []
    if is_prefetched and pixel:
        acts.append(Act(Kind.PREFETCH, pixel, draw.choice([APPLE_PREFETCH, GMAIL_PREFETCH])))
    if is_scanned:
        acts += _scan([*links, unsubscribe] if unsubscribe else links)
    if is_opened:
        # People behind a gateway do not click here: nobody could tell their click from its own.
        acts += _read(profile, draw, pixel=pixel, links=[] if is_scanned else links)
    if is_left and unsubscribe:
        acts.append(Act(Kind.UNSUBSCRIBE, unsubscribe, draw.choice([GMAIL, YAHOO]), method="POST"))
    return acts


def _scan(urls: Sequence[str]) -> list[Act]:
    return [Act(Kind.SCAN, url, GATEWAY, method) for method in ("HEAD", "GET") for url in urls]


def _read(profile: Profile, draw: random.Random, *, pixel: str | None, links: Sequence[str]) -> list[Act]:
    program = draw.choices(list(profile.programs), weights=list(profile.programs.values()))[0]
    luck = draw.random()
    is_blind = bool(links) and luck < profile.clicking_blind
    opened = Kind.PROXY_OPEN if program in {GMAIL, YAHOO} else Kind.OPEN
    acts = [Act(opened, pixel, program)] if pixel and not is_blind else []
    if links and (is_blind or luck < profile.clicking + profile.clicking_blind):
        # The link opens in a browser, whatever the mail program is.
        acts.append(Act(Kind.CLICK, draw.choice(list(links)), draw.choice([FIREFOX, ANDROID])))
    return acts
