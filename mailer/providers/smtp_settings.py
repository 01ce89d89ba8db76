"""From settings to a mail server's account and its bounce mailbox; every mistake a SettingError that names the setting."""

import ssl
from ipaddress import ip_address
from pathlib import Path

from mailer.addresses import AddressError, domain, normalise
from mailer.errors import SettingError
from mailer.providers.bounces import Bounces, Mailbox
from mailer.providers.http import Limits
from mailer.providers.mailbox_account import MailboxAccount
from mailer.providers.mailbox_folder import Folder
from mailer.providers.mailbox_imap import Imap
from mailer.providers.mailbox_pop import Pop
from mailer.providers.rates import parse_rate
from mailer.providers.smtp import EnvelopeSender, Smtp
from mailer.providers.smtp_client import Account
from mailer.settings import BouncesSettings, Settings, SmtpSettings

_PORTS = {"tls": 465, "starttls": 587, "none": 25}
_MAILBOX_PORTS = {("imap", "tls"): 993, ("imap", "none"): 143, ("pop", "tls"): 995, ("pop", "none"): 110}
#: `local+<26>@domain` must stay within 64 octets before the @ (RFC 5321 4.5.3.1.1).
_LONGEST_LOCAL = 64 - 27
#: Servers may look at a mail for ten minutes after its end (RFC 5321 4.5.3.2.6): as long as the lease allows.
_SHARE_OF_LEASE = 0.75


def create_smtp(settings: Settings) -> Smtp:
    """The adapter that the settings describe; nothing is asked of any server."""
    chosen = settings.provider.smtp
    total = (settings.lease * _SHARE_OF_LEASE).total_seconds()
    return Smtp(
        _account(settings, chosen),
        sender=EnvelopeSender(_bounce_address(settings), verp=chosen.verp),
        most=chosen.messages_per_connection,
        rate=parse_rate(settings.provider.rate),
        limits=Limits(read=total, total=total),
        bounces=_bounces(settings, settings.provider.bounces),
    )


def _account(settings: Settings, chosen: SmtpSettings) -> Account:
    host = _host(chosen.host, "provider.smtp.host")
    if not host:
        raise SettingError(
            "Setting provider.smtp.host is missing. Write the name of the mail server, such as smtp.ouvaton.coop."
        )
    password = chosen.password.get_secret_value()
    if bool(chosen.username) != bool(password):
        raise SettingError(
            "Settings provider.smtp.username and provider.smtp.password go together. Write both, or neither."
        )
    if chosen.security == "none" and not _is_this_machine(host):
        raise SettingError(
            "Setting provider.smtp.security: a password and mails would travel to {host} unencrypted. Write tls or starttls.",
            host=host,
        )
    named = domain(chosen.bounce_address or chosen.username)
    return Account(
        host=host,
        port=chosen.port or _PORTS[chosen.security],
        context=None if chosen.security == "none" else _context(settings, chosen.ca_file, "provider.smtp.ca_file"),
        early=chosen.security == "tls",
        username=chosen.username,
        password=password,
        hello=named if named.isascii() and named else "[127.0.0.1]",
    )  # fmt: skip


def _bounce_address(settings: Settings) -> str:
    """As it is written, else `bounce` at the domain that is set; empty where each mail's own domain decides."""
    written = settings.provider.smtp.bounce_address
    if not written:
        return f"bounce@{settings.provider.domain}" if settings.provider.domain else ""
    try:
        address = normalise(written)
    except AddressError as error:
        raise SettingError(
            "Setting provider.smtp.bounce_address: {text} is not an e-mail address.", text=written
        ) from error
    if len(address.partition("@")[0]) > _LONGEST_LOCAL:
        raise SettingError(
            "Setting provider.smtp.bounce_address: {text} is too long. Keep at most {most} characters before the @.",
            text=written,
            most=_LONGEST_LOCAL,
        )
    return address


def _bounces(settings: Settings, chosen: BouncesSettings) -> Bounces | None:
    if chosen.kind == "none":
        return None
    mailbox: Mailbox
    if chosen.kind == "maildir":
        if not chosen.path:
            raise SettingError("Setting provider.bounces.path is missing. Write the folder of the Maildir.")
        mailbox = Folder(settings.under_workspace(Path(chosen.path)))
    elif chosen.kind == "imap":
        mailbox = Imap(_mailbox_account(settings, chosen), folder=chosen.path or "INBOX")
    else:
        mailbox = Pop(_mailbox_account(settings, chosen))
    return Bounces(mailbox)


def _mailbox_account(settings: Settings, chosen: BouncesSettings) -> MailboxAccount:
    host = _host(chosen.host, "provider.bounces.host")
    if not (host and chosen.username and chosen.password.get_secret_value()):
        raise SettingError(
            "Settings provider.bounces.host, provider.bounces.username and provider.bounces.password: all three are needed "
            "to read the bounce mailbox."
        )  # fmt: skip
    if chosen.security == "none" and not _is_this_machine(host):
        raise SettingError(
            "Setting provider.bounces.security: a password would travel to {host} unencrypted. Write tls.",
            host=host,
        )
    plain = chosen.security == "none"
    return MailboxAccount(
        host=host,
        port=chosen.port or _MAILBOX_PORTS[chosen.kind, chosen.security],
        context=None if plain else _context(settings, chosen.ca_file, "provider.bounces.ca_file"),
        username=chosen.username,
        password=chosen.password.get_secret_value(),
    )


def _context(settings: Settings, ca_file: Path | None, setting: str) -> ssl.SSLContext:
    """Certificates and names are verified, always."""
    try:
        return ssl.create_default_context(cafile=settings.under_workspace(ca_file) if ca_file else None)
    except (OSError, ssl.SSLError) as error:
        raise SettingError(
            "Setting {setting}: the certificates in {file} cannot be read ({reason}).",
            setting=setting,
            file=ca_file,
            reason=error.strerror or type(error).__name__,
        ) from error


def _host(text: str, setting: str) -> str:
    """A name that can be looked up at all: what cannot would fail in the middle of a send."""
    try:
        return text.strip().encode("idna").decode("ascii")
    except UnicodeError as error:
        raise SettingError(
            "Setting {setting}: {text} is not the name of a server.", setting=setting, text=text
        ) from error


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
