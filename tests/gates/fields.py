"""Header rules: M1, M3, M6, M7, M9 to M12, M16 to M20, M28."""

import base64
import binascii
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from email.utils import getaddresses, parsedate_to_datetime
from urllib.parse import unquote, urlsplit

from tests.gates.mail import Mail, decoded, is_local

_SINGLE = ("from", "date", "message-id", "subject", "to", "mime-version")
_KNOWN = {
    *_SINGLE,
    *("reply-to", "sender", "content-type", "content-transfer-encoding", "content-language", "return-path"),
    *("list-id", "list-unsubscribe", "list-unsubscribe-post", "list-help", "list-archive", "list-owner"),
    *("feedback-id", "precedence", "auto-submitted", "x-auto-response-suppress", "x-mailer", "received"),
    *("dkim-signature", "delivered-to", "x-postal-tag", "x-postal-msgid", "x-amp", "x-delivery"),
}
_STRUCTURED = {
    "message-id",
    "date",
    "mime-version",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "feedback-id",
}
_WORD = re.compile(r"=\?([^?\s]*)\?([^?\s]*)\?([^?\s]*)\?=")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_NO_REPLY = re.compile(r"(no|do-?not|ne-?pas)[-_.]?(reply|repondre|answer)", re.IGNORECASE)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{22,}")


def check_fields(mail: Mail) -> Iterator[str]:
    """Every header rule that this mail breaks."""
    for rule in (_counts, _known, _date, _message_id, _ascii, _words, _subject):
        yield from rule(mail)
    for rule in (_unsubscribe, _list_id, _feedback, _auto, _people):
        yield from rule(mail)


def _counts(mail: Mail) -> Iterator[str]:
    seen = Counter(name for name, _ in mail.headers)
    yield from (f"M1: {seen[name]} {name} fields" for name in _SINGLE if seen[name] != 1)
    repeated = (name for name in seen if name.startswith("list-") or name in {"reply-to", "feedback-id"})
    yield from (f"M1: {seen[name]} {name} fields" for name in repeated if seen[name] > 1)


def _known(mail: Mail) -> Iterator[str]:
    """What data could have injected: a field that nobody asked for."""
    for name, _ in mail.headers:
        if name in {"bcc", "cc", "resent-bcc", "resent-cc"}:
            yield f"M28: {name} field"
        elif name not in _KNOWN:
            yield f"M10: unexpected field {name}"


def _date(mail: Mail) -> Iterator[str]:
    try:
        if parsedate_to_datetime(mail.one("date")).tzinfo is None:
            yield "M1: Date without zone"
    except ValueError:
        yield "M1: Date cannot be read"


def _message_id(mail: Mail) -> Iterator[str]:
    found = re.fullmatch(r"<([A-Za-z0-9._+=-]{16,})@([A-Za-z0-9.-]+)>", mail.one("message-id"))
    sender = _domain(mail)
    if not found:
        yield "M3: Message-ID is not <token@domain>"
    elif not (found[2] == sender or sender.endswith("." + found[2]) or found[2].endswith("." + sender)):
        yield "M3: Message-ID of a domain that is not the sender's"


def _ascii(mail: Mail) -> Iterator[str]:
    if not mail.head.isascii():
        yield "M9: raw non-ASCII in the header"
    control = re.sub(rb"\r\n|\t", b"", mail.head)
    if re.search(rb"[\x00-\x1f\x7f]", control):
        yield "M10: control character in the header"


def _words(mail: Mail) -> Iterator[str]:
    """RFC 2047: where encoded-words may stand, how long they are, what stands between them."""
    for name, value in mail.headers:
        words = list(_WORD.finditer(value))
        if value.count("=?") != len(words) and not _WORD.search(value):
            yield f"M6: broken encoded-word in {name}"
        if words and name in _STRUCTURED:
            yield f"M6: encoded-word in {name}"
        if any(_WORD.search(inside) for inside in re.findall(r"<[^>]*>", value)):
            yield f"M6: encoded-word inside <…> of {name}"
        if name == "content-disposition":
            continue
        yield from _word_faults(name, value, words)


def _word_faults(name: str, value: str, words: list[re.Match[str]]) -> Iterator[str]:
    if any(len(word[0]) > 75 for word in words):
        yield f"M6: encoded-word longer than 75 in {name}"
    if any(not word[3] for word in words):
        yield f"M6: empty encoded-word in {name}"
    beside = (value[word.start() - 1 : word.start()] + value[word.end() : word.end() + 1] for word in words)
    if any(set(around) - set(" \t()") for around in beside):
        yield f"M6: encoded-word without white space beside it in {name}"
    if any("\ufffd" in decoded(word[0]) for word in words):
        yield f"M7: encoded-word that cannot be decoded alone in {name}"


def _subject(mail: Mail) -> Iterator[str]:
    if not mail.subject.strip():
        yield "M7: empty subject"
    if "=?" in mail.subject or "\ufffd" in mail.subject:
        yield "M7: the subject does not come back"
    if re.search(r"[\x00-\x1f\x7f\u2028\u2029]", mail.subject):
        yield "M10: control character in the decoded subject"


def _unsubscribe(mail: Mail) -> Iterator[str]:
    found = re.fullmatch(r"<(https?://[^<>\s]+)>,\s*<(mailto:[^<>\s]+)>", mail.one("list-unsubscribe"))
    if not found:
        yield "M11: List-Unsubscribe is not <https://…>, <mailto:…>"
    elif not (found[1].startswith("https://") or is_local(found[1])):
        yield "M11: List-Unsubscribe without https"
    elif not re.fullmatch(r".*/u/" + _TOKEN.pattern, found[1]):
        yield "M14: the unsubscribe address is not …/u/<token>"
    if mail.one("list-unsubscribe-post") != "List-Unsubscribe=One-Click":
        yield "M12: List-Unsubscribe-Post is not List-Unsubscribe=One-Click"
    yield from clear_addresses(mail, [mail.unsubscribe_url])


def clear_addresses(mail: Mail, urls: Iterable[str]) -> Iterator[str]:
    """Any address in clear, percent-encoded or in Base64 in these URLs of the mail."""
    for url in urls:
        if url.startswith("mailto:"):
            if mail.recipient and mail.recipient in unquote(url).lower():
                yield "M11: the recipient's address in a mailto link"
        elif _ADDRESS.search(unquote(url)) or any(_ADDRESS.search(text) for text in _base64_texts(url)):
            yield f"M11: an address in the URL of {urlsplit(url).hostname}"


def _base64_texts(url: str) -> Iterator[str]:
    for piece in re.findall(r"[A-Za-z0-9_-]{12,}", urlsplit(url).path):
        try:
            text = base64.urlsafe_b64decode(piece + "=" * (-len(piece) % 4)).decode()
        except (ValueError, binascii.Error):
            continue
        if text.isprintable():
            yield text


def _list_id(mail: Mail) -> Iterator[str]:
    if not re.fullmatch(r".*\S\s*<[a-z0-9-]+(\.[a-z0-9-]+)+>", mail.one("list-id"), re.IGNORECASE):
        yield "M16: List-Id is not Name <list.domain>"


def _feedback(mail: Mail) -> Iterator[str]:
    value = mail.one("feedback-id")
    fields = value.split(":")
    if not value or len(fields) > 4 or not fields[-1].strip():
        yield "M17: Feedback-ID is not a:b:c:sender"
    if "@" in value:
        yield "M17: personal data in Feedback-ID"


def _auto(mail: Mail) -> Iterator[str]:
    if not mail.one("list-id") and mail.one("precedence").lower() not in {"bulk", "list"}:
        yield "M18: neither List-Id nor Precedence: bulk"
    kind = mail.one("auto-submitted")
    if kind and kind.partition(";")[0] not in {"no", "auto-generated", "auto-replied"}:
        yield "M19: Auto-Submitted of an unknown kind"


def _people(mail: Mail) -> Iterator[str]:
    for name in ("from", "reply-to"):
        if mail.one(name) and not _is_one_address(mail.one(name)):
            yield f"M20: {name} is not one address"
        elif _NO_REPLY.search(mail.one(name)):
            yield f"M20: {name} is a no-reply address"
    if not _is_one_address(mail.one("to")):
        yield "M28: To is not exactly one address"


def _is_one_address(value: str) -> bool:
    found = getaddresses([value])
    return len(found) == 1 and bool(_ADDRESS.fullmatch(found[0][1]))


def _domain(mail: Mail) -> str:
    return getaddresses([mail.one("from")])[0][1].rpartition("@")[2].lower() if mail.one("from") else ""
