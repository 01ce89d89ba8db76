"""Every setting, with its kind, its limits and its default."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

#: An ordinary address; what else may be one is for people's addresses, not for a setting.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z0-9-]{2,}")


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


def _address(value: str) -> str:
    if not _ADDRESS.fullmatch(value.strip()):
        raise ValueError("direction@reseau.example")
    return value.strip()


Url = Annotated[str, AfterValidator(_url)]
Zone = Annotated[str, AfterValidator(_zone)]
Address = Annotated[str, AfterValidator(_address)]


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
    #: Requests in flight at the same time; default: as many as the rate needs at a provider that answers slowly.
    threads: Annotated[int, Field(ge=1, le=256)] | None = None
    #: Domain of the envelope sender and of Message-IDs; default: the domain of the campaign's sender.
    domain: str = ""
    smtp: SmtpSettings = SmtpSettings()
    bounces: BouncesSettings = BouncesSettings()


class SignupSettings(BaseModel, extra="forbid"):
    """The sign-up form: `/inscription`, or a copy of it on another site."""

    #: What it offers, in this order; empty: nobody can sign up.
    topics: list[str] = []
    #: How long the link of the confirmation mail holds.
    valid_hours: Annotated[int, Field(ge=1, le=720)] = 72
    #: Confirmation mails to one address in a day.
    per_address: Annotated[int, Field(ge=1)] = 3
    #: Requests from one network (/24, or /48 of IPv6) in an hour.
    per_network: Annotated[int, Field(ge=1)] = 20


class AccountsSettings(BaseModel, extra="forbid"):
    """The accounts of the desk."""

    #: Who must have a second factor: nothing but setting it up is open to these roles without one.
    second_factor: list[Literal["reader", "writer", "approver", "sender", "administrator"]] = []
    #: Where invitations and links for lost passwords come from; default: the sender of the first campaign.
    sender: str = ""


class OidcSettings(BaseModel, extra="forbid"):
    """Single sign-on by OpenID Connect; needs the extra `oidc`."""

    #: The provider's address, as it names itself; empty: no single sign-on.
    issuer: str = ""
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    #: What the button of the login page says after "Log in with".
    name: str = "OpenID Connect"


class PressureSettings(BaseModel, extra="forbid"):
    """How many mails are too many: who schedules a letter is warned."""

    #: Mails to one person in seven days.
    per_week: Annotated[int, Field(ge=1)] = 3
    #: So many people may get more, before anybody is warned.
    people: Annotated[int, Field(ge=0)] = 20


class ApiSettings(BaseModel, extra="forbid"):
    """The API for other programs: `/api/v1`."""

    #: Requests of one token in a minute, in each process.
    per_minute: Annotated[int, Field(ge=1)] = 600


class RetentionSettings(BaseModel, extra="forbid"):
    """After how long things are proposed for removal (rules L7, L9)."""

    #: People of whom nothing was heard, and excluded addresses of people who are no longer here.
    inactive_years: Annotated[int, Field(ge=1, le=20)] = 3
    #: Names in old copies, names of imported files.
    details_months: Annotated[int, Field(ge=1, le=120)] = 13
    #: Subscriptions of people who opened nothing for so long, where the day of the last opening is kept.
    asleep_months: Annotated[int, Field(ge=3, le=12)] = 12


class PrivacySettings(BaseModel, extra="forbid"):
    """What the register and the privacy notice say beside what the campaigns' files know."""

    #: The data-protection officer: a name and an address.
    dpo: str = ""
    #: Who is answerable, such as "the president of the network".
    controller: str = ""
    #: Topic -> why people may be written to; default: consent, and for members-only topics legitimate interest.
    basis: dict[str, Literal["consent", "legitimate-interest", "contract"]] = {}
    #: Where this installation runs: a host and its country.
    hosting: str = ""
    #: Where the provider keeps data, such as "France".
    provider_country: str = ""


class SandboxSettings(BaseModel, extra="forbid"):
    """The embedded provider: `mailer sandbox`."""

    http_port: int = 8025
    smtp_port: int = 8026
    control_port: int = 8027
    api_key: str = "sandboxsandboxsandbox123"
    path: Path = Path("var/sandbox")
    store: Literal["all", "journal", "none"] = "all"
    webhook_url: str = ""
    #: Only these are reported, such as MessageBounced, as a server of Postal may choose; empty: all of them.
    webhook_events: list[str] = []
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
    #: Who gets the proofs of campaigns that name nobody themselves.
    proof_to: list[str] = []
    #: Who gets the figures of each letter by mail, two days after it left, beside the accounts that asked for it.
    digest_to: list[Address] = []
    signup: SignupSettings = SignupSettings()
    accounts: AccountsSettings = AccountsSettings()
    oidc: OidcSettings = OidcSettings()
    pressure: PressureSettings = PressureSettings()
    api: ApiSettings = ApiSettings()
    retention: RetentionSettings = RetentionSettings()
    privacy: PrivacySettings = PrivacySettings()
    #: How long an officer may still take a scheduled-for-now send back.
    undo_seconds: int = 300
    lease_seconds: Annotated[int, Field(ge=30, le=3600)] = 120
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
