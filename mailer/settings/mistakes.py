"""A wrong setting as one sentence: where it stands, what is wrong with it, what is expected."""

import os
import re
from difflib import get_close_matches

from pydantic import BaseModel, ValidationError

from mailer.errors import SettingError
from mailer.settings.fields import Settings

FILE_NAME = "mailer.toml"
_TABLES = ("network", "provider", "sandbox", "api", "retention", "privacy")
_TABLE = re.compile(r"\s*\[\s*([\w.-]+)\s*\]")
_KEY = re.compile(r"""\s*["']?([\w-]+)["']?\s*=""")
_WHOLE = "{where}: setting {name}: expected a whole number, such as 8."
_NUMBER = "{where}: setting {name}: expected a number, such as 0.5."
_TEXT = '{where}: setting {name}: expected a text, between quotation marks: "…".'
_LIST = '{where}: setting {name}: expected a list, such as [".example"].'
_GROUP = (
    "{where}: {name} is a group of settings: write [{name}] on a line of its own, and its settings below."
)
#: pydantic's kinds of mistakes; the names in braces come from its context.
SENTENCES = {
    "": "{where}: setting {name} cannot be used: {reason}.",
    "value_error": "{where}: setting {name}: this value cannot be used. Expected something like {expected}.",
    "extra_forbidden": "{where}: there is no setting {name}. Perhaps you meant: {nearest}.",
    "literal_error": "{where}: setting {name}: expected {expected}.",
    "greater_than_equal": "{where}: setting {name}: expected {ge} or more.",
    "less_than_equal": "{where}: setting {name}: expected {le} or less.",
    **dict.fromkeys(("int_parsing", "int_type", "int_from_float"), _WHOLE),
    **dict.fromkeys(("float_parsing", "float_type"), _NUMBER),
    **dict.fromkeys(("string_type", "path_type"), _TEXT),
    "list_type": _LIST,
    **dict.fromkeys(("model_type", "model_attributes_type", "dict_type"), _GROUP),
}


def unknown_variables() -> list[str]:
    """Variables of the environment that look like settings and are none: a slip of the pen that nothing reads."""
    known = {_variable(name) for name in (*_names(Settings), *_TABLES)}
    return sorted(name for name in os.environ if name.startswith("MAILER_") and name.upper() not in known)


def explain(error: ValidationError, text: str) -> SettingError:
    """The first mistake, at its line or variable, in a sentence of ours: pydantic's own are for programmers."""
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"] if isinstance(part, str))
    sentence = SENTENCES.get(first["type"], SENTENCES[""])
    values = {**first.get("ctx", {}), "reason": first["msg"], "name": name, "where": _where(name, text)}
    if first["type"] == "extra_forbidden":
        values["nearest"] = _nearest(name)
    if first["type"] == "literal_error":
        values["expected"] = values["expected"].replace(" or ", ", ")
    if first["type"] == "value_error":
        values["expected"] = str(values["error"])
    return SettingError(sentence, **values)


def _where(name: str, text: str) -> str:
    """The variable that sets it, else `mailer.toml:line`: the environment wins, so it is to blame."""
    variable = _variable(name)
    found = next((each for each in os.environ if each.upper() == variable.upper()), None)
    if found:
        return found
    table, _, key = name.rpartition(".")
    present = ""
    for number, line in enumerate(text.splitlines(), start=1):
        header, pair = _TABLE.match(line), _KEY.match(line)
        present = header[1] if header else present
        is_here = (pair is not None and present == table and pair[1] == key) or (header and header[1] == name)
        if is_here:
            return f"{FILE_NAME}:{number}"
    return FILE_NAME


def _variable(name: str) -> str:
    return "MAILER_" + name.upper().replace(".", "__")


def _nearest(name: str) -> str:
    """The known setting that looks most like it, else the list."""
    known = [each for each in _names(Settings) if each != "workspace"]
    return next(iter(get_close_matches(name, known, n=1, cutoff=0.5)), ", ".join(known))


def _names(model: type[BaseModel], prefix: str = "") -> list[str]:
    names = []
    for name, field in model.model_fields.items():
        nested = field.annotation
        if isinstance(nested, type) and issubclass(nested, BaseModel):
            names += _names(nested, f"{prefix}{name}.")
        else:
            names.append(prefix + name)
    return names
