"""What a check of preflight sees, and what it says."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from lxml import html

from mailer.errors import Severity
from mailer.model.mail import Content
from mailer.model.workspace import Compiled


@dataclass(frozen=True, slots=True)
class Mail:
    """One copy with its HTML as a tree, and what it was compiled from."""

    compiled: Compiled
    content: Content
    tree: html.HtmlElement
    earlier_subjects: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake; `about` is the piece of text by which its block is found, and tells two of one code apart."""

    code: str
    message: str
    remedy: str
    values: Mapping[str, object] = field(default_factory=dict)
    about: str = ""
    severity: Severity = Severity.BLOCKING


Check = Callable[[Mail], Iterator[Finding]]


def blocking(code: str, *, message: str, remedy: str = "", about: str = "", **values: object) -> Finding:
    """What must be mended before anything leaves."""
    return Finding(code, message, remedy, values, about)


def warning(code: str, *, message: str, remedy: str = "", about: str = "", **values: object) -> Finding:
    """What a person should look at, and may leave."""
    return Finding(code, message, remedy, values, about, Severity.WARNING)
