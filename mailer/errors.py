"""Every expected failure, told apart by what the caller can do about it.

    MailerError
    ├── InputError            mend what was given: a file, an argument, a form       exit status 1
    │   ├── NotFoundError         no such campaign, issue, segment, contact
    │   ├── WorkspaceError        carries the Problems found in files
    │   ├── SpreadsheetError      a file that cannot be read as a table
    │   └── RefusedError          the act is not allowed in this state (not approved, already sent …)
    │       ├── ConflictError         somebody else changed the file meanwhile
    │       └── UnconfirmedError      a person must first say something: how many people, that they are meant
    ├── SettingError          mend a setting (names it)                                exit status 1
    ├── StoreError            the database refused: locked, full, newer version        exit status 3
    ├── ProviderHalt          the provider refuses everything: credentials, suspended  exit status 3
    └── TokenError            a forged, truncated or foreign token                     404 on a page

A message says what was attempted, on what, what was wrong, and what to do. A refused recipient is a
value (`SendResult`), never an exception. Mistakes in files are `Problem`s, collected and shown together.
"""

import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

_NAME = re.compile(r"\{(\w+)\}")


def fill(text: str, values: Mapping[str, object]) -> str:
    """`text` with each `{name}` of `values` filled in; other braces, those inside a value too, stay as they are."""
    return _NAME.sub(lambda found: str(values.get(found[1], found[0])), text)


class MailerError(Exception):
    """Something expected went wrong. `text` is the English source of the sentence, a key of the catalogues;
    `values` fill its `{names}`; `str()` is the English sentence, `Translator.error` the localised one."""

    exit_status = 1

    def __init__(self, text: str, /, **values: object) -> None:
        super().__init__(fill(text, values))
        self.text = text
        self.values: Mapping[str, object] = values


class InputError(MailerError):
    """What was given cannot be used; the message says where and how to mend it."""


class NotFoundError(InputError):
    """What was asked for does not exist."""


class UnfitValueError(InputError):
    """A value that no row of the database can have: a number beyond its column, the byte zero."""


class SpreadsheetError(InputError):
    """The file cannot be read as a table of the kind asked for."""


class RefusedError(InputError):
    """The act is not allowed in the present state; nothing was changed."""


class ConflictError(RefusedError):
    """Somebody else changed the same thing meanwhile; nothing was overwritten."""


class UnconfirmedError(RefusedError):
    """An act waits for a person's word; `wanted` says which: recipients, moved, doubts, approval."""

    def __init__(self, text: str, /, *, wanted: str, **values: object) -> None:
        super().__init__(text, **values)
        self.wanted = wanted


class SettingError(MailerError):
    """A setting is missing or wrong; the message names it."""


class StoreError(MailerError):
    """The database refused; nothing was half-done."""

    exit_status = 3


class StoreConflict(StoreError):
    """Two acts wanted the same rows and the database undid this one; trying again is safe."""


class ProviderHalt(MailerError):
    """The provider refuses everything we hand over; *nothing in this call was accepted*. The send pauses."""

    exit_status = 3

    def __init__(self, reason: str, text: str, /, **values: object) -> None:
        super().__init__(text, **values)
        #: A stable code: credentials, suspended, unverified-sender, no-credit, redirect, not-json.
        self.reason = reason


class TokenError(MailerError):
    """A token that we did not sign for this purpose."""


class Severity(StrEnum):
    """Whether a problem stops a send."""

    BLOCKING = "blocking"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a file or a finished mail, with the way out.

    `code` is stable (kebab-case, for programs); `message` and `remedy` are English sources of sentences, keys of
    the catalogues, whose `{names}` are filled from `values`; `path` is relative to the workspace; `line` counts
    from 1; `block` counts the blocks of an issue from 1; `field` is that of the block, or without a block the key of
    the front matter or of the TOML file, so that a page can lead there.
    """

    code: str
    message: str
    remedy: str = ""
    values: Mapping[str, object] = dataclasses.field(default_factory=dict)
    path: Path | None = None
    line: int | None = None
    block: int | None = None
    severity: Severity = Severity.BLOCKING
    field: str = ""

    @property
    def place(self) -> str:
        """`path:line`, as editors understand it."""
        return f"{self.path}:{self.line}" if self.path and self.line else str(self.path or "")

    def __str__(self) -> str:
        said = fill(f"{self.message} {self.remedy}".strip(), self.values)
        return f"{self.place}: {said}" if self.place else said


class WorkspaceError(InputError):
    """Files of the workspace hold mistakes; `problems` lists every one of them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("{problems}", problems="\n".join(str(problem) for problem in self.problems))
