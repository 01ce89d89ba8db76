"""Why somebody was not reached, in plain words: our own stable codes, and those of the providers' adapters."""

import re

from mailer.i18n import Translator, marked

REASONS = {
    # The audience, and the guards of a hand-over.
    "not_subscribed": marked("not subscribed"),
    "not_member": marked("not a member today"),
    "unsubscribed": marked("unsubscribed"),
    "hard_bounce": marked("address in error"),
    "soft_bounces": marked("refused several times in a row"),
    "complaint": marked("complained"),
    "by_hand": marked("excluded by hand"),
    "erased": marked("asked to be erased"),
    "paused": marked("asked for a pause"),
    "has_answered": marked("has answered about the measure"),
    "asked_lately": marked("was asked in the last six months"),
    "merged": marked("has it at another address"),
    "moved": marked("has another address since"),
    "rule": marked("outside the rule"),
    "one_per": marked("another person of the organisation is written to"),
    "bytes-changed": marked("the copy could not be made again exactly as before"),
    "unwritable": marked("no mail can be made of this person's name or address"),
    # What a provider says of one recipient.
    "rejected": marked("the provider refuses this address"),
    "parameter-error": marked("the provider refuses this address or this message"),
    "invalid-recipient": marked("the provider finds this address invalid"),
    "too-large": marked("the message is too large for the provider"),
    "retried-for-a-day": marked("the provider put it off for a whole day"),
    # Doubts: nobody knows whether it was taken.
    "unknown": marked("the provider's answer says nothing certain"),
    "deadline": marked("the provider did not answer in time"),
    "read-timeout": marked("the provider did not answer in time"),
    "connection-lost": marked("the connection broke before the answer"),
    "tls": marked("the connection broke before the answer"),
    "answer-too-large": marked("the provider's answer cannot be read"),
    "unreadable-answer": marked("the provider's answer cannot be read"),
    "recipient-missing": marked("the provider's answer does not name this person"),
    "lease-over": marked("the program stopped during the hand-over"),
    "sent-again": marked("handed over once more by somebody's decision"),
    "looked-up-absent": marked("the provider has not got it: it will be handed over again"),
    # The provider refused everything; what was on its way waits.
    "credentials": marked("the provider refuses our key"),
    "suspended": marked("the provider has suspended our account"),
    "unverified-sender": marked("the provider does not know this sender"),
    "no-credit": marked("the account at the provider has no credit left"),
    "unreached": marked("the provider was not reached"),
    "name-not-found": marked("the provider was not reached"),
    "connection-refused": marked("the provider was not reached"),
    "connect-timeout": marked("the provider was not reached"),
    "too-many-requests": marked("the provider asked to slow down"),
    "slow-down": marked("the provider asked to slow down"),
}
_HTTP = re.compile(r"http-([1-5]\d\d)")
#: A mail server's own words (RFC 3463): whom it does not know, and what takes no mail.
_NO_MAILBOX, _CLOSED_MAILBOX = re.compile(r"5\.1\.\d+"), re.compile(r"5\.2\.\d+")
#: A vendor's name for a failure, or that of an exception: neither says anything to people.
_NAME = re.compile(r"[A-Z][A-Za-z]*")


def reason(t: Translator, code: str) -> str:
    """A code in words; what nothing here knows stays as the provider said it."""
    if code in REASONS:
        return t(REASONS[code])
    if http := _HTTP.fullmatch(code):
        return t("the provider answered with an error (HTTP {status})", status=http[1])
    if _NO_MAILBOX.fullmatch(code):
        return t("the mailbox does not exist ({code})", code=code)
    if _CLOSED_MAILBOX.fullmatch(code):
        return t("the mailbox takes no mail ({code})", code=code)
    if _NAME.fullmatch(code):
        return t("an unusual answer or failure ({code})", code=code)
    return code or t("no reason was given")
