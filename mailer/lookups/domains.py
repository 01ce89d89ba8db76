"""What the domain of a sender publishes: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 9989). Only what is seen is said."""

from collections.abc import Callable, Iterator

from mailer.lookups.guard import is_reserved
from mailer.lookups.net import Net, Silence
from mailer.model.lookups import DomainState, Proof


def look_up_domain(domain: str, net: Net) -> dict[Proof, DomainState]:
    """Each proof of origin with what can be said of it; UNKNOWN where no resolver answers."""
    if is_reserved(domain) or not _is_known(domain, net):
        return dict.fromkeys(Proof, DomainState.UNKNOWN)
    looks = {Proof.SPF: _spf, Proof.DKIM: _dkim, Proof.DMARC: _dmarc}
    return {proof: _asked(look, domain, net) for proof, look in looks.items()}


def _is_known(domain: str, net: Net) -> bool:
    """Without a network some resolvers deny every name: only one that knows the domain can say what it lacks."""
    try:
        return any(net.texts(each) is not None for each in _with_parents(domain))
    except Silence:
        return False


def _asked(look: Callable[[str, Net], DomainState], domain: str, net: Net) -> DomainState:
    try:
        return look(domain, net)
    except Silence:
        return DomainState.UNKNOWN


def _spf(domain: str, net: Net) -> DomainState:
    """Exactly one record: with two, receivers ignore both (rules M26)."""
    found = [each for each in net.texts(domain) or [] if each.lower().split(" ")[0] == "v=spf1"]
    if len(found) > 1:
        return DomainState.MANY
    return DomainState.THERE if found else DomainState.MISSING


def _dkim(domain: str, net: Net) -> DomainState:
    """The selectors are the provider's secret, but a name that has any below it exists itself (RFC 8020)."""
    there = any(net.texts(f"_domainkey.{each}") is not None for each in _with_parents(domain))
    return DomainState.THERE if there else DomainState.MISSING


def _dmarc(domain: str, net: Net) -> DomainState:
    """The domain's own, or that of a domain above it."""
    for each in _with_parents(domain):
        if any(text.lower().startswith("v=dmarc1") for text in net.texts(f"_dmarc.{each}") or []):
            return DomainState.THERE
    return DomainState.MISSING


def _with_parents(domain: str) -> Iterator[str]:
    """lettres.reseau.fr, reseau.fr: never a top-level domain alone."""
    labels = domain.rstrip(".").split(".")
    for start in range(max(1, len(labels) - 1)):
        yield ".".join(labels[start:])
