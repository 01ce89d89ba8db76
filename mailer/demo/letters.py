"""What a mail program sees of one mail: the simulated readers' own eyes, which share no code with the engine."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from pathlib import Path
from urllib.parse import urlsplit

from lxml import etree
from lxml.html import document_fromstring

_HEADERS = BytesHeaderParser()


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail of a Maildir, its header only. `key` is the left side of its Message-ID."""

    path: Path
    key: str
    list_id: str
    feedback_id: str
    subject: str
    unsubscribe: str

    @property
    def home(self) -> str:
        """Scheme and host of whoever wrote: there live its picture, its links and its pages."""
        return _origin(self.unsubscribe)


@dataclass(frozen=True, slots=True)
class Sight:
    """What is at home in it: the invisible picture, and links; addresses elsewhere are left out."""

    pixel: str | None
    links: tuple[str, ...]


def letters(maildir: Path) -> Iterator[Letter]:
    """Every mail under `new/` and `cur/`, by file name."""
    files = [path for folder in ("new", "cur") for path in (maildir / folder).glob("*")]
    for path in sorted(files):
        with path.open("rb") as file:
            header = _HEADERS.parse(file)
        yield Letter(
            path=path,
            key=str(header["Message-ID"] or "").strip(" <>").partition("@")[0],
            list_id=str(header["List-Id"] or ""),
            feedback_id=str(header["Feedback-ID"] or ""),
            subject=str(header["Subject"] or ""),
            unsubscribe=_first_url(str(header["List-Unsubscribe"] or "")),
        )


def look_into(letter: Letter) -> Sight:
    """Open the mail: its HTML part, if it has one that can be read."""
    message = message_from_bytes(letter.path.read_bytes(), _class=EmailMessage, policy=policy.compat32)
    part = next((each for each in message.walk() if each.get_content_type() == "text/html"), None)
    data = part.get_payload(decode=True) if part else b""
    try:
        page = document_fromstring(data.decode("utf-8", "replace") if isinstance(data, bytes) else "")
    except (etree.ParserError, ValueError):
        return Sight(pixel=None, links=())
    return Sight(
        pixel=next(_at_home(page.xpath("//img[@width='1' and @height='1']/@src"), letter), None),
        links=tuple(dict.fromkeys(_at_home(page.xpath("//a/@href"), letter))),
    )


def _at_home(urls: Iterable[str], letter: Letter) -> Iterator[str]:
    return (str(url) for url in urls if _origin(url) == letter.home)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _first_url(field: str) -> str:
    """RFC 2369: addresses in angle brackets, separated by commas."""
    urls = (part.strip().strip("<>") for part in "".join(field.split()).split(","))
    return next((url for url in urls if url.startswith(("http://", "https://"))), "")
