"""One e-mail address: mended, normalised or refused with a reason.

Mended: outer blanks, `mailto:`, `Name <a@b>`, a trailing `;` or `,`; the whole address is lower-cased.
Refused: anything that is not exactly one ASCII address with a dot in its domain (rules M9, security S5).
"""

import re
import unicodedata

from email_validator import EmailNotValidError, validate_email

from mailer.errors import InputError

_NAMED = re.compile(r"[^<>]*<([^<>]*)>")


_SENTENCES = {
    "address-empty": "There is no e-mail address.",
    "address-control-character": "The address {text} holds a hidden control character. Type it again.",
    "address-several": "There is more than one address in {text}. Keep one.",
    "address-not-ascii": "The address {text} has letters that mail servers refuse before the @. Check its spelling.",
    "address-malformed": "{text} is not an e-mail address. Check its spelling.",
}


class AddressError(InputError):
    """The text is not one usable address. `reason` is a stable code for catalogues and reports."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(_SENTENCES[reason], text=repr(text[:80]))
        self.reason = reason


def normalise(text: str) -> str:
    """The one normal form of an address written by people.

    Reasons of refusal: `address-empty`, `address-control-character`, `address-several`,
    `address-not-ascii`, `address-malformed`.
    """
    # Control characters are looked for before any trimming: str.strip would hide a line break at the end.
    bare = text.strip(" \u00a0\t")
    if not bare:
        raise AddressError("address-empty", text)
    if any(unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp"} for character in bare):
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
    try:
        # `test_environment` accepts the reserved names of examples and intranets; no DNS, no SMTPUTF8.
        valid = validate_email(
            bare,
            check_deliverability=False,
            allow_smtputf8=False,
            allow_quoted_local=False,
            test_environment=True,
        )
    except EmailNotValidError as error:
        raise AddressError("address-malformed", text) from error
    if "." not in valid.ascii_domain:
        raise AddressError("address-malformed", text)
    return f"{valid.local_part}@{valid.ascii_domain}".lower()


def domain(address: str) -> str:
    """The part after the @ of a normal address."""
    return address.rpartition("@")[2]
