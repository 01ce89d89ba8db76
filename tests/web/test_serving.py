"""Serving: a port in use is one sentence, and the process listens where it was told."""

import socket

import pytest

from mailer.errors import SettingError
from mailer.web import serve
from tests.web.conftest import Desk


def test_a_port_in_use_is_one_sentence_that_names_the_setting(desk: Desk) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(SettingError) as refused:
            serve(desk.mailer, host="127.0.0.1", port=port, heartbeat=False)
    said = str(refused.value)
    assert str(port) in said
    assert "base_url" in said
    assert "--port" in said


def test_a_port_that_does_not_exist_is_refused_in_words(desk: Desk) -> None:
    with pytest.raises(SettingError):
        serve(desk.mailer, host="127.0.0.1", port=99_999, heartbeat=False)
