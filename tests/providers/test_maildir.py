"""A folder as provider."""

from pathlib import Path
from uuid import UUID

import pytest

from mailer.errors import ProviderHalt
from mailer.model.mail import Resolved, Status
from mailer.providers.maildir import Maildir
from tests.providers.contract import ATTEMPT, pending
from tests.providers.samples import KEY, message


def test_the_file_is_named_by_the_key_and_holds_our_bytes(tmp_path: Path) -> None:
    Maildir(tmp_path).send([message()], attempt_key=ATTEMPT)
    assert (tmp_path / "new" / KEY).read_bytes() == message().mime
    assert list((tmp_path / "tmp").iterdir()) == []


def test_another_attempt_with_the_same_bytes_is_accepted(tmp_path: Path) -> None:
    Maildir(tmp_path).send([message()], attempt_key=UUID(int=1))
    [result] = Maildir(tmp_path).send([message()], attempt_key=UUID(int=2))
    assert result.status is Status.ACCEPTED


def test_a_mail_that_was_read_is_not_delivered_again(tmp_path: Path) -> None:
    maildir = Maildir(tmp_path)
    maildir.send([message()], attempt_key=ATTEMPT)
    (tmp_path / "new" / KEY).rename(tmp_path / "cur" / f"{KEY}:2,S")
    [result] = maildir.send([message()], attempt_key=ATTEMPT)
    assert result.status is Status.ACCEPTED
    assert list((tmp_path / "new").iterdir()) == []
    assert maildir.resolve([pending(message())])[0].found is Resolved.PRESENT


def test_other_bytes_under_the_same_key_stop_everything(tmp_path: Path) -> None:
    Maildir(tmp_path).send([message()], attempt_key=ATTEMPT)
    with pytest.raises(ProviderHalt) as caught:
        Maildir(tmp_path).send([message(text="Bonsoir")], attempt_key=ATTEMPT)
    assert caught.value.reason == "different-bytes"
    assert (tmp_path / "new" / KEY).read_bytes() == message().mime
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_folder_that_cannot_be_made_stops_everything(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ProviderHalt) as caught:
        Maildir(tmp_path / "file" / "mail").send([message()], attempt_key=ATTEMPT)
    assert caught.value.reason == "storage"


def test_a_folder_that_cannot_be_made_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    [problem] = Maildir(tmp_path / "file" / "mail").check()
    assert problem.code == "maildir-not-writable"
    assert "provider.path" in str(problem)


def test_a_key_never_leaves_the_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not a delivery key"):
        Maildir(tmp_path / "mail").send([message("../../evil")], attempt_key=ATTEMPT)
    assert list(tmp_path.glob("evil*")) == []
