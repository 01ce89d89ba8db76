"""Whose request it is, as far as limits go: the network, since one machine of it may have any address below."""

import ipaddress

from starlette.requests import Request

#: A household or an office shares such a prefix.
_PREFIXES = {4: 24, 6: 48}


def asking_network(request: Request) -> str:
    """Of whoever asks; empty where the server does not know."""
    return network_of(request.client.host) if request.client else ""


def network_of(host: str) -> str:
    """The network of an address; what is no address is a network of its own."""
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return host
    if found.version == 6 and found.ipv4_mapped:
        found = found.ipv4_mapped
    return str(ipaddress.ip_network(f"{found}/{_PREFIXES[found.version]}", strict=False))
