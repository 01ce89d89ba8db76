"""What a sender's domain publishes is told apart from what nobody could say."""

from mailer.lookups import look_up_domain
from mailer.model.lookups import DomainState, Proof
from tests.lookups.site import Site

THERE, MISSING, UNKNOWN = DomainState.THERE, DomainState.MISSING, DomainState.UNKNOWN


def test_a_domain_with_all_three_is_known(site: Site) -> None:
    site.records = {
        "lettres.reseau.fr": ["google-site=1", "v=spf1 include:postal.fr -all"],
        "_domainkey.reseau.fr": [],
        "_dmarc.reseau.fr": ["v=DMARC1; p=none"],
    }
    assert look_up_domain("lettres.reseau.fr", site.net) == dict.fromkeys(Proof, THERE)


def test_a_domain_with_nothing_lacks_all_three(site: Site) -> None:
    site.records = {"reseau.fr": ["v=spf10"], "_dmarc.reseau.fr": ["autre"]}
    assert look_up_domain("reseau.fr", site.net) == dict.fromkeys(Proof, MISSING)


def test_a_resolver_that_denies_every_name_says_nothing(site: Site) -> None:
    assert look_up_domain("reseau.fr", site.net) == dict.fromkeys(Proof, UNKNOWN)


def test_two_spf_records_are_worse_than_one(site: Site) -> None:
    site.records = {"reseau.fr": ["v=spf1 -all", "v=spf1 mx -all"]}
    assert look_up_domain("reseau.fr", site.net)[Proof.SPF] is DomainState.MANY


def test_without_a_resolver_nothing_is_called_missing(site: Site) -> None:
    site.is_online = False
    assert look_up_domain("reseau.fr", site.net) == dict.fromkeys(Proof, UNKNOWN)


def test_a_domain_for_examples_is_not_asked(site: Site) -> None:
    assert look_up_domain("reseau.example", site.net) == dict.fromkeys(Proof, UNKNOWN)
