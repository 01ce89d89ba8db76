"""One e-mail address: mended, normalised or refused with a reason.

Mended: outer blanks, `mailto:`, `Name <a@b>`, a trailing `;` or `,`; the whole address is lower-cased.
Refused: anything that is not exactly one ASCII address with a dot in its domain (rules M9, security S5).
"""

import re
import unicodedata
from functools import lru_cache

from email_validator import EmailNotValidError, ValidatedEmail, validate_email

from mailer.errors import InputError

_NAMED = re.compile(r"[^<>]*<([^<>]*)>")
#: A local part that needs no second look; the library judges every other one.
_ORDINARY = re.compile(r"[a-z0-9_+-]+(\.[a-z0-9_+-]+)*", re.ASCII | re.IGNORECASE)
#: A domain with nothing around it that would have to be mended.
_BARE_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+", re.ASCII | re.IGNORECASE)
_MOST_LOCAL = 64
_MOST = 254


_SENTENCES = {
    "address-empty": "There is no e-mail address.",
    "address-control-character": "The address “{text}” holds a hidden control character. Type it again.",
    "address-several": "There is more than one address in “{text}”. Keep one.",
    "address-not-ascii": "The address “{text}” has letters that mail servers refuse before the @. Check its spelling.",
    "address-malformed": "“{text}” is not an e-mail address. Check its spelling.",
}


class AddressError(InputError):
    """The text is not one usable address. `reason` is a stable code for catalogues and reports."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(_SENTENCES[reason], text=_shown(text))
        self.reason = reason


def _shown(text: str) -> str:
    """Short, and nothing in it moves a terminal's cursor."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text[:80])


def normalise(text: str) -> str:
    """The one normal form of an address written by people.

    Reasons of refusal: `address-empty`, `address-control-character`, `address-several`,
    `address-not-ascii`, `address-malformed`.
    """
    return plain(text) or mended(text)


def plain(text: str) -> str:
    """The normal form of an address that needs no mending; empty for any text that must be looked at closely.

    What it gives is what `mended` gives: a file of a million lines asks it first.
    """
    local, _, host = text.partition("@")
    if len(text) > _MOST or len(local) > _MOST_LOCAL or not _ORDINARY.fullmatch(local):
        return ""
    known = _bare_host(host)
    return f"{local.lower()}@{known}" if known else ""


def mended(text: str) -> str:
    """The same as `normalise`, by the long way: trimmed, unwrapped, looked through letter by letter."""
    # Control characters are looked for before any trimming: str.strip would hide a line break at the end.
    bare = text.strip(" \u00a0\t")
    if not bare:
        raise AddressError("address-empty", text)
    if not bare.isprintable() and any(
        unicodedata.category(each) in {"Cc", "Cf", "Zl", "Zp"} for each in bare
    ):
        raise AddressError("address-control-character", text)
    bare = _unwrap(bare)
    if bare.count("@") > 1:
        raise AddressError("address-several", text)
    if not bare.isascii():
        raise AddressError("address-not-ascii", text)
    return _checked(bare, text)


def _unwrap(bare: str) -> str:
    named = _NAMED.fullmatch(bare.rstrip(" ;,"))
    bare = (named.group(1) if named else bare).strip().rstrip(" ;,")
    return bare[len("mailto:") :].strip() if bare.lower().startswith("mailto:") else bare


def _checked(bare: str, text: str) -> str:
    local, _, host = bare.rpartition("@")
    try:
        # The library takes 60 µs an address, nearly all of it for the few domains that a file repeats.
        if len(bare) <= _MOST and len(local) <= _MOST_LOCAL and _ORDINARY.fullmatch(local):
            return f"{local.lower()}@{_host(host.lower())}"
        valid = _validated(bare)
    except EmailNotValidError as error:
        raise AddressError("address-malformed", text) from error
    return f"{valid.local_part}@{_host(valid.ascii_domain)}".lower()


@lru_cache(maxsize=10_000)
def _bare_host(host: str) -> str:
    """The domain in its normal form; empty where it is none, or must be mended first."""
    try:
        return _host(host.lower()) if _BARE_HOST.fullmatch(host) else ""
    except EmailNotValidError:
        return ""


@lru_cache(maxsize=10_000)
def _host(host: str) -> str:
    """The domain in ASCII; raises EmailNotValidError, also for one without a dot."""
    if "." not in host:
        raise EmailNotValidError(host)
    return _validated(f"x@{host}").ascii_domain.lower()


def _validated(address: str) -> ValidatedEmail:
    # `test_environment` accepts the reserved names of examples and intranets; no DNS, no SMTPUTF8.
    return validate_email(
        address,
        check_deliverability=False,
        allow_smtputf8=False,
        allow_quoted_local=False,
        test_environment=True,
    )


def domain(address: str) -> str:
    """The part after the @ of a normal address."""
    return address.rpartition("@")[2]
