"""What was seen outside, as problems of an issue: dead links, a sender that nothing vouches for.

Looking takes seconds and a network, so that it is done when somebody asks; every check reads the last answers.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from mailer import addresses, lookups
from mailer.clock import Clock
from mailer.errors import Problem, Severity
from mailer.i18n import marked
from mailer.lookups import Net
from mailer.model.lookups import LINK, DomainState, LinkState, Lookup, Proof
from mailer.model.workspace import Campaign, Compiled, Issue, Templates
from mailer.rendering import located
from mailer.rendering.findings import Finding, blocking, warning
from mailer.settings import Settings
from mailer.store import Store
from mailer.store import lookups as answers

_LOCAL = "%Y-%m-%d %H:%M"
_ASK = marked("Ask your provider for the record, and whoever looks after the domain to publish it.")


class Outside:
    """The last answers, and new ones. Safe to share between threads."""

    def __init__(self, settings: Settings, store: Store, clock: Clock, net: Net | None = None) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self.net = net or Net()

    def look(self, compiled: Compiled, campaign: Campaign) -> None:
        """Ask for every link of the issue and for its sender's domain; blocks for some seconds."""
        links = lookups.look_up_links(compiled.links, self.net)
        domain = self._domain(campaign)
        published = lookups.look_up_domain(domain, self.net)
        with self._store.write() as tx:
            now = self._clock.now()
            seen = {url: (each.state.value, each.detail) for url, each in links.items()}
            answers.record(tx, kind=LINK, seen=seen, at=now)
            for proof, state in published.items():
                answers.record(tx, kind=proof.value, seen={domain: (state.value, "")}, at=now)

    def problems(
        self, compiled: Compiled, campaign: Campaign, issue: Issue, templates: Templates
    ) -> list[Problem]:
        """What the last answers say against this issue; nothing where nobody has asked lately."""
        return [*self.of_links(compiled, campaign, issue, templates), *self.of_sender(campaign)]

    def of_links(
        self, compiled: Compiled, campaign: Campaign, issue: Issue, templates: Templates
    ) -> list[Problem]:
        known = self._known(compiled)
        seen = [known[url] for url in compiled.links if url in known]
        return located(_of_links(seen, campaign.zone), issue, templates.blocks)

    def looked_at(self, compiled: Compiled) -> datetime | None:
        """When every link of the issue was looked at; None where one was not."""
        known = self._known(compiled)
        complete = len(known) == len(compiled.links)
        return min((each.looked_at for each in known.values()), default=None) if complete else None

    def of_sender(self, campaign: Campaign) -> list[Problem]:
        """What the domain of the campaign's sender lacks."""
        domain = self._domain(campaign)
        with self._store.read() as tx:
            now = self._clock.now()
            found = {proof: answers.known(tx, proof.value, [domain], at=now).get(domain) for proof in Proof}
        states = {proof: DomainState(each.state) for proof, each in found.items() if each}
        return [
            Problem(
                code=each.code,
                message=each.message,
                remedy=each.remedy,
                values=each.values,
                path=campaign.path,
                field="sender.address",
                severity=Severity.WARNING,
            )
            for each in _of_domain(domain, states)
        ]

    def _known(self, compiled: Compiled) -> dict[str, Lookup]:
        with self._store.read() as tx:
            return answers.known(tx, LINK, compiled.links, at=self._clock.now())

    def _domain(self, campaign: Campaign) -> str:
        """Receivers look at that of the visible sender."""
        return addresses.domain(campaign.sender_address)


def _of_links(seen: Sequence[Lookup], zone: str) -> Iterator[Finding]:
    silent = [each for each in seen if each.state == LinkState.SILENT]
    if len(silent) == len(seen) and len(silent) > 1:
        message = "{count} links were not checked: nobody answered ({at})."
        yield warning(
            "links-unchecked",
            message=message,
            remedy="Is there a network here? Open them yourself, or check again.",
            count=len(silent),
            at=_local(seen[0], zone),
        )
        return
    for each in seen:
        yield from _of_link(each, zone)


def _of_link(seen: Lookup, zone: str) -> Iterator[Finding]:
    url, at = seen.subject, _local(seen, zone)
    if seen.state == LinkState.DEAD and seen.detail:
        message = "The link {url} leads nowhere: its server answers {status} ({at})."
        remedy = "Mend the address, then check the links again."
        yield blocking(
            "dead-link", message=message, remedy=remedy, about=url, url=url, status=seen.detail, at=at
        )
    elif seen.state == LinkState.DEAD:
        message = "The link {url} leads nowhere: there is no server of that name ({at})."
        remedy = "Mend the address, then check the links again."
        yield blocking("dead-link", message=message, remedy=remedy, about=url, url=url, at=at)
    elif seen.state == LinkState.MOVED:
        message, remedy = (
            "The link {url} leads on to {target}.",
            "Write that address, if it is meant to last.",
        )
        yield warning(
            "redirected-link", message=message, remedy=remedy, about=url, url=url, target=seen.detail
        )
    elif seen.state == LinkState.ODD:
        message = "The server of {url} answers {status} ({at}): it may refuse programs, or be out of order."
        yield warning(
            "doubtful-link",
            message=message,
            remedy="Open it yourself.",
            about=url,
            url=url,
            status=seen.detail,
            at=at,
        )
    elif seen.state in _UNFOLLOWED:
        code, message, remedy = _UNFOLLOWED[LinkState(seen.state)]
        yield warning(code, message=message, remedy=remedy, about=url, url=url, at=at)


def _unfollowed(code: str, *, message: str, remedy: str) -> tuple[str, str, str]:
    return code, message, remedy


_UNFOLLOWED = {
    LinkState.SILENT: _unfollowed(
        "unchecked-link",
        message="The link {url} was not checked: nobody answered ({at}).",
        remedy="Open it yourself, or check again later.",
    ),
    LinkState.PRIVATE: _unfollowed(
        "private-link",
        message="The link {url} was not followed: seen from here it leads into a private network.",
        remedy="Open it from elsewhere: can readers reach it?",
    ),
    LinkState.UNFIT: _unfollowed(
        "unfit-link",
        message="The link {url} was not followed: it holds a password, an unusual port, or numbers instead of a name.",
        remedy="Write an address that anybody may open.",
    ),
    LinkState.CERTIFICATE: _unfollowed(
        "certificate-link",
        message="The server of {url} does not prove who it is: browsers may warn people.",
        remedy="Tell whoever looks after that site.",
    ),
    LinkState.RESERVED: _unfollowed(
        "example-link",
        message="The link {url} is an address for examples, which exists nowhere.",
        remedy="Write the real one.",
    ),
}


def _of_domain(domain: str, states: dict[Proof, DomainState]) -> Iterator[Finding]:
    if states and all(state is DomainState.UNKNOWN for state in states.values()):
        message = "Whether SPF, DKIM and DMARC vouch for {domain} is not known: nobody answered."
        yield warning("domain-unchecked", message=message, remedy="Check again later.", domain=domain)
    if states.get(Proof.SPF) is DomainState.MISSING:
        message, remedy = "{domain} has no SPF record: many receivers refuse its mail.", _ASK
        yield warning("no-spf", message=message, remedy=remedy, domain=domain)
    if states.get(Proof.SPF) is DomainState.MANY:
        message = "{domain} has more than one SPF record: receivers then read none."
        yield warning("many-spf", message=message, remedy="Make one of them.", domain=domain)
    if states.get(Proof.DKIM) is DomainState.MISSING:
        message, remedy = "No DKIM key is to be seen under {domain}: its mail cannot be signed for it.", _ASK
        yield warning("no-dkim", message=message, remedy=remedy, domain=domain)
    if states.get(Proof.DMARC) is DomainState.MISSING:
        message, remedy = "{domain} has no DMARC record: large receivers ask for one.", _ASK
        yield warning("no-dmarc", message=message, remedy=remedy, domain=domain)


def _local(seen: Lookup, zone: str) -> str:
    return seen.looked_at.astimezone(ZoneInfo(zone)).strftime(_LOCAL)
