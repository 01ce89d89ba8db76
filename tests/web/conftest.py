"""A desk on a random port: real uvicorn, real SQLite, the shipped workspace, users of every role."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from fastapi import FastAPI
from pwdlib.hashers.argon2 import Argon2Hasher

from mailer.app import Mailer, create_mailer
from mailer.clock import FixedClock
from mailer.model.accounts import Role
from mailer.rendering import Confinement
from mailer.store import accounts
from mailer.web import create_app
from mailer.web.visits import LIFETIME
from tests.conftest import NOW, Statements
from tests.serving import Stand, listen
from tests.web.identity import CLIENT, SECRET, Identity, identity_provider

PASSWORD = "une phrase facile à retenir"


@dataclass(slots=True)
class Desk:
    """A served desk; `browser(role)` gives a logged-in HTTP session."""

    mailer: Mailer
    clock: FixedClock
    url: str
    app: FastAPI

    def browser(self, role: Role = Role.ADMINISTRATOR) -> requests.Session:
        """A session that was opened in the store, with the Origin that a browser sends."""
        session = requests.Session()
        session.headers["Origin"] = self.url
        with self.mailer.store.write() as tx:
            user = accounts.create_user(tx, f"{role}@reseau.example", role=role, at=NOW)
            assert user.id is not None
            secret = accounts.create_session(tx, user.id, at=NOW, lifetime=LIFETIME)
            found = accounts.find_session(tx, secret, at=NOW)
        assert found is not None
        session.cookies.set("relais", secret)
        session.headers["X-Test-Csrf"] = found[0].csrf
        return session

    def post(self, session: requests.Session, path: str, **values: str | list[str]) -> requests.Response:
        """Send a form as the page would, without following the redirect."""
        csrf = str(session.headers["X-Test-Csrf"])
        return session.post(self.url + path, data={"csrf": csrf, **values}, allow_redirects=False)


@pytest.fixture(scope="session")
def password_hash() -> str:
    """As `hash_password` makes it, at a cost that a test can pay many times."""
    return Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


@pytest.fixture
def desk(
    workspace: Path,
    clock: FixedClock,
    stand: Stand,
    confinement: Confinement,
    statements: Statements,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Desk]:
    """On SQLite, unless a fixture that was asked for before names another database."""
    listening, url = listen()
    monkeypatch.setenv("MAILER_BASE_URL", url)
    mailer = create_mailer(workspace, clock=clock, confinement=confinement)
    statements.share(mailer.store)
    app = create_app(mailer)
    with stand.serving(listening, app):
        yield Desk(mailer, clock, url, app)
    mailer.close()


@pytest.fixture
def identity(monkeypatch: pytest.MonkeyPatch) -> Iterator[Identity]:
    """A provider of single sign-on, and the settings that name it: ask for it before the desk."""
    with identity_provider(int(NOW.timestamp())) as found:
        monkeypatch.setenv("MAILER_OIDC__ISSUER", found.url)
        monkeypatch.setenv("MAILER_OIDC__CLIENT_ID", CLIENT)
        monkeypatch.setenv("MAILER_OIDC__CLIENT_SECRET", SECRET)
        monkeypatch.setenv("MAILER_OIDC__NAME", "Compte agent")
        yield found
