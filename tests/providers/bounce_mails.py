"""Mails as they come back, written as the servers that send them do."""

from tests.providers.samples import KEY

TO = f"bounce+{KEY}@reseau.example"


def report(
    *,
    fields: str = "Final-Recipient: rfc822; a@ville.example\nAction: failed\nStatus: 5.1.1\n",
    to: str = TO,
    returned: str = "",
    envelope_id: str = "",
    message_id: str = "<r1@mx.example>",
    date: str = "Thu, 11 Jun 2026 08:00:00 +0200",
    prose: str = "I'm sorry to have to inform you that your message could not be delivered.",
) -> bytes:
    """A delivery report as Postfix writes it (RFC 3464): it even marks itself as an automatic reply."""
    named = f"Original-Envelope-Id: {envelope_id}\n" if envelope_id else ""
    back = f"--b\nContent-Type: text/rfc822-headers\n\n{returned}\n" if returned else ""
    text = (
        f"Return-Path: <>\nFrom: MAILER-DAEMON@mx.example (Mail Delivery System)\nTo: {to}\n"
        f"Subject: Undelivered Mail Returned to Sender\nAuto-Submitted: auto-replied\nDate: {date}\n"
        + (f"Message-ID: {message_id}\n" if message_id else "")
        + "MIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        f"--b\nContent-Type: text/plain; charset=us-ascii\n\n{prose}\n\n"
        f"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n{named}\n{fields}\n"
        f"{back}--b--\n"
    )
    return text.replace("\n", "\r\n").encode()


def failed(status: str, diagnostic: str = "", *, final: str = "a@ville.example") -> str:
    said = f"Diagnostic-Code: smtp; {diagnostic}\n" if diagnostic else ""
    named = f"Status: {status}\n" if status else ""
    return f"Final-Recipient: rfc822; {final}\nAction: failed\n{named}{said}"


def complaint(
    *,
    kind: str = "abuse",
    mail_from: str = f"<{TO}>",
    head: str = "Subject: S",
    to: str = "fbl@reseau.example",
) -> bytes:
    """A feedback report as large mailbox hosts send it (RFC 5965)."""
    text = (
        f"From: feedback@host.example\nTo: {to}\nSubject: FW: S\nMessage-ID: <f1@host.example>\n"
        "Date: Thu, 11 Jun 2026 08:00:00 +0200\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nThis is an email abuse report.\n\n"
        f"--b\nContent-Type: message/feedback-report\n\nFeedback-Type: {kind}\nVersion: 1\n"
        f"User-Agent: SomeHost/1.0\nOriginal-Mail-From: {mail_from}\nOriginal-Rcpt-To: redacted\n\n"
        f"--b\nContent-Type: message/rfc822\n\n{head}\n\nBonjour\n\n--b--\n"
    )
    return text.replace("\n", "\r\n").encode()


def letter(*, to: str = TO, headers: str = "", body: str = "Bonjour, merci pour la lettre.") -> bytes:
    text = f"From: Alix <a@ville.example>\nTo: {to}\nSubject: Re: Lettre\nMessage-ID: <l1@ville.example>\n{headers}\n{body}\n"
    return text.replace("\n", "\r\n").encode()


QMAIL = """Hi. This is the qmail-send program at mail.ville.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<a@ville.example>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Return-Path: <x>
"""
