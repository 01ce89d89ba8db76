"""What would keep a send through a mail server from succeeding, found without sending: the dialogue up to the
recipient, then taken back."""

from mailer.errors import Problem
from mailer.providers.http import Limits
from mailer.providers.smtp_answers import halting_reason
from mailer.providers.smtp_client import Account
from mailer.providers.smtp_session import Lost, Phase, Refused, Session
from mailer.providers.watch import Watch
from mailer.providers.wording import safe_detail

#: Somebody waits for the answer.
_PATIENCE = Limits(connect=5.0, read=10.0, total=20.0)


def check(account: Account, *, sender: str, limits: Limits) -> list[Problem]:
    """The first thing that goes wrong: reach, certificate, password, and whether `sender`, if there is one, may write."""
    total = min(limits.total, _PATIENCE.total)
    patience = Limits(
        connect=min(limits.connect, _PATIENCE.connect), read=min(limits.read, _PATIENCE.read), total=total
    )
    session = Session(account, patience)
    try:
        with Watch(total).guard() as call:
            session.open(call)
            if sender:
                session.introduce(sender)
                session.address(sender)
                session.begin_again()
    except Lost as lost:
        return [_unreached(account, lost)]
    except Refused as refused:
        return [_refusal(account, refused, sender)]
    finally:
        session.close()
    return []


def _unreached(account: Account, lost: Lost) -> Problem:
    if lost.code == "certificate":
        return Problem(
            code="smtp-certificate",
            message="The certificate of the mail server {host} is not trusted: {reason}.",
            remedy="Check provider.smtp.host and the clock of this machine; for a certificate of the network's own, name its "
            "authority in provider.smtp.ca_file.",
            values={"host": account.host, "reason": safe_detail(lost.reason or lost.code).rstrip(".")},
        )  # fmt: skip
    if lost.code == "encryption" or (lost.phase is Phase.CONNECTION and lost.code == "read-timeout"):
        return Problem(
            code="smtp-encryption",
            message="{host}, port {port}, does not begin as expected ({code}).",
            remedy='Port 465 is encrypted from the start (provider.smtp.security = "tls"), port 587 after a greeting '
            '("starttls").',
            values={"host": account.host, "port": account.port, "code": lost.code},
        )
    return Problem(
        code="smtp-unreachable",
        message="The mail server {host}, port {port}, does not answer ({code}).",
        remedy="Check provider.smtp.host and provider.smtp.port, and that this machine may connect to that port.",
        values={"host": account.host, "port": account.port, "code": lost.code},
    )


def _refusal(account: Account, refused: Refused, sender: str) -> Problem:
    values = {"host": account.host, "said": refused.reply.said, "sender": sender}
    if 400 <= refused.reply.code < 500:
        return Problem(
            code="smtp-busy",
            message="The mail server {host} takes nothing just now ({said}).",
            remedy="Try again in a few minutes.",
            values=values,
        )
    if refused.phase is Phase.LOGIN and refused.reply.code:
        return Problem(
            code="smtp-credentials",
            message="The mail server {host} refuses the user name or the password ({said}).",
            remedy="Check provider.smtp.username, often the whole address, and provider.smtp.password.",
            values=values,
        )
    return _refused_otherwise(refused, values)


def _refused_otherwise(refused: Refused, values: dict[str, str]) -> Problem:
    reason = halting_reason(refused)
    if refused.phase is Phase.ENCRYPTION or reason == "no-login":
        return Problem(
            code=f"smtp-{reason}",
            message="The mail server {host} does not offer what is needed: {said}.",
            remedy="Check provider.smtp.port and provider.smtp.security; a password never travels unencrypted.",
            values=values,
        )
    if refused.phase < Phase.SENDER:
        return Problem(
            code="smtp-refused",
            message="The mail server {host} does not want to talk to us ({said}).",
            remedy="Ask whoever runs it.",
            values=values,
        )
    if refused.phase is Phase.RECIPIENT:
        return Problem(
            code="smtp-bounce-address",
            message="The mail server {host} takes no mail for {sender} ({said}): what cannot be delivered would come back to "
            "nobody.",
            remedy="Make that mailbox, or name another in provider.smtp.bounce_address; where addresses with + are not "
            "known, set provider.smtp.verp to false.",
            values=values,
        )  # fmt: skip
    return Problem(
        code=f"smtp-{reason}",
        message="The mail server {host} does not let us write as {sender} ({said}).",
        remedy="Check provider.smtp.username and provider.smtp.bounce_address, or ask whoever runs the server.",
        values=values,
    )
