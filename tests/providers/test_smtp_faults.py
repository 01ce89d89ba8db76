"""Every fault in every phase: only a loss after the final dot is a doubt, and whatever was taken is never called untaken."""

import pytest

from mailer.model.mail import Status
from mailer.providers.http import Limits
from mailer.providers.smtp import Smtp
from mailer.providers.smtp_client import Account
from tests.providers.contract import ATTEMPT
from tests.providers.samples import KEY, message
from tests.providers.scripted import closed_port
from tests.providers.smtp_scripted import Fault, ScriptedSmtp, drip, drop, hang, say, scripted_smtp

#: More than any system keeps on the way: the middle of it is never the end.
LONG = ("x" * 70 + "\r\n") * 170_000
SHORT = Limits(connect=1.0, read=1.0, total=1.0)
SHORTER = Limits(connect=0.4, read=0.4, total=0.4)


def smtp(server: ScriptedSmtp, *, limits: Limits | None = None, most: int = 100) -> Smtp:
    account = Account("127.0.0.1", server.port, None, username="relais", password="secret")
    return Smtp(account, most=most, limits=limits)


BEFORE = ["connect", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "body"]


@pytest.mark.parametrize("phase", BEFORE)
def test_a_drop_before_the_final_dot_is_certain(phase: str) -> None:
    with scripted_smtp(**{phase: drop}) as server:
        provider = smtp(server)
        [result] = provider.send([message(text=LONG)], attempt_key=ATTEMPT)
        assert (result.status, result.code) == (Status.RETRY, "connection-lost")
        assert server.taken == []
        [again] = provider.send([message()], attempt_key=ATTEMPT)
        assert again.status is Status.ACCEPTED
        assert len(server.taken) == 1


@pytest.mark.parametrize("phase", BEFORE)
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (say(b"25"), "unreadable-answer"),
        (say(b"250 o"), "unreadable-answer"),
        (say(b"HTTP/1.1 400 Bad Request\r\n"), "unreadable-answer"),
        (say(b"\xff\xfe\x00" * 10 + b"\r\n"), "unreadable-answer"),
        (say(b"250-a\r\n550 b\r\n"), "unreadable-answer"),
        (say(b"250-" + b"x" * 100_000 + b"\r\n250 ok\r\n"), "unreadable-answer"),
        (say(b"250-and so on\r\n" * 5000), "unreadable-answer"),
        (hang, "deadline"),
        (drip(b"220-" + b"x" * 300), "deadline"),
    ],
    ids=["two-digits", "half-a-line", "http", "binary", "two-codes", "long-line", "endless", "hang", "drip"],
)
def test_rubbish_before_the_final_dot_is_certain(phase: str, fault: Fault, code: str) -> None:
    if phase == "body" and code == "unreadable-answer":
        code = "connection-lost"  # whatever is said in the middle of a mail, it was hung up on
    with scripted_smtp(**{phase: fault}) as server:
        [result] = smtp(server, limits=SHORTER).send([message(text=LONG)], attempt_key=ATTEMPT)
        assert result.status is Status.RETRY
        assert result.code in {code, "read-timeout" if code == "deadline" else code}
        assert server.taken == []


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (drop, "connection-lost"),
        (say(b"25"), "unreadable-answer"),
        (say(b"250"), "unreadable-answer"),
        (say(b"250 2.0.0 O"), "unreadable-answer"),
        (say(b"250-one\r\n"), "connection-lost"),
        (say(b"4"), "unreadable-answer"),
        (say(b"451 4.3.0 tr"), "unreadable-answer"),
        (say(b"354 go on\r\n"), "unreadable-answer"),
        (say(b"<html>\r\n"), "unreadable-answer"),
        (hang, "deadline"),
        (drip(b"250 2.0.0 " + b"x" * 300 + b"\r\n"), "deadline"),
    ],
)
def test_a_loss_after_the_final_dot_is_a_doubt(fault: Fault, code: str) -> None:
    with scripted_smtp(dot=fault) as server:
        [result] = smtp(server, limits=SHORT).send([message()], attempt_key=ATTEMPT)
        assert result.status is Status.UNKNOWN
        assert result.code in {code, "read-timeout" if code == "deadline" else code}
        assert len(server.taken) == 1


def test_what_is_said_before_the_end_is_no_answer_to_it() -> None:
    with scripted_smtp(DATA="354 go\r\n250 2.0.0 thank you") as server:
        [result] = smtp(server).send([message()], attempt_key=ATTEMPT)
    assert (result.status, result.code) == (Status.RETRY, "connection-lost")
    assert server.taken == []


def test_a_reply_of_several_lines_is_one_reply() -> None:
    with scripted_smtp(dot="250-2.0.0 one\r\n250-2.0.0 two\r\n250 2.0.0 three") as server:
        [result] = smtp(server).send([message()], attempt_key=ATTEMPT)
    assert (result.status, result.detail) == (Status.ACCEPTED, "250 2.0.0 one 2.0.0 two 2.0.0 three")


@pytest.mark.parametrize("phase", ["connect", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "dot"])
def test_a_421_is_certain_in_every_phase_and_slows_down(phase: str) -> None:
    with scripted_smtp(**{phase: "421 4.7.0 too busy"}) as server:
        provider = smtp(server)
        [result] = provider.send([message()], attempt_key=ATTEMPT)
        assert (result.status, result.code, result.retry_after) == (Status.RETRY, "4.7.0", 60.0)
        connections = server.connections
        [next_one] = provider.send([message()], attempt_key=ATTEMPT)
        assert (next_one.status, next_one.code) == (Status.NOT_TRIED, "slow-down")
        assert server.taken == []
        assert server.connections == connections


def test_a_421_in_the_middle_of_a_kept_session_means_a_new_connection() -> None:
    with scripted_smtp(MAIL=["250 ok", "421 4.4.2 enough for one connection"]) as server:
        provider = smtp(server)
        results = [provider.send([message()], attempt_key=ATTEMPT)[0] for _ in range(3)]
        assert [each.status for each in results] == [Status.ACCEPTED] * 3
        assert (len(server.taken), server.connections) == (3, 2)


def test_a_kept_connection_that_died_unnoticed_doubles_nothing() -> None:
    with scripted_smtp() as server:
        server.most = 1
        provider = smtp(server)
        results = [provider.send([message()], attempt_key=ATTEMPT)[0] for _ in range(5)]
        assert [each.status for each in results] == [Status.ACCEPTED] * 5
        assert (len(server.taken), server.connections) == (5, 5)


@pytest.mark.parametrize("phase", ["RCPT", "DATA", "body"])
def test_a_kept_connection_that_dies_later_is_not_tried_twice_in_one_call(phase: str) -> None:
    normal = {"RCPT": "250 ok", "DATA": "354 go", "body": "-"}[phase]
    with scripted_smtp(**{phase: [normal, drop]}) as server:
        provider = smtp(server)
        first, second = (provider.send([message(text=LONG)], attempt_key=ATTEMPT)[0] for _ in range(2))
        assert (first.status, second.status) == (Status.ACCEPTED, Status.RETRY)
        assert (len(server.taken), server.connections) == (1, 1)


def test_a_loss_after_the_dot_on_a_kept_connection_is_a_doubt_and_not_tried_again() -> None:
    with scripted_smtp(dot=["250 ok", drop]) as server:
        provider = smtp(server)
        first, second = (provider.send([message()], attempt_key=ATTEMPT)[0] for _ in range(2))
        assert (first.status, second.status) == (Status.ACCEPTED, Status.UNKNOWN)
        assert (len(server.taken), server.connections) == (2, 1)


def test_a_connection_carries_its_share_and_no_more() -> None:
    with scripted_smtp() as server:
        provider = smtp(server, most=3)
        for _ in range(7):
            provider.send([message()], attempt_key=ATTEMPT)
        assert (len(server.taken), server.connections) == (7, 3)
        server.hear_out(quits=2)
        assert len(server.said("QUIT")) == 2


def test_a_refused_recipient_leaves_the_connection_usable() -> None:
    with scripted_smtp(RCPT="550 5.1.1 nobody") as server:
        provider = smtp(server)
        first, second = (provider.send([message()], attempt_key=ATTEMPT)[0] for _ in range(2))
        assert (first.status, second.status) == (Status.REJECTED, Status.ACCEPTED)
        assert (server.connections, len(server.said("RSET"))) == (1, 1)


def test_nobody_listening_is_certain() -> None:
    account = Account("127.0.0.1", closed_port(), None)
    [result] = Smtp(account).send([message()], attempt_key=ATTEMPT)
    assert (result.status, result.code) == (Status.RETRY, "connection-refused")


def test_the_key_is_in_the_envelope_and_asked_for_in_reports() -> None:
    with scripted_smtp() as server:
        smtp(server).send([message()], attempt_key=ATTEMPT)
    size = len(message().mime)
    assert server.said("MAIL") == [
        f"MAIL FROM:<bounce+{KEY}@reseau.example> SIZE={size} RET=HDRS ENVID={KEY}"
    ]
    assert server.said("RCPT") == ["RCPT TO:<a@ville.example> NOTIFY=FAILURE,DELAY"]


def test_what_a_server_does_not_offer_is_not_asked_of_it() -> None:
    with ScriptedSmtp(greeting="250-scripted\r\n250 AUTH LOGIN", faults={"AUTH": ["235 ok"]}) as server:
        account = Account("127.0.0.1", server.port, None)
        [result] = Smtp(account).send([message()], attempt_key=ATTEMPT)
    assert result.status is Status.ACCEPTED
    assert server.said("MAIL") == [f"MAIL FROM:<bounce+{KEY}@reseau.example>"]
    assert server.said("RCPT") == ["RCPT TO:<a@ville.example>"]


def test_lines_that_begin_with_a_dot_arrive_as_they_were() -> None:
    text = ".\r\n..\r\n.a\r\n\r\n.\r\nQUIT"
    with scripted_smtp() as server:
        smtp(server).send([message(text=text)], attempt_key=ATTEMPT)
        [taken] = server.taken
    assert taken == message(text=text).mime
    assert server.said("QUIT") == []


@pytest.mark.parametrize("text", ["a\nb", "a\rb", "a\r\n\n.\n", "\n.\r\nMAIL FROM:<x@y.example>"])
def test_a_mail_with_bare_line_ends_is_not_sent(text: str) -> None:
    with scripted_smtp() as server:
        [result] = smtp(server).send([message(text=text)], attempt_key=ATTEMPT)
    assert (result.status, result.code) == (Status.REJECTED, "bare-line-end")
    assert server.commands == []


@pytest.mark.parametrize(
    "address",
    [
        "a@ville.example>\r\nRCPT TO:<b@ville.example",
        "a@ville.example\r\nDATA",
        "a b@ville.example",
        "a@ville.example> NOTIFY=NEVER",
        "<a@ville.example",
        "a@b@ville.example",
        "é@ville.example",
        "a\x00@ville.example",
        "",
    ],
)
def test_an_address_commands_nothing(address: str) -> None:
    with scripted_smtp() as server:
        [result] = smtp(server).send([message(address=address)], attempt_key=ATTEMPT)
    assert (result.status, result.code) == (Status.REJECTED, "address-malformed")
    assert server.commands == []
