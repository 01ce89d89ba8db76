"""Lists by pages, and versions in headers."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import Header, Path, Query, Response
from pydantic import AwareDatetime

from mailer import tokens
from mailer.app import directory
from mailer.errors import InputError
from mailer.web.api.records import MOST_ID

_MOST = 200
_QUOTED = re.compile(r'"([\x21\x23-\x7e]*)"')

Id = Annotated[int, Path(ge=1, le=MOST_ID)]
Cursor = Annotated[str | None, Query(max_length=40, description="`next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=_MOST)]
Since = Annotated[AwareDatetime | None, Query(description="What changed at this moment or later.")]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match", max_length=400, description="The ETag that was read; `*` for whatever is there."
    ),
]
ETAG = {"ETag": {"description": "The version, for If-Match.", "schema": {"type": "string"}}}


def place(cursor: str | None) -> int:
    """After which number the page begins; raises InputError."""
    if cursor is None:
        return 0
    try:
        number = int(tokens.decode(cursor).decode("ascii"))
    except ValueError as error:
        raise InputError("query/cursor: give `next` of the page before, as it was.") from error
    if not 0 <= number <= MOST_ID:
        raise InputError("query/cursor: give `next` of the page before, as it was.")
    return number


def paged(rows: Sequence[Mapping[str, Any]], limit: int) -> dict[str, Any]:
    """One page of rows that were asked for with one more than the limit."""
    shown = rows[:limit]
    more = len(rows) > limit
    return {"items": shown, "next": tokens.encode(str(shown[-1]["id"]).encode()) if more else None}


def moment(since: datetime | None) -> datetime | None:
    """A moment that databases know; raises InputError."""
    if since is not None and not 1970 <= since.year <= 9000:
        raise InputError("query/updated_since: give a moment from 1970 on.")
    return since


def expected(header: str | None) -> directory.Expected:
    """Which versions a request expects. Raises InputError for what is no list of ETags."""
    if header is None:
        return None
    if header.strip() == "*":
        return directory.ANY
    parts = [part.strip() for part in header.split(",")]
    found = [_QUOTED.fullmatch(part) for part in parts if not part.startswith("W/")]
    if any(each is None for each in found):
        raise InputError('header/If-Match: give the ETag between quotation marks, as it was: "…".')
    return frozenset(each[1] for each in found if each)


def stamped(response: Response, record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The record, with its version in the header."""
    response.headers["ETag"] = f'"{directory.version(record)}"'
    return record
