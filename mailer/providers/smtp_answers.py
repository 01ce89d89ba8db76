"""What each answer of a mail server means for one recipient: the table of providers.md 2.2 and 4.4.

A 4xx or 5xx in any phase says for certain that the mail was not taken. What is left to tell apart is whom it concerns:
this person, or everybody.
"""

import re
import threading

from mailer.errors import ProviderHalt
from mailer.model.mail import Status
from mailer.providers.smtp_session import Lost, Phase, Refused, Reply

#: Mailboxes that are not there, or take nothing (RFC 3463 X.1 and X.2). X.1.7 and X.1.8 speak of the sender's address.
_ABOUT_THE_PERSON = re.compile(r"5\.1\.(?:[0-6]|9|10)|5\.2\.\d+")
_ABOUT_THE_SENDER = {"5.1.7", "5.1.8"}
#: Too many at once (X.4.5, X.5.3), rules of the house (X.7), no room in the whole server (X.3): not this mailbox (X.2).
_SLOW = re.compile(r"4\.(?:[37]\.\d+|4\.5|5\.3)")
_TOO_LARGE = {"5.3.4", "5.2.3"}
_SO_MANY_IN_A_ROW = 3
_REMEMBERED = 10_000

_SENTENCES = {
    "connection": "The mail server does not want to talk to us ({said}). Ask whoever runs it, then resume.",
    "certificate": "The certificate of the mail server is not valid ({said}). Check provider.smtp.host and this machine's "
    "clock; for a certificate of the network's own, set provider.smtp.ca_file. Then resume.",
    "encryption": "The connection to the mail server cannot be encrypted ({said}). Check provider.smtp.security and "
    "provider.smtp.port, then resume.",
    "credentials": "The mail server refuses our user name or password ({said}). Check provider.smtp.username and "
    "provider.smtp.password, then resume.",
    "no-login": "The mail server offers no login by password ({said}). Check provider.smtp.port and provider.smtp.security, "
    "then resume.",
    "suspended": "The mail server has suspended us ({said}). Ask whoever runs it, then resume.",
    "unverified-sender": "The mail server does not let us write as {sender} ({said}). Check "
    "provider.smtp.bounce_address and the campaign's sender, or ask whoever runs the server. Then resume.",
    "too-large": "The mail is too large for the mail server ({said}). Make its pictures lighter, or ask whoever runs the "
    "server. Then resume.",
    "policy": "The mail server refuses our mails ({said}). Ask whoever runs it, then resume.",
}  # fmt: skip


def is_slow_down(refused: Refused) -> bool:
    """The server wants less of everything, not just of this mail."""
    reply = refused.reply
    if reply.code == 421:
        return True
    if not 400 <= reply.code < 500:
        return False
    if refused.phase < Phase.RECIPIENT:
        return True
    bare_full = reply.code == 452 and not reply.enhanced
    return bare_full or _SLOW.fullmatch(reply.enhanced) is not None


def is_about_the_person(refused: Refused) -> bool:
    """The server itself says that this mailbox is the reason, for ever."""
    late = refused.phase >= Phase.RECIPIENT
    return (
        late
        and _ABOUT_THE_PERSON.fullmatch(refused.reply.enhanced) is not None
        and refused.reply.enhanced not in _TOO_LARGE
    )


def halting_reason(refused: Refused) -> str:
    """Why nobody's mail is taken, as far as the answer says it."""
    reply, phase = refused.reply, refused.phase
    if phase is Phase.CONNECTION:
        return "connection"
    if phase is Phase.ENCRYPTION:
        return "encryption"
    if phase is Phase.LOGIN:
        return "credentials" if reply.code else "no-login"
    return _reason_of_code(reply, phase)


def _reason_of_code(reply: Reply, phase: Phase) -> str:
    if reply.enhanced in _TOO_LARGE or reply.code == 552:
        return "too-large"
    if reply.code == 535:  # after the login: Postal's "Mail server has been suspended"
        return "suspended"
    if reply.code == 530 and phase < Phase.END:
        return "credentials"
    # Postal checks From last, and says it by 530.
    if phase is Phase.SENDER or reply.code == 530 or reply.enhanced in _ABOUT_THE_SENDER:
        return "unverified-sender"
    return "policy"


def halt(reason: str, said: str, *, sender: str = "") -> ProviderHalt:
    """The refusal of everything, in words."""
    return ProviderHalt(reason, _SENTENCES[reason], said=said, sender=sender)


def halt_of_lost(lost: Lost) -> ProviderHalt | None:
    """Losses that will not mend themselves: nobody vouches for the server, or it speaks no TLS where we do."""
    if lost.code not in {"certificate", "encryption"}:
        return None
    return halt(lost.code, lost.reason or lost.code)


class Refusals:
    """Refusals at RCPT TO that do not say whom they concern: `550 relay not permitted` and `550 no such user` look
    alike, `554 5.7.1` may be said of one recipient or of everybody.

    To refuse a whole list for ever because of a wrong setting would be the worst; to halt a whole send because of one
    person, again after every resume, not much better. So such a mail is tried again, and refused only if the server
    took somebody else's in between; where nobody's is taken the send halts. Safe to share between threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken = 0
        #: Delivery key -> how many mails had been taken at its first such refusal.
        self._first: dict[str, int] = {}
        self._in_a_row: set[str] = set()

    def taken(self) -> None:
        """The server took a mail."""
        with self._lock:
            self._taken += 1
            self._in_a_row.clear()

    def judge(self, key: str, reply: Reply) -> Status | None:
        """REJECTED, RETRY, or None: halt."""
        with self._lock:
            if len(self._first) >= _REMEMBERED:
                self._first.clear()
            if self._taken > self._first.setdefault(key, self._taken):
                return Status.REJECTED
            self._in_a_row.add(key)
            by_policy = reply.code == 554 or reply.enhanced.startswith("5.7.")
            if len(self._in_a_row) >= _SO_MANY_IN_A_ROW or (by_policy and not self._taken):
                return None
            return Status.RETRY
