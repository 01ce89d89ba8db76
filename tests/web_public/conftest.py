"""The public pages on a random port, on both databases, with a provider that reports what a test tells it to."""

import json
import queue
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
import requests
from starlette.applications import Starlette

from mailer.app.privacy import Document
from mailer.app.signups import Signups
from mailer.app.topics import TopicTitles
from mailer.clock import FixedClock
from mailer.model.mail import Kind, Message, ProviderEvent, RawRequest, SendResult
from mailer.providers import BadSignature, Malformed
from mailer.providers.maildir import Maildir
from mailer.settings import ProviderSettings, Settings, SignupSettings
from mailer.store import Store
from mailer.tokens import Signer
from mailer.tracking import Hits
from mailer.web.hook_counts import HookCounts
from mailer.web.protection import SecurityHeaders
from mailer.web.public import NetworkLimit, PublicServices, public_routes
from tests.conftest import NOW, REPOSITORY
from tests.serving import Stand, listen
from tests.tracking.conftest import hits, ledger

__all__ = ["hits", "ledger"]
SECRET = "hook-secret-of-this-test"


class Reporter(Maildir):
    """Its webhooks are JSON: a list of [kind, key]; `x-signed: yes` stands for a good signature."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.sent: queue.Queue[Message] = queue.Queue()

    def send(self, batch: Sequence[Message], *, attempt_key: UUID) -> list[SendResult]:
        results = super().send(batch, attempt_key=attempt_key)
        for message in batch:
            self.sent.put(message)
        return results

    def parse_webhook(self, request: RawRequest) -> list[ProviderEvent]:
        if request.headers.get("x-signed") != "yes":
            raise BadSignature("not signed")
        try:
            told = json.loads(request.body)
        except ValueError as error:
            raise Malformed("not JSON") from error
        return [ProviderEvent(self.name, Kind(kind), NOW, f"{kind}-{key}", key=key) for kind, key in told]


@dataclass(slots=True)
class Site:
    """The served pages; `url` has no slash at its end."""

    url: str
    hits: Hits
    state: Path
    hook_counts: HookCounts
    sent: queue.Queue[Message]
    clock: FixedClock

    def get(
        self, path: str, *, method: str = "GET", agent: str = "Mozilla/5.0 Firefox/128.0"
    ) -> requests.Response:
        headers = {"User-Agent": agent}
        return requests.request(method, self.url + path, headers=headers, allow_redirects=False, timeout=10)

    def post(self, path: str, **options: object) -> requests.Response:
        return requests.post(self.url + path, allow_redirects=False, timeout=10, **options)  # type: ignore[arg-type]

    def hook(self, *told: list[str], signed: str = "yes", path: str = "") -> requests.Response:
        place = path or f"/hooks/maildir/{SECRET}"
        return self.post(place, data=json.dumps(told), headers={"X-Signed": signed})


@pytest.fixture
def site(
    store: Store, signer: Signer, clock: FixedClock, hits: Hits, tmp_path: Path, stand: Stand
) -> Iterator[Site]:
    settings = Settings(
        workspace=tmp_path,
        language="fr",
        provider=ProviderSettings(webhook_secret=SECRET),  # type: ignore[arg-type]
        signup=SignupSettings(topics=["newsletter", "flash"], per_network=30),
    )
    for part in ("campaigns", "audiences"):
        shutil.copytree(REPOSITORY / part, tmp_path / part, ignore=shutil.ignore_patterns("*.md", "media"))
    provider = Reporter(tmp_path / "mail")
    signups = Signups(
        settings, store=store, signer=signer, clock=clock, provider=provider, topics=TopicTitles(tmp_path)
    )
    services = PublicServices(
        store=store,
        signer=signer,
        clock=clock,
        settings=settings,
        provider=provider,
        hits=hits,
        topics=lambda: {"flash": "Flash", "newsletter": "La lettre"},
        signups=signups,
        notice=lambda _: Document("", "fr", ()),
        limit=NetworkLimit(settings.signup.per_network, clock),
    )
    app = Starlette(routes=public_routes(services))
    app.add_middleware(SecurityHeaders)
    listening, url = listen()
    with stand.serving(listening, app):
        yield Site(url, hits, settings.state, services.hook_counts, provider.sent, clock)
