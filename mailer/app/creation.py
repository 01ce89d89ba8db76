"""Picks the concrete parts: the only place that does."""

from pathlib import Path

from mailer import providers, settings, tokens
from mailer.app.mailer import Mailer
from mailer.clock import Clock, SystemClock
from mailer.store import Store
from mailer.store.schema import migrate


def create_mailer(workspace: Path | None = None, *, clock: Clock | None = None) -> Mailer:
    """A Mailer for a workspace (default: MAILER_WORKSPACE or the present folder); migrates its database.

    Raises SettingError or StoreError with a sentence that names the setting; nothing is half-done.
    """
    chosen = settings.load(workspace)
    chosen.state.mkdir(parents=True, exist_ok=True)
    signer = tokens.Signer(tokens.load_secret(chosen.state / "secret"))
    store = Store(chosen.resolved_database_url)
    migrate(store)
    return Mailer(
        chosen, store=store, signer=signer, clock=clock or SystemClock(), provider=providers.create(chosen)
    )
