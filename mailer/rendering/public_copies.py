"""The copy for everybody: the frozen mail as it left, without anything that belongs to one person."""

import re
from dataclasses import dataclass
from datetime import date
from html import escape

from mailer.model.mail import Links, Person
from mailer.rendering.copies import Copies
from mailer.rendering.slots import SlotKind, cut, mark

_PERSONAL = "|".join(
    mark(kind)
    for kind in (
        SlotKind.UNSUBSCRIBE,
        SlotKind.PREFERENCES,
        SlotKind.VIEW,
        SlotKind.CONSENT_YES,
        SlotKind.CONSENT_NO,
    )
)
_LINK = re.compile(rf'<a\b[^>]*\bhref="(?:{_PERSONAL})"[^>]*>.*?</a>', re.DOTALL)
#: Why it came: nobody sent it to who reads it here. The class is that of the shipped layouts.
_WHY = re.compile(r'<p\b[^>]*\bclass="why"[^>]*>.*?</p>', re.DOTALL)
#: A paragraph of which only the separators are left.
_EMPTIED = re.compile(r"<p\b[^>]*>(?:\s|·|&nbsp;|&#183;|&middot;|\u00a0)*</p>")
_HEAD_END, _BODY = "</head>", re.compile(r"<body\b[^>]*>")
#: On paper: light whatever the reader's screen is; what MJML makes inline-block would never be cut between two pages.
_STYLE = (
    "<style>@media print{:root{color-scheme:light}.archive-way{display:none}body,.page,.pre{background:#fff!important}"
    ".mj-column-per-100{display:block!important}img,h1,h2,h3,.card,.quote{break-inside:avoid}"
    ".button td,.button a{background:none!important;color:#000!important;text-decoration:underline!important}"
    "h1,h2,h3,.kicker,tr:has(>td>table>tbody>tr>td>img){break-after:avoid}.more{break-before:avoid}p,li{orphans:3;widows:3}}</style>"
)
#: Only mails ask for these without naming paper: there columns stand side by side, and dark colours are for screens.
_MEDIA = {
    "@media (prefers-color-scheme: dark)": "@media screen and (prefers-color-scheme: dark)",
    "@media only screen and (min-width:480px)": "@media print, only screen and (min-width:480px)",
    "@media (max-width: 479px)": "@media screen and (max-width: 479px)",
}
_WAY = (
    '<nav class="archive-way foot" aria-label="{label}" style="max-width:600px;margin:0 auto;padding:14px 18px 0;'
    'font:14px/1.5 sans-serif;"><a href="{back}" style="color:#3c4441;">{label}</a></nav>'
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a letter of the archive stands: its own address, the feed, the list that it is in."""

    url: str
    feed: str
    back: str


def generic_text(text: str) -> str:
    """A subject or preheader as nobody in particular reads it: each name gives way to its fallback."""
    return "".join(piece if isinstance(piece, str) else _fallback(*piece) for piece in cut(text))


def public_html(
    *,
    subject: str,
    html: str,
    links: tuple[str, ...],
    language: str,
    day: date,
    place: Place,
    label: str,
) -> str:
    """The page of a letter in the archive: plain links, no pixel, a way back to the list."""
    copies = Copies(subject=subject, html=_impersonal(html), text="", links=links, language=language, day=day)
    nobodys = Links(unsubscribe=place.back, preferences=place.back, view=place.url)
    page = copies.content(Person(address=""), nobodys).html
    head = (
        f'<link rel="canonical" href="{escape(place.url)}">'
        f'<link rel="alternate" type="application/atom+xml" href="{escape(place.feed)}">'
    )
    way = _WAY.format(label=escape(label), back=escape(place.back))
    page = printable(page).replace(_HEAD_END, head + _HEAD_END, 1)
    return _BODY.sub(lambda found: found[0] + way, page, count=1)


def printable(html: str) -> str:
    """A mail as a page of its own, on white paper; on a screen nothing changes."""
    for asked, wanted in _MEDIA.items():
        html = html.replace(asked, wanted)
    return html.replace(_HEAD_END, _STYLE + _HEAD_END, 1)


def _impersonal(html: str) -> str:
    """The compiled mail without why it came and without the links to unsubscribe, to the preferences, to one's own
    web version and to answers."""
    return _EMPTIED.sub("", _LINK.sub("", _WHY.sub("", html)))


def _fallback(kind: SlotKind, argument: str) -> str:
    names = {SlotKind.FIRST_NAME, SlotKind.LAST_NAME, SlotKind.ORGANISATION}
    return argument if kind in names else ""
