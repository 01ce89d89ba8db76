"""Every adapter keeps the contract."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mailer.clock import SystemClock
from mailer.providers.brevo import Brevo
from mailer.providers.maildir import Maildir
from mailer.providers.mailjet import Mailjet
from mailer.providers.postal import Postal
from mailer.providers.smtp import EnvelopeSender, Smtp
from mailer.providers.smtp_client import Account
from mailer.providers.sweego import Sweego
from mailer.sandbox import Sandbox
from mailer.settings import SandboxSettings
from tests.providers import postal_fake
from tests.providers.brevo_fake import BrevoApi
from tests.providers.contract import CLAIMS, SECRET, Subject
from tests.providers.hosted_fake import Host, whole
from tests.providers.mailjet_fake import MailjetApi
from tests.providers.smtp_server import PASSWORD, USER, Authority, mail_server
from tests.providers.sweego_fake import SweegoApi


@pytest.fixture
def maildir_subject(tmp_path: Path) -> Subject:
    folder = tmp_path / "maildir"
    return Subject(Maildir(folder), kept=lambda: [path.read_bytes() for path in folder.glob("new/*")])


@pytest.fixture(scope="module")
def postal_key() -> postal_fake.Key:
    return postal_fake.Key()


@pytest.fixture
def postal_subject(postal_key: postal_fake.Key) -> Iterator[Subject]:
    fake = postal_fake.Postal(SECRET, postal_key)
    with fake.server:
        yield Subject(Postal(fake.server.url, SECRET), kept=lambda: list(fake.kept))


@pytest.fixture
def sandbox_subject(sandbox_folder: Path) -> Iterator[Subject]:
    """The embedded provider, which was written from Postal's contract by other hands."""
    settings = SandboxSettings(http_port=0, smtp_port=0, control_port=0, api_key=SECRET)
    with Sandbox(settings, sandbox_folder) as sandbox:
        mails = sandbox_folder / "maildir" / "new"
        yield Subject(
            Postal(sandbox.http_url, SECRET), kept=lambda: [path.read_bytes() for path in mails.iterdir()]
        )


@pytest.fixture
def smtp_subject(tmp_path: Path) -> Iterator[Subject]:
    """A mail server as co-operatives run it: STARTTLS, a password, a certificate of an authority that we name."""
    authority = Authority(tmp_path)
    with mail_server(authority.server_context(), early=False) as server:
        account = Account(
            "127.0.0.1",
            server.port,
            authority.client_context(),
            early=False,
            username=USER,
            password=PASSWORD,
        )
        sender = EnvelopeSender("bounce@reseau.example")
        yield Subject(Smtp(account, sender=sender), kept=lambda: [mail for _, _, mail in server.kept])


@pytest.fixture
def smtp_sandbox_subject(sandbox_folder: Path) -> Iterator[Subject]:
    """The embedded provider's other face."""
    settings = SandboxSettings(http_port=0, smtp_port=0, control_port=0, api_key=SECRET)
    with Sandbox(settings, sandbox_folder) as sandbox:
        mails = sandbox_folder / "maildir" / "new"
        account = Account("127.0.0.1", sandbox.smtp_port, None, username="relais", password=SECRET)
        yield Subject(Smtp(account), kept=lambda: [path.read_bytes() for path in mails.iterdir()])


@pytest.fixture
def mailjet_subject() -> Iterator[Subject]:
    keys = f"key:{SECRET}"
    with Host(api := MailjetApi(keys)) as host:
        yield Subject(
            Mailjet(keys, url=host.url, webhook_key=SECRET), kept=api.kept, whole=whole, deduplicates=True
        )


@pytest.fixture
def brevo_subject() -> Iterator[Subject]:
    with Host(api := BrevoApi(SECRET, SystemClock())) as host:
        yield Subject(Brevo(SECRET, url=host.url, webhook_key=SECRET), kept=api.kept, whole=whole)


@pytest.fixture
def sweego_subject() -> Iterator[Subject]:
    with Host(api := SweegoApi(SECRET)) as host:
        yield Subject(Sweego(SECRET, url=host.url, webhook_key=SECRET), kept=api.kept, whole=whole)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.__name__)
@pytest.mark.parametrize(
    "name", ["maildir", "postal", "sandbox", "smtp", "smtp_sandbox", "mailjet", "brevo", "sweego"]
)
def test_contract(name: str, claim: Callable[[Subject], None], request: pytest.FixtureRequest) -> None:
    claim(request.getfixturevalue(f"{name}_subject"))
