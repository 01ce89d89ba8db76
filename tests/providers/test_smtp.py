"""What each answer of a mail server means, passwords, and what a check says."""

from datetime import timedelta

import pytest

from mailer.clock import FixedClock
from mailer.errors import ProviderHalt
from mailer.model.mail import Status
from mailer.providers.http import Limits
from mailer.providers.smtp import EnvelopeSender, Smtp
from mailer.providers.smtp_client import Account
from tests.providers.contract import ATTEMPT
from tests.providers.samples import NOW, message
from tests.providers.scripted import closed_port
from tests.providers.smtp_scripted import Fault, ScriptedSmtp, hang, scripted_smtp

QUICK = Limits(connect=2.0, read=2.0, total=5.0)


def smtp(
    server: ScriptedSmtp, *, clock: FixedClock | None = None, sender: str = "", limits: Limits | None = None
) -> Smtp:
    account = Account("127.0.0.1", server.port, None, username="relais", password="secretsecret")
    return Smtp(account, sender=EnvelopeSender(sender), clock=clock, limits=limits)


@pytest.mark.parametrize(
    ("phase", "reply", "code"),
    [
        ("RCPT", "450 4.2.1 mailbox busy", "4.2.1"),
        ("RCPT", "452 4.2.2 mailbox full", "4.2.2"),
        ("RCPT", "451 4.1.8 no answer", "4.1.8"),
        ("RCPT", "450 try later", "450"),
        ("DATA", "451 local error", "451"),
        ("dot", "451 4.6.0 scanner", "4.6.0"),
    ],
)
def test_a_4xx_about_one_mail_is_tried_again_and_nobody_waits(phase: str, reply: str, code: str) -> None:
    with scripted_smtp(**{phase: reply}) as server:
        provider = smtp(server)
        [result] = provider.send([message()], attempt_key=ATTEMPT)
        assert (result.status, result.code, result.retry_after) == (Status.RETRY, code, None)
        [other] = provider.send([message("z" * 26)], attempt_key=ATTEMPT)
        assert other.status is Status.ACCEPTED
        assert (len(server.taken), server.connections) == (1, 1)


@pytest.mark.parametrize(
    ("phase", "reply"),
    [
        ("connect", "451 4.3.0 overloaded"),
        ("AUTH", "454 4.7.0 try later"),
        ("MAIL", "452 4.3.1 no room"),
        ("MAIL", "450 4.7.1 too many"),
        ("RCPT", "452 4.5.3 too many recipients"),
        ("RCPT", "452 too many recipients"),
        ("RCPT", "450 4.7.1 slow down"),
        ("dot", "451 4.7.1 rate limited"),
    ],
)
def test_too_much_for_the_server_slows_everybody_down(phase: str, reply: str) -> None:
    clock = FixedClock(NOW)
    with scripted_smtp(**{phase: [reply, reply]}) as server:
        provider = smtp(server, clock=clock)
        waits = []
        for _ in range(2):
            waits.append(provider.send([message()], attempt_key=ATTEMPT)[0].retry_after)
            clock.advance(timedelta(seconds=10))
            assert provider.send([message()], attempt_key=ATTEMPT)[0].code == "slow-down"
            clock.advance(timedelta(seconds=200))
        assert waits == [60.0, 120.0]
        assert provider.send([message()], attempt_key=ATTEMPT)[0].status is Status.ACCEPTED
        assert len(server.taken) == 1


@pytest.mark.parametrize("phase", ["RCPT", "DATA", "dot"])
@pytest.mark.parametrize("code", ["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.0", "5.2.1", "5.2.2"])
def test_a_dead_mailbox_refuses_this_person_only(phase: str, code: str) -> None:
    with scripted_smtp(**{phase: f"550 {code} <a@ville.example>: no such user"}) as server:
        provider = smtp(server)
        [result] = provider.send([message()], attempt_key=ATTEMPT)
        assert (result.status, result.code) == (Status.REJECTED, code)
        assert "ville" not in result.detail
        assert provider.send([message()], attempt_key=ATTEMPT)[0].status is Status.ACCEPTED


@pytest.mark.parametrize(
    ("phase", "reply", "reason"),
    [
        ("connect", "554 5.7.1 you are on a list", "connection"),
        ("EHLO", "550 go away", "connection"),
        ("AUTH", "535 5.7.8 bad password", "credentials"),
        ("AUTH", "534 5.7.9 too weak", "credentials"),
        ("MAIL", "530 5.7.0 Authentication required", "credentials"),
        ("MAIL", "535 Mail server has been suspended", "suspended"),
        ("MAIL", "550 5.7.1 not your address", "unverified-sender"),
        ("MAIL", "553 5.1.8 no such domain", "unverified-sender"),
        ("MAIL", "501 syntax", "unverified-sender"),
        ("MAIL", "552 5.3.4 too big", "too-large"),
        ("RCPT", "553 5.7.1 Sender address rejected: not owned by user", "policy"),
        ("RCPT", "554 5.7.1 Relay access denied", "policy"),
        ("RCPT", "550 5.1.8 sender has no domain", "unverified-sender"),
        ("DATA", "554 5.5.1 no", "policy"),
        ("dot", "554 5.7.1 spam", "policy"),
        ("dot", "550 Loop detected", "policy"),
        ("dot", "530 From/Sender name is not valid", "unverified-sender"),
        ("dot", "552 Message too large (maximum size 14MB)", "too-large"),
        ("dot", "552 5.2.3 too long", "too-large"),
    ],
)
def test_what_concerns_everybody_halts(phase: str, reply: str, reason: str) -> None:
    with scripted_smtp(**{phase: reply}) as server:
        provider = smtp(server)
        with pytest.raises(ProviderHalt) as caught:
            provider.send([message()], attempt_key=ATTEMPT)
        assert caught.value.reason == reason
        assert reply[:3] in str(caught.value)
        assert server.taken == []
        assert provider.send([message()], attempt_key=ATTEMPT)[0].status is Status.ACCEPTED


def test_a_mail_beyond_the_size_that_is_offered_does_not_travel() -> None:
    with ScriptedSmtp(greeting="250-scripted\r\n250-AUTH PLAIN\r\n250 SIZE 1000") as server:
        with pytest.raises(ProviderHalt) as caught:
            smtp(server).send([message(text="x" * 2000)], attempt_key=ATTEMPT)
        assert caught.value.reason == "too-large"
        assert server.said("MAIL") == []


# --- refusals that do not say whom they concern ---------------------------------------------------------

UNSAID = "550 no such user, or no relaying, who knows"


def keys(count: int) -> list[str]:
    return [f"{number:a>26}" for number in range(count)]


def test_three_unclear_refusals_in_a_row_halt_and_nobody_is_refused() -> None:
    with scripted_smtp(RCPT=[UNSAID] * 3) as server:
        provider = smtp(server)
        first, second, third = keys(3)
        for key in (first, second, first, second):
            server.faults["RCPT"] = [UNSAID]
            assert provider.send([message(key)], attempt_key=ATTEMPT)[0].status is Status.RETRY
        server.faults["RCPT"] = [UNSAID]
        with pytest.raises(ProviderHalt):
            provider.send([message(third)], attempt_key=ATTEMPT)


@pytest.mark.parametrize("reply", [UNSAID, "554 5.7.1 this recipient takes no mail"])
def test_a_person_who_alone_is_refused_is_refused_the_second_time(reply: str) -> None:
    with scripted_smtp() as server:
        provider = smtp(server)
        person, other = keys(2)
        provider.send([message(other)], attempt_key=ATTEMPT)
        statuses = []
        for key in (person, other, person):
            server.faults["RCPT"] = [reply] if key == person else []
            statuses.append(provider.send([message(key)], attempt_key=ATTEMPT)[0].status)
        assert statuses == [Status.RETRY, Status.ACCEPTED, Status.REJECTED]


# --- check ----------------------------------------------------------------------------------------------


def test_a_check_goes_as_far_as_the_recipient_and_takes_it_back() -> None:
    with scripted_smtp() as server:
        assert smtp(server, sender="bounce@reseau.example").check() == []
        server.hear_out()
    bounce = f"bounce+{'a' * 26}@reseau.example"
    verbs = [line for line in server.commands if not line.startswith(("ehlo", "AUTH"))]
    assert verbs == [
        f"MAIL FROM:<{bounce}>",
        f"RCPT TO:<{bounce}> NOTIFY=FAILURE,DELAY",
        "RSET",
        "QUIT",
    ]


@pytest.mark.parametrize(
    ("phase", "fault", "code", "word"),
    [
        ("connect", "554 no", "smtp-refused", "does not want"),
        ("connect", "421 later", "smtp-busy", "just now"),
        ("connect", hang, "smtp-encryption", "465"),
        ("EHLO", "550 no", "smtp-refused", "does not want"),
        ("AUTH", "535 5.7.8 no", "smtp-credentials", "password"),
        ("AUTH", "454 4.7.0 later", "smtp-busy", "just now"),
        ("MAIL", "550 5.7.1 no", "smtp-unverified-sender", "write as bounce+"),
        ("RCPT", "550 5.1.1 unknown", "smtp-bounce-address", "takes no mail for bounce+"),
    ],
)
def test_a_check_says_what_is_wrong(phase: str, fault: Fault, code: str, word: str) -> None:
    with scripted_smtp(**{phase: fault}) as server:
        [problem] = smtp(server, sender="bounce@reseau.example", limits=QUICK).check()
        assert server.taken == []
    assert problem.code == code
    assert word in str(problem)


def test_a_check_of_a_server_that_is_not_there() -> None:
    [problem] = Smtp(Account("127.0.0.1", closed_port(), None)).check()
    assert problem.code == "smtp-unreachable"


def test_a_check_of_a_server_without_passwords() -> None:
    with ScriptedSmtp(greeting="250-scripted\r\n250 AUTH XOAUTH2") as server:
        [problem] = smtp(server).check()
    assert problem.code == "smtp-no-login"


def test_a_password_is_shown_nowhere() -> None:
    with scripted_smtp(AUTH=["535 no", "535 no"]) as server:
        provider = smtp(server)
        with pytest.raises(ProviderHalt) as caught:
            provider.send([message()], attempt_key=ATTEMPT)
        said = str(caught.value) + str(provider.check()) + repr(provider) + repr(provider._account)
    assert "secretsecret" not in said
