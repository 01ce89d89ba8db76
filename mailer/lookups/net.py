"""The network as look-ups see it: names, sockets, TLS. One record, so that another one can stand for it."""

import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import dns.exception
import dns.name
import dns.resolver

#: Seconds for one question to the name system.
LIFETIME = 4.0


class NoSuchName(Exception):
    """A server of the name system says that there is no such name."""


class Silence(Exception):
    """Nobody answered: that tells nothing of what was asked."""


def resolve(host: str) -> list[str]:
    """Every address of a host; raises NoSuchName or Silence. No search list, no file of this machine's own hosts."""
    try:
        name = dns.name.from_text(host)
        return list(dns.resolver.Resolver().resolve_name(name, lifetime=LIFETIME, search=False).addresses())
    except (dns.resolver.NXDOMAIN, dns.name.EmptyLabel, dns.name.LabelTooLong, dns.name.NameTooLong) as error:
        raise NoSuchName from error
    except (dns.exception.DNSException, UnicodeError, OSError) as error:
        raise Silence from error


def texts(name: str) -> list[str] | None:
    """The TXT records of a name, None where there is no such name; raises Silence."""
    try:
        found = dns.resolver.Resolver().resolve(name, "TXT", lifetime=LIFETIME, search=False)
    except dns.resolver.NXDOMAIN:
        return None
    except dns.resolver.NoAnswer:
        return []
    except (dns.exception.DNSException, OSError) as error:
        raise Silence from error
    return [b"".join(each.strings).decode("utf-8", "replace") for each in found]


def connect(address: str, port: int, seconds: float) -> socket.socket:
    """A connection to exactly this address."""
    return socket.create_connection((address, port), timeout=seconds)


@cache
def trust() -> ssl.SSLContext:
    """The authorities that this machine trusts; reading them takes longer than everything else at a start."""
    return ssl.create_default_context()


@dataclass(frozen=True, slots=True)
class Net:
    """What a look-up may use."""

    resolve: Callable[[str], list[str]] = resolve
    texts: Callable[[str], list[str] | None] = texts
    connect: Callable[[str, int, float], socket.socket] = connect
    tls: Callable[[], ssl.SSLContext] = trust
    #: Seconds for one link with everything that it leads on to.
    seconds: float = 8.0
