"""The version of a record: two programs that write to it do not lose one another's change."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from mailer.errors import RefusedError

#: Which versions a request expects: these, `ANY`, or None where it says nothing.
Expected = frozenset[str] | None
ANY: frozenset[str] = frozenset({"*"})


class OutdatedError(RefusedError):
    """The record is no longer what the request expects."""


class NothingExpected(RefusedError):
    """The request would write over a record without saying which version of it was read."""


def version(record: Mapping[str, Any]) -> str:
    """The same for equal records; any change, whoever makes it, gives another."""
    text = json.dumps(record, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def require(record: Mapping[str, Any], expected: Expected) -> None:
    """Raises unless the request expects the record as it is."""
    if expected is None:
        raise NothingExpected(
            "This request would write over what stands there. Send the ETag that you read as If-Match."
        )
    if expected != ANY and version(record) not in expected:
        raise OutdatedError("It has changed since you read it. Read it again, then repeat your change.")
