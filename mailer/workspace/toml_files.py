"""One TOML file and the mistakes in it: tomllib says no lines, so keys are looked for in the text."""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from mailer.errors import Problem, Severity
from mailer.workspace import places

_T = TypeVar("_T")
_TABLE = re.compile(r"[ \t]*\[\[?[ \t]*(?P<name>[^\]]+?)[ \t]*\]\]?")
_KEY = re.compile(r"""[ \t]*(?P<name>[A-Za-z0-9_."'-]+)[ \t]*=""")
_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")
_TYPE_WORDS = {str: '"text"', int: "12", bool: "true / false", dict: "[table]", list: "[list]"}


def read_text(root: Path, path: Path, problems: list[Problem]) -> str | None:
    """The text of a file below the root, else None and a problem; `path` is relative to the root."""
    if not places.is_below(root / path, root):
        problems.append(places.outside(path))
        return None
    try:
        return (root / path).read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        problems.append(places.bad_encoding(path, error.object[: error.start].count(b"\n") + 1))
    except OSError as error:
        problems.append(places.unreadable(path, error.strerror or str(error)))
    return None


class TomlFile:
    """The values of one file, taken key by key; mistakes go to `problems` with their line.

    `values` is empty and `is_read` False where the file cannot be read at all. `text` stands in for a file that is not
    written yet.
    """

    def __init__(self, root: Path, path: Path, problems: list[Problem], *, text: str | None = None) -> None:
        self.path = path
        self.problems = problems
        self.text = (read_text(root, path, problems) if text is None else text) or ""
        self.values: dict[str, Any] = {}
        self.is_read = False
        try:
            self.values = tomllib.loads(self.text.removeprefix("\ufeff").replace("\r\n", "\n"))
            self.is_read = bool(self.text)
        except ValueError as error:  # also a number of more digits than Python reads
            self._broken(str(error))
        except RecursionError:
            # One hostile file must not keep all the others from being read.
            self.add(
                "too-deep",
                message="The file is nested too deep to be read.",
                remedy="Simplify it: nothing here needs more than a few levels.",
                line=1,
            )

    def take(self, name: str, kind: type[_T], default: _T, *, is_required: bool = False) -> _T:
        """The value of a key (`table.key` for one in a table), or the default."""
        value = self._find(name)
        if value is None or (is_required and value == ""):
            if is_required:
                self.add(
                    "missing-key",
                    message="{key} is missing.",
                    remedy="Add it: {key} = {example}.",
                    key=name,
                    example=_TYPE_WORDS.get(kind, "…"),
                )
            return default
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.add(
                "bad-value",
                message="{key} has a value of the wrong kind.",
                remedy="Write it as {key} = {example}.",
                key=name,
                example=_TYPE_WORDS.get(kind, "…"),
            )
            return default
        return value

    def check(
        self,
        name: str,
        kind: type[_T],
        is_right: Callable[[_T], bool],
        *,
        remedy: str,
        known: Iterable[str] = (),
        may_be_empty: bool = True,
    ) -> None:
        """A problem where the key is given, of its kind, and its value is not right; `known` fills the remedy."""
        value = self._find(name)
        if isinstance(value, kind) and not (may_be_empty and value == "") and not is_right(value):
            self.add(
                "bad-value",
                message="“{value}” is not a possible value of {key}.",
                remedy=remedy,
                key=name,
                value=value,
                known=", ".join(known),
            )

    def refuse_unknown(self, known: set[str], table: str = "") -> None:
        """A problem for each key (of a table) that nothing reads."""
        prefix = f"{table}." if table else ""
        found = self._find(table) if table else self.values
        for name in found if isinstance(found, Mapping) else ():
            if name not in known:
                self.add(
                    "unknown-key",
                    message="The key {key} is not known here.",
                    remedy="Perhaps you meant: {nearest}.",
                    key=prefix + name,
                    nearest=places.nearest(name, known),
                )

    def add(
        self,
        code: str,
        *,
        message: str,
        remedy: str,
        key: str = "",
        line: int | None = None,
        severity: Severity = Severity.BLOCKING,
        **values: object,
    ) -> None:
        """One more problem of this file, at the line of the key."""
        self.problems.append(
            Problem(
                code=code,
                message=message,
                remedy=remedy,
                values={"key": key, **values},
                path=self.path,
                line=line or self.line(key),
                severity=severity,
                field=key,
            )
        )

    def line(self, name: str, *, occurrence: int = 1) -> int | None:
        """The line of a key (`table.key`) or of the `occurrence`-th table of that name; None where not found."""
        table, seen = "", 0
        for number, content in enumerate(self.text.splitlines(), start=1):
            header = _TABLE.match(content)
            if header:
                table = header["name"]
                seen += table == name
                if table == name and seen == occurrence:
                    return number
                continue
            pair = _KEY.match(content)
            key = pair["name"].strip("\"'") if pair else ""
            if key and name == (f"{table}.{key}" if table else key):
                return number
        return None

    def _find(self, name: str) -> object:
        value: object = self.values
        for part in name.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        return value

    def _broken(self, reason: str) -> None:
        place = _AT_LINE.search(reason)
        last = self.text.count("\n") + 1
        self.add(
            "broken-toml",
            message="The file is not valid TOML: {reason}.",
            remedy="Mend that line; text stands between quotation marks.",
            line=int(place[1]) if place else last,
            reason=_AT_LINE.sub("", reason).replace("(at end of document)", "").strip(),
        )
