"""Settings of one installation: `mailer.toml` in the workspace, overridden by `MAILER_*` in the environment.

`MAILER_WORKSPACE` names the workspace (default: the present folder); a nested setting is written with two
underscores, as in `MAILER_PROVIDER__API_KEY`. Every setting is described in docs/reference/settings.md.
"""

from mailer.settings.fields import (
    AccountsSettings,
    BouncesSettings,
    NetworkSettings,
    OidcSettings,
    ProviderSettings,
    SandboxSettings,
    Settings,
    SignupSettings,
    SmtpSettings,
)
from mailer.settings.loading import load, wished_language
from mailer.settings.mistakes import FILE_NAME, unknown_variables

__all__ = [
    "FILE_NAME",
    "AccountsSettings",
    "BouncesSettings",
    "NetworkSettings",
    "OidcSettings",
    "ProviderSettings",
    "SandboxSettings",
    "Settings",
    "SignupSettings",
    "SmtpSettings",
    "load",
    "unknown_variables",
    "wished_language",
]
