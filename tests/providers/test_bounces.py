"""The same bounces from a Maildir, an IMAP and a POP account: each told, and put away only when the next is asked for."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from mailer.clock import FixedClock
from mailer.model.mail import Kind
from mailer.providers.bounces import Bounces, Mailbox, MailboxError
from mailer.providers.mailbox_account import MailboxAccount
from mailer.providers.mailbox_folder import Folder
from mailer.providers.mailbox_imap import Imap
from mailer.providers.mailbox_pop import Pop
from tests.providers.bounce_mails import complaint, failed, letter, report
from tests.providers.mailbox_servers import PASSWORD, USER, ImapServer, MailboxServer, PopServer
from tests.providers.samples import NOW
from tests.providers.scripted import closed_port
from tests.providers.smtp_server import Authority

SINCE = NOW - timedelta(days=30)


@dataclass
class Scene:
    """A mailbox with a way to put mails into it, and to see which wait still."""

    mailbox: Mailbox
    deliver: Callable[[str, bytes], None]
    waiting: Callable[[], set[str]]

    def bounces(self) -> Bounces:
        return Bounces(self.mailbox, clock=FixedClock(NOW))

    def kinds(self) -> list[Kind]:
        return [event.kind for event in self.bounces().poll(SINCE)]


def account(server: MailboxServer, authority: Authority, *, password: str = PASSWORD) -> MailboxAccount:
    return MailboxAccount("127.0.0.1", server.port, authority.client_context(), USER, password)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def folder_scene(tmp_path: Path) -> Scene:
    path = tmp_path / "Maildir"
    for name in ("tmp", "new", "cur"):
        (path / name).mkdir(parents=True)

    def deliver(name: str, raw: bytes) -> None:
        (path / "new" / name).write_bytes(raw)
        os.utime(path / "new" / name, times=(NOW.timestamp() + int(name),) * 2)

    return Scene(Folder(path), deliver, lambda: {each.name for each in (path / "new").iterdir()})


@pytest.fixture
def imap_scene(authority: Authority) -> Iterator[Scene]:
    with ImapServer(authority.server_context()) as server:
        box = Imap(account(server, authority))
        yield Scene(box, server.mails.__setitem__, lambda: set(server.mails) - server.seen)


@pytest.fixture
def pop_scene(authority: Authority) -> Iterator[Scene]:
    with PopServer(authority.server_context()) as server:
        box = Pop(account(server, authority))
        yield Scene(box, server.mails.__setitem__, lambda: set(server.mails) - server.deleted)


@pytest.fixture(params=["folder", "imap", "pop"])
def scene(request: pytest.FixtureRequest) -> Scene:
    found = request.getfixturevalue(f"{request.param}_scene")
    assert isinstance(found, Scene)
    return found


def test_an_empty_mailbox_says_nothing(scene: Scene) -> None:
    assert scene.kinds() == []
    assert scene.bounces().check() == []


def test_every_report_is_told_once_and_letters_stay(scene: Scene) -> None:
    scene.deliver("1", report())
    scene.deliver("2", letter())
    scene.deliver("3", report(fields=failed("4.2.2"), message_id="<r2@mx.example>"))
    scene.deliver("4", complaint())
    scene.deliver("5", letter(headers="Auto-Submitted: auto-replied\n"))
    scene.deliver("6", report(to="retours@reseau.example"))
    assert scene.kinds() == [Kind.HARD_BOUNCE, Kind.SOFT_BOUNCE, Kind.COMPLAINT]
    assert scene.waiting() == {"2"}
    assert scene.kinds() == []


def test_a_report_is_put_away_when_the_one_after_it_is_asked_for(scene: Scene) -> None:
    """Whoever dies while recording finds it again."""
    scene.deliver("1", report())
    scene.deliver("2", report(message_id="<r2@mx.example>"))
    told = scene.bounces().poll(SINCE)
    first = next(iter(told))
    assert scene.waiting() == {"1", "2"}
    told.close()
    assert scene.waiting() == {"1", "2"}
    again = list(scene.bounces().poll(SINCE))
    assert again[0].dedupe == first.dedupe
    assert scene.waiting() == set()


def test_a_report_of_five_megabytes_is_a_report(scene: Scene) -> None:
    line = "x" * 998 + "\n"
    scene.deliver("1", report(returned="Subject: S\n\n" + line * 5_000))
    assert scene.kinds() == [Kind.HARD_BOUNCE]
    assert scene.waiting() == set()


def test_lines_of_a_single_dot_arrive(scene: Scene) -> None:
    scene.deliver("1", report(prose="..\n.\n.x"))
    assert scene.kinds() == [Kind.HARD_BOUNCE]


def test_a_letter_is_read_once_by_a_process(imap_scene: Scene) -> None:
    imap_scene.deliver("1", letter())
    bounces = imap_scene.bounces()
    assert [list(bounces.poll(SINCE)) for _ in range(3)] == [[], [], []]
    assert imap_scene.waiting() == {"1"}


def test_a_flood_is_taken_five_hundred_at_a_time(folder_scene: Scene) -> None:
    for number in range(1, 1201):
        folder_scene.deliver(str(number), report(message_id=f"<r{number}@mx.example>"))
    assert [len(folder_scene.kinds()) for _ in range(4)] == [500, 500, 200, 0]


def test_old_mails_of_a_folder_are_left_aside(folder_scene: Scene) -> None:
    folder_scene.deliver("1", report())
    assert list(folder_scene.bounces().poll(NOW + timedelta(days=1))) == []
    assert folder_scene.waiting() == {"1"}


def test_imap_never_marks_what_it_only_reads_and_asks_for_no_more_than_it_needs(authority: Authority) -> None:
    with ImapServer(authority.server_context(), mails={"7": report()}) as server:
        told = Bounces(Imap(account(server, authority)), clock=FixedClock(NOW)).poll(SINCE)
        next(iter(told))
        told.close()
    said = [line.partition(" ")[2] for line in server.commands]
    assert "UID SEARCH UNSEEN SINCE 12-May-2026" in said
    assert "UID FETCH 7 (BODY.PEEK[]<0.262144>)" in said
    assert server.seen == set()


def test_a_line_over_which_poplib_stumbles_blocks_nothing(authority: Authority) -> None:
    mails = {"1": report(prose="x" * 5000), "2": report(message_id="<r2@mx.example>")}
    with PopServer(authority.server_context(), mails=mails) as server:
        bounces = Bounces(Pop(account(server, authority)), clock=FixedClock(NOW))
        with pytest.raises(MailboxError):
            list(bounces.poll(SINCE))
        assert [event.kind for event in bounces.poll(SINCE)] == [Kind.HARD_BOUNCE]
        assert server.deleted == {"2"}


@pytest.mark.parametrize("drop_at", ["SEARCH", "FETCH", "STORE"])
def test_a_connection_that_breaks_loses_no_report(authority: Authority, drop_at: str) -> None:
    with ImapServer(authority.server_context(), mails={"1": report()}, drop_at=drop_at) as server:
        bounces = Bounces(Imap(account(server, authority)), clock=FixedClock(NOW))
        with pytest.raises(MailboxError):
            list(bounces.poll(SINCE))
        server.drop_at = "never"
        assert len(list(bounces.poll(SINCE))) == 1
        assert server.seen == {"1"}


@pytest.mark.parametrize("drop_at", ["DELE", "QUIT"])
def test_what_pop_did_not_delete_comes_again(authority: Authority, drop_at: str) -> None:
    with PopServer(authority.server_context(), mails={"1": report()}, drop_at=drop_at) as server:
        bounces = Bounces(Pop(account(server, authority)), clock=FixedClock(NOW))
        told = []
        try:
            told += list(bounces.poll(SINCE))
        except MailboxError:
            assert drop_at == "DELE"
        assert server.deleted == set()
        server.drop_at = "never"
        told += list(bounces.poll(SINCE))
        assert len({event.dedupe for event in told}) == 1
        assert server.deleted == {"1"}


# --- what is wrong, in words ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Imap, Pop])
def test_a_wrong_password_is_said(authority: Authority, kind: type[Imap] | type[Pop]) -> None:
    server_kind = ImapServer if kind is Imap else PopServer
    with server_kind(authority.server_context()) as server:
        [problem] = Bounces(kind(account(server, authority, password="wrong"))).check()
    assert "provider.bounces.password" in str(problem)
    assert "wrong" not in str(problem)


@pytest.mark.parametrize("kind", [Imap, Pop])
def test_a_server_that_nobody_vouches_for_never_hears_the_password(
    authority: Authority, tmp_path: Path, kind: type[Imap] | type[Pop]
) -> None:
    (tmp_path / "other").mkdir()
    server_kind = ImapServer if kind is Imap else PopServer
    with server_kind(Authority(tmp_path / "other").server_context()) as server:
        [problem] = Bounces(kind(account(server, authority))).check()
    assert server.commands == []
    assert "certificate" in str(problem)


def test_a_folder_that_is_not_in_the_account_is_said(authority: Authority) -> None:
    with ImapServer(authority.server_context()) as server:
        [problem] = Bounces(Imap(account(server, authority), folder="Retours")).check()
    assert "no such folder" in str(problem)


@pytest.mark.parametrize("kind", [Imap, Pop])
def test_a_server_that_is_not_there_is_said(kind: type[Imap] | type[Pop]) -> None:
    [problem] = Bounces(kind(MailboxAccount("127.0.0.1", closed_port(), None, USER, PASSWORD))).check()
    assert "cannot be reached" in str(problem)


def test_a_maildir_that_is_not_there_is_said(tmp_path: Path) -> None:
    [problem] = Bounces(Folder(tmp_path / "nowhere")).check()
    assert "provider.bounces.path" in str(problem)
