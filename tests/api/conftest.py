"""The real application, asked in process: a small network, a token of every scope, a fixed clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from fastapi import FastAPI
from schemathesis.python import asgi

from mailer.app import Mailer, access, create_mailer
from mailer.clock import FixedClock
from mailer.model.access import Scope
from mailer.web import create_app
from tests.conftest import Statements
from tests.web.people import add_people

HOST = "http://testserver/api/v1"
ADMINISTRATOR = "claude@reseau.example"


@dataclass(slots=True)
class Api:
    """The application, and requests to it; `ask` bears a token of every scope unless another one is given."""

    mailer: Mailer
    app: FastAPI
    clock: FixedClock
    session: requests.Session
    secret: str = ""

    def token(self, *scopes: Scope, days: int = 30) -> str:
        names = [each.value for each in scopes or Scope]
        return access.create(self.mailer, name="site", scopes=names, days=days, by=ADMINISTRATOR)[1]

    def ask(
        self, method: str, path: str, body: Any = None, *, token: str | None = None, **headers: str
    ) -> requests.Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent["Authorization"] = f"Bearer {self.secret if token is None else token}"
        return self.session.request(method, HOST + path, json=body, headers=sent)

    def number(self, address: str) -> int:
        """The number of the contact of this address."""
        answer = self.ask("POST", "/contacts/search", {"address": address})
        assert answer.status_code == 200
        return int(answer.json()["id"])


@pytest.fixture
def api(
    workspace: Path,
    tmp_path: Path,
    clock: FixedClock,
    statements: Statements,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Api]:
    monkeypatch.setenv("MAILER_BASE_URL", "http://testserver")
    mailer = create_mailer(workspace, clock=clock)
    statements.share(mailer.store)
    add_people(mailer, tmp_path)
    app = create_app(mailer)
    with asgi.get_client(app) as session:
        found = Api(mailer, app, clock, session)
        found.secret = found.token()
        yield found
    mailer.close()
