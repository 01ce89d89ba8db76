"""Links are followed as readers would, and never to where no reader is."""

from dataclasses import replace

import pytest

from mailer.lookups import look_up_links
from mailer.lookups.guard import asked, is_public
from mailer.lookups.net import Net, Silence
from mailer.model.lookups import LinkState
from tests.lookups.site import HOME, PUBLIC, Site

SITE = f"http://{HOME}"


def _seen(site: Site, url: str, *others: str) -> tuple[LinkState, str]:
    found = look_up_links([url, *others], site.net)[url]
    return found.state, found.detail


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/200", (LinkState.FINE, "")),
        ("/get-only", (LinkState.FINE, "")),
        ("/404", (LinkState.DEAD, "404")),
        ("/410", (LinkState.DEAD, "410")),
        ("/403", (LinkState.ODD, "403")),
        ("/503", (LinkState.ODD, "503")),
        (f"/to?{SITE}/200", (LinkState.MOVED, f"{SITE}/200")),
        ("/to?/404", (LinkState.DEAD, "404")),
        (f"/to?{SITE}/to", (LinkState.ODD, "302")),
        ("/to?http://127.0.0.1/", (LinkState.PRIVATE, "")),
        ("/to?http://intranet.fr/", (LinkState.PRIVATE, "")),
        ("/to?http://8.8.8.8/", (LinkState.UNFIT, "")),
        ("/to?http://moi:secret@site-ouvert.fr/", (LinkState.UNFIT, "")),
        ("/to?file:///etc/passwd", (LinkState.UNFIT, "")),
        ("/été?mot=à dire", (LinkState.FINE, "")),
    ],
)
def test_a_link_is_what_its_server_says(site: Site, path: str, expected: tuple[LinkState, str]) -> None:
    site.names["intranet.fr"] = ["10.0.0.7"]
    assert _seen(site, SITE + path) == expected
    assert {address for address, _ in site.connected} == {PUBLIC}


def test_a_circle_of_redirections_ends(site: Site) -> None:
    circle = f"{SITE}/to?/to?/to?/to?/to?/to?/to?/200"
    assert _seen(site, circle) == (LinkState.ODD, "redirects")


@pytest.mark.parametrize("target", ["http://[::1", "//[", "http://a]/"])
def test_a_redirection_that_is_no_address_is_odd_and_costs_no_other_link(site: Site, target: str) -> None:
    url, site.redirection = f"{SITE}/to?elsewhere", target
    found = look_up_links([url, f"{SITE}/200", "http://nulle-part.fr/"], site.net)
    assert (found[url].state, found[url].detail, found[url].is_answered) == (LinkState.ODD, "redirects", True)
    assert found[f"{SITE}/200"].state is LinkState.FINE


def test_what_cannot_be_seen_in_a_redirection_is_not_kept(site: Site) -> None:
    site.redirection = f"{SITE}/20\x1b\x9b\x070"
    assert _seen(site, f"{SITE}/to?elsewhere") == (LinkState.MOVED, f"{SITE}/200")


def test_head_comes_first_and_get_only_where_it_is_refused(site: Site) -> None:
    look_up_links([f"{SITE}/200"], site.net)
    look_up_links([f"{SITE}/404"], site.net)
    assert [method for method, _, _ in site.asked] == ["HEAD", "HEAD", "GET"]
    assert {host for _, host, _ in site.asked} == {HOME}


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1"),
        *("169.254.169.254", "168.63.129.16", "224.0.0.1", "255.255.255.255", "198.18.0.1"),
        *("::1", "::", "fe80::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"),
        *("fec0::1", "64:ff9b:1::7f00:1", "::7f00:1", "::ffff:0:127.0.0.1", "4000::1", "::8.8.8.8"),
        *("64:ff9b::7f00:1", "2002:7f00:1::", "not an address", "fe80::1%eth0"),
    ],
)
def test_no_private_address_is_asked(site: Site, address: str) -> None:
    assert not is_public(address)
    site.names["piege.fr"] = [PUBLIC, address]
    assert _seen(site, "http://piege.fr/") == (LinkState.PRIVATE, "")
    assert site.connected == []


@pytest.mark.parametrize(
    "address",
    [
        PUBLIC,
        "2606:2800:21f:cb07:6820:80da:af6b:8b2c",
        "2606:4700::1111",
        "64:ff9b::808:808",
        "::ffff:808:808",
    ],
)
def test_the_open_internet_is_asked(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        *("ftp://site-ouvert.fr/", "http://site-ouvert.fr:22/", "https://site-ouvert.fr:80/", "http:///x"),
        *(
            "http://a:b@site-ouvert.fr/",
            "http://@site-ouvert.fr/",
            "http://site-ouvert.fr:x/",
            "javascript:1",
        ),
    ],
)
def test_what_is_no_open_address_is_not_asked(site: Site, url: str) -> None:
    assert asked(url) is None
    assert _seen(site, url) == (LinkState.UNFIT, "")
    assert site.connected == []


def test_an_address_for_examples_is_not_asked(site: Site) -> None:
    for url in ("https://reseau.example/", "https://example.org/x", "http://localhost/"):
        assert _seen(site, url) == (LinkState.RESERVED, "")
    assert site.connected == []


def test_an_unknown_name_is_dead_where_somebody_else_answers(site: Site) -> None:
    assert _seen(site, "http://nulle-part.fr/", f"{SITE}/200") == (LinkState.DEAD, "")


def test_without_a_network_nothing_is_called_dead(site: Site) -> None:
    site.is_online = False
    assert _seen(site, "http://nulle-part.fr/", f"{SITE}/200") == (LinkState.SILENT, "")
    assert _seen(site, f"{SITE}/404") == (LinkState.SILENT, "")


def test_a_resolver_that_does_not_answer_says_nothing_of_the_link() -> None:
    def silent(_: str) -> list[str]:
        raise Silence

    found = look_up_links(["http://site-ouvert.fr/"], Net(resolve=silent))
    assert [each.state for each in found.values()] == [LinkState.SILENT]


def test_a_server_that_dawdles_is_cut_off(site: Site) -> None:
    hurried = replace(site.net, seconds=0.2)
    assert look_up_links([f"{SITE}/slow"], hurried)[f"{SITE}/slow"].state is LinkState.SILENT
