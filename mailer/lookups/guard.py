"""The guard: what an officer's link may make this machine ask (security S16).

A link is somebody's text: it must never reach this machine, its neighbours or the cloud's own services.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

#: Names that RFC 2606 and RFC 6761 reserve: they exist nowhere, and asking for them tells nothing.
_RESERVED = ("example", "test", "invalid", "localhost", "example.com", "example.net", "example.org")
_PORTS = {"http": (80, 8080), "https": (443, 8443)}
#: Azure's, which alone of the clouds' own addresses stands among the public ones.
_METADATA = frozenset({IPv4Address("168.63.129.16")})
#: All that is given out of IPv6 (IANA); what lies outside wraps, translates or stays within a site.
_GIVEN_OUT = IPv6Network("2000::/3")
#: RFC 6052: an IPv4 address in the last four bytes.
_NAT64 = IPv6Network("64:ff9b::/96")


def is_literal(host: str) -> bool:
    """Whether the host is an address itself, which no resolver is asked for."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_public(address: str) -> bool:
    """Whether this address is anybody's on the open internet, also once what it carries inside is unpacked."""
    return is_literal(address) and all(
        _is_given_out(each) and each.is_global and not each.is_multicast and each not in _METADATA
        for each in _carried(ip_address(address))
    )


def _is_given_out(address: IPv4Address | IPv6Address) -> bool:
    return isinstance(address, IPv4Address) or address in _GIVEN_OUT


def _carried(address: IPv4Address | IPv6Address) -> list[IPv4Address | IPv6Address]:
    """What an address leads to: itself, the IPv4 address that it stands for, or for 6to4 both."""
    if isinstance(address, IPv4Address):
        return [address]
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    if address.sixtofour is not None:
        return [address, address.sixtofour]
    if address in _NAT64:
        return [IPv4Address(int(address) & 0xFFFFFFFF)]
    return [address]


def is_reserved(host: str) -> bool:
    """Whether the name is one of those that stand in examples."""
    name = host.rstrip(".").lower()
    return any(name == each or name.endswith(f".{each}") for each in _RESERVED)


def asked(url: str) -> SplitResult | None:
    """The parts of an address that may be asked; None for another scheme, an unusual port, a name or password in it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
        return None
    return parts if port is None or port in _PORTS[parts.scheme] else None
