"""Settings choose the adapter, its rate and its time."""

from datetime import timedelta
from pathlib import Path

import pytest

from mailer.errors import SettingError
from mailer.model.mail import Rate
from mailer.providers import PROVIDERS, create
from mailer.providers.rates import parse_rate
from mailer.settings import ProviderSettings, Settings


def settings(tmp_path: Path, **provider: object) -> Settings:
    return Settings(workspace=tmp_path, provider=ProviderSettings.model_validate(provider))


def test_the_folder_lies_below_the_workspace(tmp_path: Path) -> None:
    assert create(settings(tmp_path, name="maildir", path="mails")).check() == []
    assert (tmp_path / "mails" / "new").is_dir()


def test_postal_is_class_b_with_signed_webhooks(tmp_path: Path) -> None:
    found = create(settings(tmp_path, name="postal", url="http://127.0.0.1:1", api_key="k", rate="500/5min"))
    assert (found.name, found.caps.doubt_class, found.caps.webhook) == ("postal", "B'", "signed")
    assert found.caps.rate == Rate(500, timedelta(minutes=5))


def test_an_unknown_name_is_named_beside_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(
        SettingError, match=rf"provider\.name: pigeon is not a provider\. Known: {', '.join(PROVIDERS)}\."
    ):
        create(settings(tmp_path, name="pigeon"))


@pytest.mark.parametrize(
    ("text", "messages", "seconds"),
    [("100/s", 100, 1), ("500/5min", 500, 300), (" 1000 / h ", 1000, 3600), ("1/2d", 1, 172800)],
)
def test_rates(text: str, messages: int, seconds: int) -> None:
    assert parse_rate(text) == Rate(messages, timedelta(seconds=seconds))


@pytest.mark.parametrize("text", ["", "100", "0/s", "100/0s", "-1/s", "1/week", "100/s\n1", "1e3/s"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(SettingError, match=r"provider\.rate"):
        parse_rate(text)
