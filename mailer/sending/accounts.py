"""Which account of a provider copies are handed over to: what one has taken, no other one knows."""

from mailer.providers import Provider
from mailer.settings import ProviderSettings
from mailer.tokens import Signer

_LENGTH = 16


def account(provider: Provider, settings: ProviderSettings, signer: Signer) -> str:
    """A digest that changes with the provider, its address and its key, and gives none of them away.

    A key that was only renewed counts as another account: a doubt of before then waits for a person, and nobody gets a
    mail twice.
    """
    named = (provider.name, settings.url, str(settings.path), settings.api_key.get_secret_value())
    return signer.digest("provider-account", "\n".join(named).encode()).hex()[:_LENGTH]
