"""Picks the concrete parts: the only place that does."""

from pathlib import Path

from pydantic import SecretStr

from mailer import providers, settings, tokens
from mailer.app.mailer import Mailer
from mailer.app.shipped import PARTS
from mailer.clock import Clock, SystemClock
from mailer.errors import SettingError
from mailer.rendering import Confinement
from mailer.settings import Settings
from mailer.store import Store
from mailer.store.schema import migrate


def create_mailer(
    workspace: Path | None = None, *, clock: Clock | None = None, confinement: Confinement | None = None
) -> Mailer:
    """A Mailer for a workspace (default: MAILER_WORKSPACE or the present folder); migrates its database.

    `confinement` is the process that renders templates, else one of its own.

    Raises SettingError or StoreError with a sentence that names the setting; nothing is half-done.
    """
    chosen = settings.load(workspace)
    _refuse_elsewhere(chosen.workspace)
    _make_state(chosen.state)
    signer = tokens.Signer(tokens.load_secret(chosen.state / "secret"))
    chosen = _with_hook(chosen, signer)
    store = Store(chosen.resolved_database_url)
    migrate(store)
    return Mailer(
        chosen,
        store=store,
        signer=signer,
        clock=clock or SystemClock(),
        provider=providers.create(chosen),
        confinement=confinement,
    )


def _refuse_elsewhere(folder: Path) -> None:
    """Without it a slip in MAILER_WORKSPACE would make an empty installation somewhere."""
    if not any((folder / part).exists() for part in PARTS):
        raise SettingError(
            "There is no workspace in {folder}: no mailer.toml, no campaigns. Go to the folder of yours, name it in "
            "MAILER_WORKSPACE, or make a new one: mailer init DIR.",
            folder=folder,
        )


def _make_state(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(
            "Setting state_dir: the folder {folder} cannot be made: {reason}. Let this program write there, "
            "or choose another folder.",
            folder=folder,
            reason=error.strerror or str(error),
        ) from error


def _with_hook(chosen: Settings, signer: tokens.Signer) -> Settings:
    """The secret part of the webhook's address: the one that is set, else one of this installation, always the same."""
    if chosen.provider.webhook_secret.get_secret_value():
        return chosen
    drawn = SecretStr(signer.digest("webhook", chosen.provider.name.encode()).hex()[:32])
    return chosen.model_copy(
        update={"provider": chosen.provider.model_copy(update={"webhook_secret": drawn})}
    )
