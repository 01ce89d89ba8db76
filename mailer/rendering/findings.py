"""What a check of preflight sees, and what it says."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mailer.errors import Severity
from mailer.model.mail import Content
from mailer.model.workspace import Compiled

if TYPE_CHECKING:  # five megabytes that a process which only sends does without
    from lxml.html import HtmlElement


@dataclass(frozen=True, slots=True)
class Mail:
    """One copy with its HTML as a tree, and what it was compiled from."""

    compiled: Compiled
    content: Content
    tree: "HtmlElement"
    earlier_subjects: frozenset[str] = frozenset()
    #: What must be readable in it, of whom it comes from: name and postal address (rules L4).
    identity: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake; `about` is the piece of text by which its block is found, and tells two of one code apart."""

    code: str
    message: str
    remedy: str
    values: Mapping[str, object] = field(default_factory=dict)
    about: str = ""
    #: The key of the front matter that is meant, where no block is.
    front: str = ""
    severity: Severity = Severity.BLOCKING


Check = Callable[[Mail], Iterator[Finding]]


def blocking(
    code: str, *, message: str, remedy: str = "", about: str = "", front: str = "", **values: object
) -> Finding:
    """What must be mended before anything leaves."""
    return Finding(code, message, remedy, values, about, front)


def warning(
    code: str, *, message: str, remedy: str = "", about: str = "", front: str = "", **values: object
) -> Finding:
    """What a person should look at, and may leave."""
    return Finding(code, message, remedy, values, about, front, Severity.WARNING)
