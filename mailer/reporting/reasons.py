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
    "timeout": marked("the provider did not answer in time"),
    "deadline": marked("the provider did not answer in time"),
    "connection-lost": marked("the connection broke before the answer"),
    "unreadable-answer": marked("the provider's answer cannot be read"),
    "recipient-missing": marked("the provider's answer does not name this person"),
    "lease-over": marked("the program stopped during the hand-over"),
    "sent-again": marked("handed over once more by somebody's decision"),
    "looked-up-absent": marked("the provider has not got it: it will be handed over again"),
    # The provider refused everything; what was on its way waits.
    "credentials": marked("the provider refuses our key"),
    "suspended": marked("the provider has suspended our account"),
    "unverified-sender": marked("the provider does not know this sender"),
    "too-many-requests": marked("the provider asked to slow down"),
}
_HTTP = re.compile(r"http-([1-5]\d\d)")
#: What an adapter was surprised by: the name of an exception, which says nothing to people.
_EXCEPTION = re.compile(r"[A-Z][A-Za-z]*")


def reason(t: Translator, code: str) -> str:
    """A code in words; what no table knows stays as the provider said it, never longer than a line."""
    if code in REASONS:
        return t(REASONS[code])
    http = _HTTP.fullmatch(code)
    if http:
        return t("the provider answered with an error (HTTP {status})", status=http[1])
    if _EXCEPTION.fullmatch(code):
        return t("an unexpected failure during the hand-over ({code})", code=code)
    return code or t("no reason was given")
