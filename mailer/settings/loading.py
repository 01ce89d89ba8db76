"""Reading `mailer.toml` and the environment; also where the file is broken, the language to say so in."""

import os
import re
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mailer.errors import SettingError
from mailer.settings.fields import Settings
from mailer.settings.mistakes import FILE_NAME, explain

_LANGUAGE = re.compile(rb"""(?m)^\s*language\s*=\s*["'](fr|en)["']""")
_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")


def load(workspace: Path | None = None) -> Settings:
    """The settings of a workspace; raises SettingError that names the setting, its place and what is expected."""
    root = (workspace or Path(os.environ.get("MAILER_WORKSPACE", "."))).resolve()
    text = _read(root / FILE_NAME)
    values = _parse(text)
    try:
        return Settings(**{**values, "workspace": root})
    except ValidationError as error:
        raise explain(error, text) from error


def wished_language(workspace: Path | None = None) -> str:
    """The language in which to speak, also where the settings cannot be used: what they seem to say, else French."""
    try:
        return load(workspace).language
    except SettingError:
        asked = os.environ.get("MAILER_LANGUAGE") or _written_language(workspace)
        return "en" if asked == "en" else "fr"


def _written_language(workspace: Path | None) -> str:
    path = (workspace or Path(os.environ.get("MAILER_WORKSPACE", "."))) / FILE_NAME
    try:
        found = _LANGUAGE.search(path.read_bytes())
    except OSError:
        return ""
    return found[1].decode() if found else ""


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SettingError(
            "{where}: the file is not written in UTF-8. Open it in an editor and save it as UTF-8.",
            where=f"{FILE_NAME}:{line}",
        ) from error
    except OSError as error:
        raise SettingError(
            "{where}: the file cannot be read: {reason}. Check that this program may read it.",
            where=FILE_NAME,
            reason=error.strerror or str(error),
        ) from error


def _parse(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        place = _AT_LINE.search(str(error))
        line = place[1] if place else text.rstrip().count("\n") + 1
        raise SettingError(
            "{where}: this is not valid TOML ({reason}). Mend that line; text stands between quotation marks.",
            where=f"{FILE_NAME}:{line}",
            reason=str(error).partition(" (at ")[0],
        ) from error
