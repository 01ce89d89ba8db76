"""Which adapter a setting names."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from mailer.errors import SettingError
from mailer.providers import brevo, mailjet, sweego
from mailer.providers.base import Provider
from mailer.providers.brevo import Brevo
from mailer.providers.http import Limits
from mailer.providers.maildir import Maildir
from mailer.providers.mailjet import Mailjet
from mailer.providers.postal import Postal
from mailer.providers.rates import parse_rate
from mailer.providers.smtp_settings import create_smtp
from mailer.providers.sweego import Sweego
from mailer.settings import Settings

_LONGEST_CALL = timedelta(seconds=90)
_LONGEST_WAIT = 60.0
#: The whole call ends before the lease of its delivery does, with time left to write the outcome (sending.md R2).
_SHARE_OF_LEASE = 0.75


def create(settings: Settings) -> Provider:
    """The provider that `provider.name` names; raises SettingError where a setting is missing or unknown."""
    make = PROVIDERS.get(settings.provider.name)
    if make is None:
        raise SettingError(
            "Setting provider.name: {name} is not a provider. Known: {known}.",
            name=settings.provider.name,
            known=", ".join(PROVIDERS),
        )
    return make(settings)


def _maildir(settings: Settings) -> Provider:
    path = settings.under_workspace(settings.provider.path)
    return Maildir(path, rate=parse_rate(settings.provider.rate))


def _postal(settings: Settings) -> Provider:
    chosen = settings.provider
    return Postal(
        chosen.url,
        chosen.api_key.get_secret_value(),
        rate=parse_rate(chosen.rate),
        limits=_limits(settings),
    )


def _limits(settings: Settings) -> Limits:
    total = min(_LONGEST_CALL, settings.lease * _SHARE_OF_LEASE).total_seconds()
    return Limits(read=min(_LONGEST_WAIT, total), total=total)


def _hosted(make: type[Mailjet | Brevo | Sweego], url: str) -> Callable[[Settings], Provider]:
    """A service with one address for everybody; `provider.url` only for another region."""

    def create(settings: Settings) -> Provider:
        chosen = settings.provider
        return make(
            chosen.api_key.get_secret_value(),
            url=chosen.url or url,
            webhook_key=chosen.webhook_key.get_secret_value(),
            rate=parse_rate(chosen.rate),
            limits=_limits(settings),
        )

    return create


PROVIDERS: Mapping[str, Callable[[Settings], Provider]] = {
    "maildir": _maildir,
    "postal": _postal,
    "smtp": create_smtp,
    "mailjet": _hosted(Mailjet, mailjet.URL),
    "brevo": _hosted(Brevo, brevo.URL),
    "sweego": _hosted(Sweego, sweego.URL),
}
