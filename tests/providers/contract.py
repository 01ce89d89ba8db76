"""What every adapter must keep, whoever the provider is. A new adapter adds a `Subject` to test_contract.py."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import UUID

import pytest

from mailer.model.mail import Message, Pending, RawRequest, Resolved, SendResult, Status
from mailer.providers import PROVIDERS, BadSignature, Provider
from tests.providers.samples import NOW, message

ATTEMPT = UUID(int=7)
SECRET = "secretsecretsecretsecret"


@dataclass(frozen=True)
class Subject:
    """An adapter, and the mails that its provider holds, as bytes, in any order: what we made whole, or where the
    provider puts a mail together itself, what `whole` makes of ours."""

    provider: Provider
    kept: Callable[[], list[bytes]]
    whole: Callable[[Message], bytes] = lambda message: message.mime  # a field's default
    #: The provider lets one send reach an address once, whatever its class.
    deduplicates: bool = False


def send(subject: Subject, messages: Sequence[Message]) -> list[SendResult]:
    most = subject.provider.caps.max_batch
    batches = [messages[start : start + most] for start in range(0, len(messages), most)]
    return [result for batch in batches for result in subject.provider.send(batch, attempt_key=ATTEMPT)]


def pending(message: Message) -> Pending:
    return Pending(message.key, message.envelope.message_id, message.envelope.to.address, NOW)


def some_messages(count: int) -> list[Message]:
    return [message(f"{number:a>26}", address=f"p{number}@ville.example") for number in range(count)]


def claim_it_is_registered_under_its_name(subject: Subject) -> None:
    assert subject.provider.name in PROVIDERS


def claim_nothing_is_answered_by_nothing(subject: Subject) -> None:
    assert subject.provider.send([], attempt_key=ATTEMPT) == []
    assert subject.kept() == []


def claim_results_have_the_order_of_the_messages(subject: Subject) -> None:
    messages = some_messages(3)
    results = send(subject, messages)
    assert [result.key for result in results] == [message.key for message in messages]
    assert {result.status for result in results} == {Status.ACCEPTED}
    assert len({result.provider_ref for result in results}) == 3


def claim_our_bytes_arrive_whole(subject: Subject) -> None:
    send(subject, [message(text="é" * 3000)])
    [kept] = subject.kept()
    assert kept.endswith(subject.whole(message(text="é" * 3000)))


def claim_a_batch_that_is_too_long_is_a_bug(subject: Subject) -> None:
    with pytest.raises(ValueError, match="at most"):
        subject.provider.send(some_messages(subject.provider.caps.max_batch + 1), attempt_key=ATTEMPT)
    assert subject.kept() == []


def claim_a_repeated_mail_is_taken_once_if_the_class_says_so(subject: Subject) -> None:
    first, second = send(subject, [message()]), send(subject, [message()])
    assert [first[0].status, second[0].status] == [Status.ACCEPTED, Status.ACCEPTED]
    once = subject.provider.caps.doubt_class == "A" or subject.deduplicates
    assert len(subject.kept()) == (1 if once else 2)


def claim_each_question_has_an_answer(subject: Subject) -> None:
    sent, other = some_messages(2)
    send(subject, [sent])
    found = subject.provider.resolve([pending(other), pending(sent)])
    assert [each.key for each in found] == [other.key, sent.key]
    expected = (
        [Resolved.ABSENT, Resolved.PRESENT] if subject.provider.caps.can_resolve else [Resolved.UNDECIDED] * 2
    )
    assert [each.found for each in found] == expected


def claim_a_forged_webhook_is_refused(subject: Subject) -> None:
    for body in (b"", b"{}", b"\xff", b'{"event":"MessageSent"}'):
        with pytest.raises(BadSignature):
            subject.provider.parse_webhook(RawRequest(headers={}, body=body, received_at=NOW))


def claim_no_mailbox_no_mail(subject: Subject) -> None:
    assert subject.provider.caps.mailbox or list(subject.provider.poll(NOW)) == []


def claim_a_check_sends_nothing(subject: Subject) -> None:
    assert subject.provider.check() == []
    assert subject.kept() == []


def claim_threads_may_share_it(subject: Subject) -> None:
    messages = some_messages(40)
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda each: send(subject, [each])[0], messages))
    assert [result.key for result in results] == [message.key for message in messages]
    assert len(subject.kept()) == 40


def claim_it_shows_no_secret(subject: Subject) -> None:
    assert SECRET not in repr(subject.provider) + repr(subject.provider.caps)


CLAIMS = [value for name, value in list(globals().items()) if name.startswith("claim_")]
