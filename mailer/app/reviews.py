"""Having a letter read before it leaves: proofs to a group, links for readers without an account, what they answered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from mailer import freezing, workspace
from mailer.addresses import normalise
from mailer.app import editions
from mailer.app.compiler import Compiler
from mailer.app.insiders import require_insiders
from mailer.app.proofs import send_proof
from mailer.app.remarks import positions, titles
from mailer.clock import Clock
from mailer.errors import InputError, NotFoundError, ProviderHalt, RefusedError
from mailer.freezing import Standing, reviewing
from mailer.model.ledger import Snapshot
from mailer.model.mail import Person
from mailer.model.proofs import ProofLink, Remark
from mailer.model.workspace import Campaign, Compiled, Issue, Workspace
from mailer.providers import Outlet
from mailer.settings import Settings
from mailer.store import Store, Tx, acts, administering, proofs
from mailer.tokens import Purpose, Signer, random_bytes

#: How long a link lasts unless somebody says otherwise, and at the most.
DAYS, MOST_DAYS = 14, 90


def nobody(_: str) -> bool:
    """No reader: what a proof without more says of who may approve by it."""
    return False


@dataclass(frozen=True, slots=True)
class Said:
    """A remark with the block it is about, and whether the letter is still what was read."""

    remark: Remark
    block: str
    is_present: bool
    #: Where its block is now, from 1; None: the letter as a whole, or a block that is gone.
    position: int | None


@dataclass(frozen=True, slots=True)
class Review:
    """What the page of a letter shows of its readers. `standing` is None where the rule of the audience is broken."""

    standing: Standing | None
    said: tuple[Said, ...]
    links: tuple[ProofLink, ...]
    #: Those that still work, with their addresses; the address of a link that may approve is only there for who may.
    open_links: tuple[tuple[ProofLink, str], ...]
    proof_to: tuple[str, ...]
    #: The hour of the file, to be compared with that of an approval.
    wished: str
    #: The open links to the letter as it is now.
    current: tuple[ProofLink, ...]

    @property
    def waiting(self) -> tuple[Said, ...]:
        """The remarks that nobody has answered."""
        return tuple(each for each in self.said if each.remark.done_at is None)

    def maker(self, link_id: str) -> str:
        """Who made the link that an answer came by; empty for a user of the desk."""
        return next((each.made_by for each in self.links if each.public_id == link_id), "")


class Reviews:
    """Safe to share between threads."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        signer: Signer,
        clock: Clock,
        provider: Outlet,
        compiler: Compiler,
    ) -> None:
        self._settings = settings
        self._store = store
        self._signer = signer
        self._clock = clock
        self._provider = provider
        self._compiler = compiler

    def group(self, campaign: Campaign) -> tuple[str, ...]:
        """Who gets the proofs of a campaign when nobody else is named."""
        return campaign.proof_to or tuple(self._settings.proof_to)

    def send_proofs(
        self,
        ref: str,
        *,
        to: Sequence[str],
        by: str,
        person: Callable[[str], Person],
        with_link: bool = False,
        may_approve: Callable[[str], bool] = nobody,
        told: Callable[[str], object] = nobody,
    ) -> list[str]:
        """One copy of the same version to each address, by default to the campaign's group; gives the addresses.

        `with_link` puts a link of the reader's own on top; `may_approve` says of each whether it may approve, `told`
        is called with each whose copy has left. Raises AddressError, and RefusedError where a members-only letter would go
        to a stranger, before any has; ProviderHalt at the first that is not taken: the link of that one is withdrawn.
        """
        found, campaign, issue = editions.find(self._settings, ref)
        group = self.group(campaign)
        addresses = list(dict.fromkeys(normalise(each) for each in to or group))
        if not addresses:
            raise InputError("Nobody is named to read the proof: give an address, or write proof_to.")
        with self._store.read() as tx:
            require_insiders(tx, found, campaign, issue, addresses, group=group)
        ready = self._compiler(found, campaign, issue)
        for address in addresses:
            preview = editions.previewed(self._settings, found, campaign, issue, ready, person(address))
            url = ""
            if with_link:
                link = self._make(
                    found, campaign, issue, ready, by=by, reader=address, may_approve=may_approve(address)
                )
                url = self.url(link)
            try:
                send_proof(
                    self._provider, preview, campaign, self._settings, at=self._clock.now(), review_url=url
                )
            except ProviderHalt:
                if with_link:
                    self.withdraw(ref, link.public_id, by=by, may_approve=True)
                raise
            told(address)
            with self._store.write() as tx:
                acts.record(tx, at=self._clock.now(), by=by, act=acts.PROOF, object=ref, detail=address)
        return addresses

    def make_link(
        self,
        ref: str,
        *,
        by: str,
        may_approve: bool,
        reader: str = "",
        at: str | None = None,
        days: int = DAYS,
    ) -> ProofLink:
        """A link to the letter as it is now, which is frozen for it; without an hour nobody can approve by it."""
        found, campaign, issue = editions.find(self._settings, ref)
        ready = self._compiler(found, campaign, issue)
        return self._make(
            found,
            campaign,
            issue,
            ready,
            by=by,
            reader=reader,
            may_approve=may_approve,
            at=at,
            days=days,
        )

    def withdraw(self, ref: str, public_id: str, *, by: str, may_approve: bool) -> None:
        """End a link of this letter at once; one that may approve, only where whoever asks may too."""
        campaign, _, issue = ref.partition("/")
        with self._store.write() as tx:
            now = self._clock.now()
            link = proofs.find_link(tx, public_id)
            if link is not None and link.may_approve and not may_approve:
                raise RefusedError("By this link the letter can be approved: only an approver withdraws it.")
            if not proofs.withdraw(tx, public_id, campaign=campaign, issue=issue, at=now):
                raise NotFoundError("This link is not open.")
            acts.record(tx, at=now, by=by, act="withdraw-link", object=ref)

    def url(self, link: ProofLink) -> str:
        return self._signer.url(self._settings.base_url, Purpose.PROOF, reviewing.payload(link))

    def of(
        self,
        campaign: Campaign,
        issue: Issue,
        compiled: Compiled | None,
        *,
        may_approve: bool,
        found: Workspace | None = None,
    ) -> Review:
        """Everything that readers answered; `compiled` is the letter as it is now, None where it cannot be compiled.

        Whoever has the address of a link that may approve can approve by it: `may_approve` says whether they may.
        """
        found = found or workspace.load(self._settings.workspace)[0]
        with self._store.read() as tx:
            now = self._draft(tx, found, campaign, issue, compiled) if compiled else None
            links = proofs.links_of(tx, campaign=campaign.slug, issue=issue.slug)
            said = proofs.remarks_of(tx, campaign=campaign.slug, issue=issue.slug)
            versions = proofs.hashes(tx, [each.snapshot_id for each in links])
            standing = freezing.standing(tx, now) if now else None
        by_id = {each.public_id: each for each in links}
        here = now.content_hash if now else ""
        present = titles(found.templates, campaign, issue)
        return Review(
            standing=standing,
            said=tuple(_said(each, by_id[each.link_id], versions, here, present) for each in said),
            links=tuple(links),
            open_links=tuple(
                (each, self.url(each) if may_approve or not each.may_approve else "")
                for each in links
                if self._is_open(each)
            ),
            proof_to=self.group(campaign),
            wished=editions.wished_hour(issue) if issue.send_at else "",
            current=tuple(
                each for each in links if self._is_open(each) and versions.get(each.snapshot_id) == here
            ),
        )

    def _is_open(self, link: ProofLink) -> bool:
        return link.withdrawn_at is None and link.expires_at > self._clock.now()

    def _make(
        self,
        found: Workspace,
        campaign: Campaign,
        issue: Issue,
        compiled: Compiled,
        *,
        by: str,
        reader: str,
        may_approve: bool,
        at: str | None = None,
        days: int = DAYS,
    ) -> ProofLink:
        if not 1 <= days <= MOST_DAYS:
            raise InputError("A link lasts from 1 to {most} days.", most=MOST_DAYS)
        wished = editions.wished_hour(issue) if issue.send_at else ""
        local_at = editions.local_hour(at) if at else wished
        now, reader = self._clock.now(), " ".join(reader.split())[: reviewing.MOST_READER]
        with self._store.write() as tx:
            snapshot = freezing.freeze(
                tx,
                campaign=campaign,
                issue=issue,
                segment=editions.whole_segment(found, campaign.segment),
                compiled=compiled,
                state=self._settings.state,
                at=now,
                by=by,
            )
            assert snapshot.id is not None
            link = ProofLink(
                public_id=random_bytes(12).hex(),
                campaign=campaign.slug,
                issue=issue.slug,
                snapshot_id=snapshot.id,
                local_at=local_at,
                reader=reader,
                blocks=titles(found.templates, campaign, issue),
                may_approve=may_approve
                and bool(local_at)
                and not administering.is_kept_from_approving(tx, reader),
                made_by=by,
                made_at=now,
                expires_at=now + timedelta(days=days),
            )
            proofs.create_link(tx, link)
            acts.record(tx, at=now, by=by, act="link", object=issue.ref)
        return link

    def _draft(
        self, tx: Tx, found: Workspace, campaign: Campaign, issue: Issue, compiled: Compiled
    ) -> Snapshot | None:
        segment = editions.sound_segment(found, campaign)
        if segment is None:
            return None
        return freezing.draft(
            tx,
            campaign=campaign,
            issue=issue,
            segment=segment,
            compiled=compiled,
            at=self._clock.now(),
            by="",
        )


def _said(remark: Remark, link: ProofLink, versions: dict[int, str], here: str, present: list[str]) -> Said:
    number = remark.block or 0
    return Said(
        remark=remark,
        block=link.blocks[number - 1] if 0 < number <= len(link.blocks) else "",
        is_present=versions.get(link.snapshot_id) == here,
        position=positions(link.blocks, present).get(number),
    )
