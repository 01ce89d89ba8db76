"""Bytes and parts: M2, M4, M5, M8, and the shape of personal links."""

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from tests.gates.mail import Mail, bare

_TAG = re.compile(
    r"</?(?:a|p|div|span|table|tbody|tr|td|th|br|hr|img|h[1-6]|strong|em|b|i|u|ul|ol|li|style|script|html|head|body"
    r"|mj-[a-z-]+)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:[a-z]{2,8}|#\d+|#x[0-9a-f]+);", re.IGNORECASE)
#: Template code, and characters reserved for private use that an engine may have marked its slots with.
_TEMPLATE = ("{{", "{%", "%}", "{#", "[[", "<mj-", "Undefined")
_PRIVATE = re.compile(r"[\ue000-\uf8ff\x00-\x08\x0e-\x1f]")
_PERSONAL = re.compile(r"/(?:o|c|u|p|v)/(?P<token>[^/?#]*)")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{22,}(?:\.gif)?")
_TYPOGRAPHY = re.compile(r"[^\s] [;:?!%»](?=\s|$)|« ")
_MOJIBAKE = re.compile(r"Ã[©¨ ª§´®¢¹»¼]|Â[\xa0«»°]|â€|\ufffd")


_URL = re.compile(r"https?://\S+")


def check_bodies(mail: Mail) -> Iterator[str]:
    yield from check_lines(mail)
    for rule in (_structure, _file_names, _leftovers, _text, _personal, _french):
        yield from rule(mail)


def check_lines(mail: Mail) -> Iterator[str]:
    """What is seen without taking the mail apart."""
    yield from _bytes(mail)
    yield from _header_lines(mail)


def _bytes(mail: Mail) -> Iterator[str]:
    if not mail.raw.count(b"\n") == mail.raw.count(b"\r") == mail.raw.count(b"\r\n"):
        yield "M2: a line that does not end with CRLF"
    if max(map(len, mail.raw.split(b"\n"))) > 999:
        yield "M2: a line longer than 998"
    if not mail.raw.isascii():
        yield "M4: bytes above 127"


def _header_lines(mail: Mail) -> Iterator[str]:
    for line in mail.head.split(b"\r\n"):
        body = line.lstrip() if line[:1] in b" \t" else line.partition(b": ")[2]
        if not body.strip() and line[:1] in b" \t":
            yield "M2: a folded line of white space only"
        if len(line) > 78 and re.search(rb"\S[ \t]+\S", body):
            yield f"M2: a header line longer than 78 that could be folded ({_name(line)})"
    for name, value in mail.headers:
        if any(re.search(r"\s", url) for url in re.findall(r"<([a-z]+:[^<>]*)>", value)):
            yield f"M2: {name} folded inside a URL"


def _name(line: bytes) -> str:
    return line.split(b":")[0].decode("latin-1")[:40] if line[:1] not in b" \t" else "continued"


def _structure(mail: Mail) -> Iterator[str]:
    alternatives = [part for part in mail.parsed.walk() if part.get_content_type() == "multipart/alternative"]
    if len(alternatives) != 1 or not alternatives[0].is_multipart():
        yield "M4: not one multipart/alternative"
        return
    kinds = [part.get_content_type() for part in alternatives[0].walk() if not part.is_multipart()]
    if len(kinds) < 2 or kinds[0] != "text/plain" or kinds[-1] != "text/html":
        yield "M4: not text/plain first and text/html last"
    for part in mail.leaves:
        if part.get_content_maintype() == "text" and (part.get_content_charset() or "") != "utf-8":
            yield "M4: a text part that is not utf-8"
        if str(part.get("Content-Transfer-Encoding", "7bit")).lower() not in {"quoted-printable", "base64"}:
            yield "M4: a part that is neither quoted-printable nor base64"
    if mail.parsed.defects or any(part.defects for part in mail.leaves):
        yield "M4: the parser finds defects"


def _file_names(mail: Mail) -> Iterator[str]:
    for part in mail.leaves:
        if re.search(
            r'name="?=\?', str(part.get("Content-Disposition", "")) + str(part.get("Content-Type", ""))
        ):
            yield "M8: an encoded-word in a file name"


def _leftovers(mail: Mail) -> Iterator[str]:
    for name, said in (("subject", mail.subject), ("text", mail.text), ("HTML", mail.html)):
        text = mail.without_name(said)
        if found := [mark for mark in _TEMPLATE if mark in text] or _PRIVATE.findall(text):
            yield f"M5: template code left in the {name}: {found[0]!a}"


def _text(mail: Mail) -> Iterator[str]:
    text = mail.without_name(mail.text)
    if _TAG.search(text) or "mj-" in _URL.sub("", text):  # a token may hold any letters
        yield "M5: HTML left in the text"
    if _ENTITY.search(mail.text):
        yield "M5: an HTML entity left in the text"
    if mail.tree is None:
        return
    titles = [_plain(str(element.text_content())) for element in mail.tree.iter("h1")]
    if not titles or any(title not in _plain(mail.text) for title in titles):
        yield "M5: the title is not in the text"
    wanted = {bare(url.strip()) for url in mail.links if url.startswith("http")}
    written = {unquote(url[7:].partition("?")[0]) for url in mail.links if url.startswith("mailto:")}
    if missing := (wanted - mail.text_links) | {address for address in written if address not in mail.text}:
        yield f"M5: {len(missing)} links are not in the text"
    if mail.unsubscribe_url not in wanted:
        yield "M5: no link to unsubscribe in the body"


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _personal(mail: Mail) -> Iterator[str]:
    """Rules M14, M15: our own pages are named by a signed token and by nothing else."""
    host = urlsplit(mail.unsubscribe_url).netloc
    for url in {*mail.links, *mail.sources, *mail.text_links}:
        parts = urlsplit(url)
        found = _PERSONAL.search(parts.path) if parts.netloc == host else None
        if found and (not _TOKEN.fullmatch(found["token"]) or parts.query):
            yield f"M14: a personal link without a signed token (/{parts.path.strip('/').split('/')[0]}/)"


def _french(mail: Mail) -> Iterator[str]:
    """Rules H6: no-break spaces and accents survive the way into both parts."""
    language = "" if mail.tree is None else str(mail.tree.get("lang", ""))
    body = "" if mail.tree is None else _visible(mail)
    for name, text in (("text", mail.text), ("HTML", body)):
        if _MOJIBAKE.search(text):
            yield f"H6: broken accents in the {name}"
        if language.startswith("fr") and (found := _TYPOGRAPHY.search(re.sub(r"https?://\S+", "", text))):
            yield f"H6: an ordinary space in the {name}: {found[0]!r}"


def _visible(mail: Mail) -> str:
    assert mail.tree is not None
    return " ".join(map(str, mail.tree.xpath("//body//text()[not(parent::style or parent::script)]")))
