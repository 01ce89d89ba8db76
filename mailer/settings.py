"""Settings of one installation: `mailer.toml` in the workspace, overridden by `MAILER_*` in the environment.

`MAILER_WORKSPACE` names the workspace (default: the present folder); a nested setting is written with two
underscores, as in `MAILER_PROVIDER__API_KEY`. Every setting is described in docs/reference/settings.md.
"""

import os
import re
import tomllib
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from mailer.errors import SettingError

FILE_NAME = "mailer.toml"
_TABLES = ("network", "provider", "sandbox")
_LANGUAGE = re.compile(rb"""(?m)^\s*language\s*=\s*["'](fr|en)["']""")
_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")
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
_SENTENCES = {
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


def _url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("https://lettres.reseau.example")
    return value.rstrip("/")


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("Europe/Paris") from error
    return value


Url = Annotated[str, AfterValidator(_url)]
Zone = Annotated[str, AfterValidator(_zone)]


class NetworkSettings(BaseModel, extra="forbid"):
    """Who writes: printed in every mail (rules L4)."""

    name: str = "Réseau"
    postal_address: str = ""
    contact: str = ""
    website: str = ""


class SmtpSettings(BaseModel, extra="forbid"):
    """The account at a mail server: `provider.name = "smtp"`."""

    host: str = ""
    #: 0: 465 with tls, 587 with starttls, 25 with none.
    port: Annotated[int, Field(ge=0, le=65535)] = 0
    #: `none` is for a server of this machine only.
    security: Literal["tls", "starttls", "none"] = "tls"
    username: str = ""
    password: SecretStr = SecretStr("")
    #: The authority that vouches for the server, instead of those that the system trusts.
    ca_file: Path | None = None
    #: Who is told what could not be delivered; default: `bounce` at the domain of the envelope sender.
    bounce_address: str = ""
    #: Whether each mail has a bounce address of its own, `local+key@domain`.
    verp: bool = True
    messages_per_connection: Annotated[int, Field(ge=1, le=10_000)] = 100


class BouncesSettings(BaseModel, extra="forbid"):
    """The mailbox that bounces and complaints come back to."""

    kind: Literal["none", "maildir", "imap", "pop"] = "none"
    host: str = ""
    #: 0: 993 and 995 with tls, 143 and 110 with none.
    port: Annotated[int, Field(ge=0, le=65535)] = 0
    security: Literal["tls", "none"] = "tls"
    username: str = ""
    password: SecretStr = SecretStr("")
    ca_file: Path | None = None
    #: `maildir`: the folder, relative to the workspace; `imap`: the folder, default INBOX.
    path: str = ""


class ProviderSettings(BaseModel, extra="forbid"):
    """Which provider hands the mail over, and how fast."""

    name: str = "maildir"
    url: str = ""
    api_key: SecretStr = SecretStr("")
    #: The secret part of the webhook's address: `/hooks/<name>/<webhook_secret>`; drawn at first start if empty.
    webhook_secret: SecretStr = SecretStr("")
    #: What vouches for its webhooks: the token or password that it presents, or (`sweego`) the key it signs with.
    webhook_key: SecretStr = SecretStr("")
    #: `maildir`: the folder, relative to the workspace.
    path: Path = Path("var/maildir")
    #: Messages per duration, such as `500/5min`, `100/s`.
    rate: str = "100/s"
    threads: Annotated[int, Field(ge=1, le=64)] = 8
    #: Domain of the envelope sender and of Message-IDs; default: the domain of the campaign's sender.
    domain: str = ""
    smtp: SmtpSettings = SmtpSettings()
    bounces: BouncesSettings = BouncesSettings()


class SandboxSettings(BaseModel, extra="forbid"):
    """The embedded provider: `mailer sandbox`."""

    http_port: int = 8025
    smtp_port: int = 8026
    control_port: int = 8027
    api_key: str = "sandboxsandboxsandbox123"
    path: Path = Path("var/sandbox")
    store: Literal["all", "journal", "none"] = "all"
    webhook_url: str = ""
    #: Multiplies the webhook retry schedule (2, 3, 6, 10, 15 minutes): 0.001 in a demo.
    clock_scale: float = 1.0
    #: Domains that may send; `.example` stands for every domain under it.
    domains: list[str] = [".example"]
    #: Hand sent mail on to an SMTP server of this machine, such as smtp://127.0.0.1:2525; needs `store = "all"`.
    relay: str = ""


class Settings(BaseSettings):
    """All settings; relative paths start at the workspace."""

    model_config = SettingsConfigDict(env_prefix="MAILER_", env_nested_delimiter="__", extra="forbid")

    workspace: Path = Path()
    database_url: str = "sqlite:///var/mailer.db"
    #: The installation id, the secret and frozen media live here, outside the database.
    state_dir: Path = Path("var")
    base_url: Url = "http://127.0.0.1:8080"
    language: Literal["fr", "en"] = "fr"
    time_zone: Zone = "Europe/Paris"
    network: NetworkSettings = NetworkSettings()
    provider: ProviderSettings = ProviderSettings()
    sandbox: SandboxSettings = SandboxSettings()
    #: How long an officer may still take a scheduled-for-now send back.
    undo_seconds: int = 300
    lease_seconds: Annotated[int, Field(ge=30)] = 120
    #: How long a send waits for webhooks to settle its doubts before it is done with doubts shown.
    settling_hours: int = 24
    #: Who bears it may read /metrics from anywhere; empty: from this machine only.
    metrics_token: SecretStr = SecretStr("")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file, which arrives as init arguments."""
        return env_settings, init_settings

    def under_workspace(self, path: Path) -> Path:
        """An absolute path; relative ones start at the workspace."""
        return (self.workspace / path).resolve()

    @property
    def state(self) -> Path:
        return self.under_workspace(self.state_dir)

    @property
    def resolved_database_url(self) -> str:
        """The database's URL with a relative SQLite path made absolute."""
        prefix = "sqlite:///"
        if self.database_url.startswith(prefix) and not self.database_url.startswith("sqlite:////"):
            return prefix + str(self.under_workspace(Path(self.database_url.removeprefix(prefix))))
        if self.database_url.startswith("postgresql://"):
            return "postgresql+psycopg://" + self.database_url.removeprefix("postgresql://")
        return self.database_url

    @property
    def lease(self) -> timedelta:
        return timedelta(seconds=self.lease_seconds)


def load(workspace: Path | None = None) -> Settings:
    """The settings of a workspace; raises SettingError that names the setting, its place and what is expected."""
    root = (workspace or Path(os.environ.get("MAILER_WORKSPACE", "."))).resolve()
    text = _read(root / FILE_NAME)
    values = _parse(text)
    try:
        return Settings(**{**values, "workspace": root})
    except ValidationError as error:
        raise _explain(error, text) from error


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


def unknown_variables() -> list[str]:
    """Variables of the environment that look like settings and are none: a slip of the pen that nothing reads."""
    known = {_variable(name) for name in (*_names(Settings), *_TABLES)}
    return sorted(name for name in os.environ if name.startswith("MAILER_") and name.upper() not in known)


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


def _explain(error: ValidationError, text: str) -> SettingError:
    """The first mistake, at its line or variable, in a sentence of ours: pydantic's own are for programmers."""
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"] if isinstance(part, str))
    sentence = _SENTENCES.get(first["type"], _SENTENCES[""])
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
