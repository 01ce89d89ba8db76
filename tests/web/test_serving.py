"""Serving: a port in use is one sentence, and the process listens where it was told."""

import socket

import pytest

from mailer.errors import SettingError
from mailer.web import listen


def test_a_port_in_use_is_one_sentence_that_names_the_setting() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(SettingError) as refused:
            listen("127.0.0.1", port)
    said = str(refused.value)
    assert str(port) in said
    assert "base_url" in said
    assert "--port" in said


def test_a_port_that_does_not_exist_is_refused_in_words() -> None:
    with pytest.raises(SettingError):
        listen("127.0.0.1", 99_999)
