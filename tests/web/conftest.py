"""A desk on a random port: real uvicorn, real SQLite, the shipped workspace, users of every role."""

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
import uvicorn
from fastapi import FastAPI

from mailer.app import Mailer, create_mailer
from mailer.clock import FixedClock
from mailer.model.accounts import Role
from mailer.store import accounts
from mailer.web import create_app
from mailer.web.passwords import hash_password
from mailer.web.visits import LIFETIME
from tests.conftest import NOW
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
    return hash_password(PASSWORD, again=PASSWORD)


@pytest.fixture
def desk(workspace: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    monkeypatch.setenv("MAILER_BASE_URL", f"http://127.0.0.1:{port}")
    mailer = create_mailer(workspace, clock=clock)
    app = create_app(mailer)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield Desk(mailer, clock, f"http://127.0.0.1:{port}", app)
    server.should_exit = True
    thread.join(timeout=10)
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
