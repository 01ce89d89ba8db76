"""What was answered with success is kept: through kill -9, a restart, a half-done publication."""

import base64
import hashlib
import mailbox
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import requests
from aiosmtpd.controller import Controller

from mailer.errors import SettingError
from mailer.sandbox import Sandbox
from mailer.settings import SandboxSettings
from tests.sandbox.conftest import KEY, mime, send_raw, settings, until

PROGRAM = """
import sys, pathlib
from mailer.sandbox import run
from mailer.settings import SandboxSettings
http, smtp, control = map(int, sys.argv[2:])
run(SandboxSettings(http_port=http, smtp_port=smtp, control_port=control), pathlib.Path(sys.argv[1]))
"""


def _process(root: Path, ports: list[int]) -> "subprocess.Popen[bytes]":
    started = subprocess.Popen([sys.executable, "-c", PROGRAM, str(root), *map(str, ports)])
    until(lambda: _answers(ports[0]))
    return started


def _answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/.well-known/jwks.json", timeout=5).ok
    except requests.ConnectionError:
        return False


@pytest.fixture
def ports(tmp_path: Path) -> list[int]:
    with Sandbox(settings(), tmp_path / "ports") as free:
        urls = (free.http_url, free.control_url)
        return [int(urls[0].rpartition(":")[2]), free.smtp_port, int(urls[1].rpartition(":")[2])]


def test_the_maildir_holds_the_bytes_below_two_headers(sandbox: Sandbox, tmp_path: Path) -> None:
    token = send_raw(sandbox, mime("k1"))["data"]["messages"]["a@ville.example"]["token"]
    (file,) = (tmp_path / "sandbox" / "maildir" / "new").iterdir()
    top = f"Return-Path: <lettre@reseau.example>\r\nX-Postal-MsgID: {token}\r\n".encode()
    assert file.read_bytes() == top + mime("k1")
    (message,) = mailbox.Maildir(tmp_path / "sandbox" / "maildir")
    assert message["X-Postal-MsgID"] == token


def test_the_journal_holds_size_and_digest_of_what_was_handed_over(sandbox: Sandbox) -> None:
    send_raw(sandbox, mime("k1"))
    (entry,) = sandbox.journal()
    assert (entry.size, entry.sha256) == (len(mime("k1")), hashlib.sha256(mime("k1")).hexdigest())


@pytest.mark.parametrize("store", ["journal", "none"])
def test_without_a_maildir_the_journal_is_still_written(tmp_path: Path, store: str) -> None:
    with Sandbox(settings(store=store), tmp_path) as sandbox:
        send_raw(sandbox, mime())
        assert len(sandbox.journal()) == 1
    assert not (tmp_path / "maildir").exists()


def test_kill_9_loses_nothing_that_was_answered(tmp_path: Path, ports: list[int]) -> None:
    """Some requests are under way when the process dies; a second process then completes the books."""
    root, answered = tmp_path / "sandbox", []
    process = _process(root, ports)

    def post(worker: int) -> None:
        for n in range(10_000):
            key = f"w{worker}n{n}"
            data = base64.b64encode(mime(key, body="x" * 20_000)).decode()
            params = {"mail_from": "l@reseau.example", "rcpt_to": ["a@ville.example"], "data": data}
            url, headers = f"http://127.0.0.1:{ports[0]}/api/v1/send/raw", {"X-Server-API-Key": KEY}
            try:
                assert (
                    requests.post(url, json=params, headers=headers, timeout=5).json()["status"] == "success"
                )
            except requests.RequestException:
                return
            answered.append(f"{key}@reseau.example")

    threads = [threading.Thread(target=post, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    until(lambda: len(answered) > 60)
    process.send_signal(signal.SIGKILL)
    process.wait()
    for thread in threads:
        thread.join()

    with Sandbox(settings(), root) as again:
        journal = again.journal()
        found = {message["Message-ID"].strip("<>") for message in mailbox.Maildir(root / "maildir")}
        assert set(answered) <= {each.message_id for each in journal}
        assert [each.id for each in journal] == sorted({each.id for each in journal})
        assert found == {each.message_id for each in journal}
        assert not list((root / "maildir" / "tmp").iterdir())


def test_a_committed_message_that_was_not_journalled_is_completed(tmp_path: Path) -> None:
    with Sandbox(settings(), tmp_path) as first:
        send_raw(first, mime("k1"))
        send_raw(first, mime("k2"))
    whole = (tmp_path / "journal.jsonl").read_bytes()
    (tmp_path / "journal.jsonl").write_bytes(whole[: len(whole) * 3 // 4])
    with Sandbox(settings(), tmp_path) as second:
        assert [each.message_id for each in second.journal()] == ["k1@reseau.example", "k2@reseau.example"]
    assert (tmp_path / "journal.jsonl").read_bytes() == whole


def test_the_process_ends_on_sigterm(tmp_path: Path, ports: list[int]) -> None:
    process = _process(tmp_path / "sandbox", ports)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 0


@pytest.mark.parametrize("name", ["http_port", "smtp_port", "control_port"])
def test_a_port_in_use_names_its_setting(tmp_path: Path, sandbox: Sandbox, name: str) -> None:
    values = {"http_port": 0, "smtp_port": 0, "control_port": 0, name: sandbox.smtp_port}
    with pytest.raises(
        SettingError, match=f"sandbox.{name}: another program listens on port {sandbox.smtp_port}"
    ):
        Sandbox(SandboxSettings(**values), tmp_path / "other").start()


def test_two_sandboxes_do_not_share_a_folder(tmp_path: Path, sandbox: Sandbox) -> None:
    with pytest.raises(SettingError, match=r"sandbox\.path"):
        Sandbox(settings(), tmp_path / "sandbox").start()


def test_everything_listens_on_the_loopback_only(sandbox: Sandbox) -> None:
    assert sandbox.http_url.startswith("http://127.0.0.1:")
    listening = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    ours = [
        fields[1] for fields in listening if fields[3] == "0A" and int(fields[1][9:], 16) == sandbox.smtp_port
    ]
    assert ours == [f"0100007F:{sandbox.smtp_port:04X}"]


def test_sent_mail_is_relayed_when_asked(tmp_path: Path) -> None:
    got: list[bytes] = []

    class Inbox:
        async def handle_DATA(self, _server: object, _session: object, envelope: object) -> str:  # noqa: N802
            got.append(envelope.content)  # type: ignore[attr-defined]
            return "250 OK"

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    inbox = Controller(Inbox(), hostname="127.0.0.1", port=port)
    inbox.start()
    try:
        with Sandbox(settings(relay=f"smtp://127.0.0.1:{port}"), tmp_path) as sandbox:
            send_raw(sandbox, mime("k1"))
            until(lambda: got)
    finally:
        inbox.stop()
    assert got[0].endswith(mime("k1"))


@pytest.mark.parametrize("values", [{"relay": "smtp://mx.ville.example:25"}, {"relay": "x", "store": "none"}])
def test_a_relay_must_be_on_this_machine_and_needs_the_mail(tmp_path: Path, values: dict[str, str]) -> None:
    sandbox = Sandbox(settings(**values), tmp_path)
    with pytest.raises(SettingError, match=r"sandbox\.relay"):
        sandbox.start()
    with pytest.raises(SettingError, match=r"sandbox\.relay"):  # and nothing was left locked
        sandbox.start()
