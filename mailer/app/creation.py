"""Picks the concrete parts: the only place that does."""

from pathlib import Path

from pydantic import SecretStr

from mailer import providers, settings, tokens
from mailer.app.mailer import Mailer
from mailer.clock import Clock, SystemClock
from mailer.settings import Settings
from mailer.store import Store
from mailer.store.schema import migrate


def create_mailer(workspace: Path | None = None, *, clock: Clock | None = None) -> Mailer:
    """A Mailer for a workspace (default: MAILER_WORKSPACE or the present folder); migrates its database.

    Raises SettingError or StoreError with a sentence that names the setting; nothing is half-done.
    """
    chosen = settings.load(workspace)
    chosen.state.mkdir(parents=True, exist_ok=True)
    signer = tokens.Signer(tokens.load_secret(chosen.state / "secret"))
    chosen = _with_hook(chosen, signer)
    store = Store(chosen.resolved_database_url)
    migrate(store)
    return Mailer(
        chosen, store=store, signer=signer, clock=clock or SystemClock(), provider=providers.create(chosen)
    )


def _with_hook(chosen: Settings, signer: tokens.Signer) -> Settings:
    """The secret part of the webhook's address: the one that is set, else one of this installation, always the same."""
    if chosen.provider.webhook_secret.get_secret_value():
        return chosen
    drawn = SecretStr(signer.digest("webhook", chosen.provider.name.encode()).hex()[:32])
    return chosen.model_copy(
        update={"provider": chosen.provider.model_copy(update={"webhook_secret": drawn})}
    )
