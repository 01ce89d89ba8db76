"""What a mail program sees of one mail: the simulated readers' own eyes, which share no code with the engine."""

import re
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from html import unescape
from pathlib import Path
from quopri import decodestring
from urllib.parse import urlsplit

#: No header of a mail is longer, in practice; what a mail program fetches first.
_HEADER_BYTES = 16_384
_EMPTY_LINE = re.compile(rb"\r?\n\r?\n")
_FOLD = re.compile(r"\r?\n[ \t]+")
_BOUNDARY = re.compile(r'boundary="?([^";\s]+)', re.IGNORECASE)
#: A comment is found first, and whatever tag it holds is passed over with it.
_TAG = re.compile(r"<!--.*?-->|<(a|img)\s[^>]*>", re.DOTALL | re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\s(href|src|width|height)\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)


Header = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail of a Maildir, its header only. `key` is the left side of its Message-ID."""

    path: Path
    key: str
    list_id: str
    feedback_id: str
    subject: str
    unsubscribe: str
    #: Whose letter-box it lies in.
    reader: str

    @property
    def home(self) -> str:
        """Scheme and host of whoever wrote: there live its picture, its links and its pages."""
        parts = urlsplit(self.unsubscribe)
        return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True, slots=True)
class Sight:
    """What is at home in it: the invisible picture, and links; addresses elsewhere are left out."""

    pixel: str | None
    links: tuple[str, ...]


def letters(maildir: Path) -> Iterator[Letter]:
    """Every mail under `new/` and `cur/`, by file name."""
    files = [path for folder in ("new", "cur") for path in (maildir / folder).glob("*")]
    for path in sorted(files, key=lambda path: path.name):
        with path.open("rb") as file:
            header = _header(file.read(_HEADER_BYTES))
        yield Letter(
            path=path,
            key=header.get("message-id", "").strip(" <>").partition("@")[0],
            list_id=header.get("list-id", ""),
            feedback_id=header.get("feedback-id", ""),
            subject=header.get("subject", ""),
            unsubscribe=_first_url(header.get("list-unsubscribe", "")),
            reader=parseaddr(header.get("to", ""))[1],
        )


def look_into(letter: Letter) -> Sight:
    """Open the mail: the links and the invisible picture of its HTML part, if it has one.

    Eight thousand mails are opened in a row, so tags are picked out of the page instead of building its tree, and only
    those that name the home of whoever wrote are looked at: no address of it has a letter that HTML would spell otherwise.
    """
    page, home = _page(letter.path.read_bytes()), letter.home + "/"
    own = (tag for tag in _TAG.finditer(page) if tag[1] and home in tag[0])
    tags = [(tag[1].lower(), _attributes(tag[0])) for tag in own]
    pictures = (of["src"] for name, of in tags if name == "img" and "src" in of and _is_invisible(of))
    links = (of["href"] for name, of in tags if name == "a" and "href" in of)
    return Sight(
        pixel=next(_at_home(pictures, letter), None), links=tuple(dict.fromkeys(_at_home(links, letter)))
    )


def _header(data: bytes) -> Header:
    """The header at the beginning of a mail or of a part, by names in lower case, the first of each name.

    What follows the empty line is not looked at. A hundred thousand mails are opened in a year: no tree is built of them.
    """
    head = _EMPTY_LINE.split(data, maxsplit=1)[0].decode("utf-8", "replace")
    found: dict[str, str] = {}
    for line in _FOLD.sub(" ", head).splitlines():
        name, _, value = line.partition(":")
        found.setdefault(name.strip().lower(), value.strip())
    return found


def _page(data: bytes) -> str:
    """The text of the first HTML part, alone or in a multipart; empty where there is none."""
    header = _header(data[:_HEADER_BYTES])
    kind = header.get("content-type", "text/plain")
    boundary = _BOUNDARY.search(kind)
    if boundary is None:
        return _decoded(header, data) if kind.lower().startswith("text/html") else ""
    for part in data.split(b"\n--" + boundary[1].encode())[1:]:
        found = _page(part.lstrip(b"\r\n"))
        if found:
            return found
    return ""


def _decoded(header: Header, data: bytes) -> str:
    body = _EMPTY_LINE.split(data, maxsplit=1)[-1]
    encoding = header.get("content-transfer-encoding", "").lower()
    if encoding == "quoted-printable":
        body = decodestring(body)
    elif encoding == "base64":
        body = b64decode(body)
    return body.decode("utf-8", "replace")


def _attributes(tag: str) -> dict[str, str]:
    """The few that matter here, the first of each name."""
    found: dict[str, str] = {}
    for name, double, single in _ATTRIBUTE.findall(tag):
        found.setdefault(name.lower(), unescape(double or single))
    return found


def _is_invisible(of: dict[str, str]) -> bool:
    return of.get("width") == of.get("height") == "1"


def _at_home(urls: Iterable[str], letter: Letter) -> Iterator[str]:
    home = letter.home + "/"
    return (url for url in urls if url.startswith(home))


def _first_url(field: str) -> str:
    """RFC 2369: addresses in angle brackets, separated by commas."""
    urls = (part.strip().strip("<>") for part in "".join(field.split()).split(","))
    return next((url for url in urls if url.startswith(("http://", "https://"))), "")
