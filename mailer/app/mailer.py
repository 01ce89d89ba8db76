"""`Mailer`: every act an officer, a command or the scheduler may ask for."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from mailer import importing, reporting, segments, sending, tracking, workspace
from mailer.addresses import normalise
from mailer.app import editions, fileless, observing, ticking
from mailer.app.account_mails import AccountMails
from mailer.app.advances import Seen, unseen
from mailer.app.checking import Checking
from mailer.app.compiler import Compiler
from mailer.app.composing import Composer
from mailer.app.departures import Departures
from mailer.app.digests import Digests
from mailer.app.errata import prepare_erratum
from mailer.app.events import Events
from mailer.app.imports import Imports
from mailer.app.issues import IssueSummary
from mailer.app.measures import Measures
from mailer.app.moving import Moves
from mailer.app.outside import Outside
from mailer.app.paced import Paced
from mailer.app.preview import Preview
from mailer.app.receivers import Receivers
from mailer.app.reviews import Reviews, nobody
from mailer.app.rhythms import Rhythms
from mailer.app.running import Running
from mailer.app.signups import Signups
from mailer.app.topics import TopicTitles
from mailer.clock import Clock, local_date
from mailer.errors import Problem
from mailer.i18n import Translator
from mailer.model.mail import Person
from mailer.model.receivers import ReceiverCount
from mailer.model.report import Report
from mailer.model.segment import Audience, Segment
from mailer.model.workspace import Campaign, Compiled, Issue, Workspace
from mailer.providers import Provider
from mailer.rendering import Confinement
from mailer.sending import UNATTENDED, Answers
from mailer.settings import Settings
from mailer.store import Store, acts, contacts
from mailer.tokens import Signer


class Mailer:
    """One installation: its settings, its database, its provider. Safe to share between threads."""

    def __init__(
        self,
        settings: Settings,
        *,
        store: Store,
        signer: Signer,
        clock: Clock,
        provider: Provider,
        confinement: Confinement | None = None,
    ) -> None:
        self.settings = settings
        self.store = store
        self.signer = signer
        self.clock = clock
        self.provider = provider
        self.compiler = Compiler(settings, signer, confinement)
        self.topics = TopicTitles(settings.workspace)
        #: For mails outside of every ledger.
        paced = Paced(provider, store=store, settings=settings.provider, clock=clock)
        self.signups = Signups(
            settings, store=store, signer=signer, clock=clock, provider=paced, topics=self.topics
        )
        #: Invitations to the desk, and links for lost passwords.
        self.account_mails = AccountMails(
            settings, store=store, signer=signer, clock=clock, provider=paced, topics=self.topics
        )
        self.imports = Imports(settings, store, signer, clock, self.topics)
        #: Figures by mail, two days after a letter left.
        self.digests = Digests(settings, store, signer, clock, paced)
        #: Opens and clicks on their way to the database; the web application starts and stops it.
        self.hits = tracking.Hits(store, signer, clock)
        self.collector = tracking.Collector(store, provider, clock)
        self.receivers = Receivers(store)
        #: Proofs, links for readers without an account, and what they answered.
        self.reviews = Reviews(settings, store, signer, clock, paced, self.compiler)
        #: Whether links answer and what vouches for senders, as far as somebody has asked.
        self.outside = Outside(settings, store, clock)
        #: Letters side by side: comparisons, campaigns, years.
        self.measures = Measures(settings, store, clock)
        #: Approving and scheduling: everything before the sender takes over.
        self.departures = Departures(settings, store, clock, self.outside, self.compiler)
        #: Events that the network announces, and their letters.
        self.events = Events(settings, store, clock, self.compiler)
        #: Writing issues at the desk: everything before a departure.
        self.composer = Composer(settings, store, clock, self.outside, self.compiler)
        #: Letters moved between days.
        self.moves = Moves(settings, store, clock, self.compiler, self.composer)
        #: The planned days of weekly campaigns: the next letter prepared, its writers reminded.
        self.rhythms = Rhythms(settings, store, clock, self.composer, paced)
        #: When the heartbeat of this process ticked last; None where another process has it.
        self.ticked_at: datetime | None = None
        self._stopping = threading.Event()
        self.sender = sending.Sender(
            store=store,
            settings=settings,
            signer=signer,
            clock=clock,
            provider=provider,
            stopping=self._stopping,
        )
        #: Letters on their way, and what people decide about them.
        self.running = Running(settings, store, clock, self.sender)

    def translator(self, language: str | None = None) -> Translator:
        return Translator(language or self.settings.language, self.settings.time_zone)

    # --- files ------------------------------------------------------------------------------------

    def workspace(self) -> tuple[Workspace, list[Problem]]:
        """The three folders as they are now, and every mistake in them."""
        return workspace.load(self.settings.workspace)

    def find(self, ref: str) -> tuple[Workspace, Campaign, Issue]:
        """The issue named `campaign/issue`; raises NotFoundError, or WorkspaceError where its file is broken."""
        return editions.find(self.settings, ref)

    def issues(self) -> list[IssueSummary]:
        """Every issue of every campaign, the newest first, with its latest send; also what is on its way without a file."""
        found, _ = self.workspace()
        with self.store.read() as tx:
            return fileless.with_departures(tx, found)

    def check(self, *, look: bool = False) -> list[Problem]:
        """Everything that is wrong in the workspace, down to the finished mails; `look` asks the network anew."""
        checking = Checking(
            self.settings, self.store, self.clock, self.outside, self.receivers, self.compiler
        )
        return checking.problems(look=look)

    # --- people -----------------------------------------------------------------------------------

    def import_file(
        self,
        kind: str,
        path: Path,
        *,
        by: str,
        dry_run: bool = False,
        columns: Mapping[str, str] | None = None,
        reading: importing.Reading = importing.GUESSED,
        seen: Seen = unseen,
    ) -> importing.ImportReport:
        """Import `organisations`, `exclusions` or `contacts` in one transaction.

        `columns` names some by hand: our name -> heading, empty to leave it out.
        """
        file = self.imports.prepare(kind, path, named=columns, reading=reading)
        if dry_run:
            return self.imports.look(file, seen=seen)
        return self.imports.carry_out(file, by=by, seen=seen)

    def audience(self, slug: str, *, topic: str | None = None, language: str | None = None) -> Audience:
        """The people a segment names now, with the reasons of those it leaves out."""
        segment, chosen = editions.find_segment(self.settings, slug, topic=topic)
        return self.resolve(segment, topic=chosen, language=language)

    def resolve(self, segment: Segment, *, topic: str, language: str | None = None) -> Audience:
        with self.store.read() as tx:
            today = local_date(self.clock.now(), self.settings.time_zone)
            return segments.explain(
                tx, segment, topic=topic, day=today, language=language or self.settings.language
            )

    # --- one issue --------------------------------------------------------------------------------

    def compile(self, ref: str) -> Compiled:
        return self.compiler(*self.find(ref))

    def preview(self, ref: str, *, person: Person = editions.READER) -> Preview:
        """The issue as this person would get it; nothing is recorded."""
        found, campaign, issue = self.find(ref)
        ready = self.compiler(found, campaign, issue)
        preview = editions.previewed(self.settings, found, campaign, issue, ready, person)
        more = (
            *editions.warnings(self.settings, campaign, issue),
            *workspace.event_obstacles(campaign, issue),
            *self.outside.problems(ready, campaign, issue, found.templates),
        )
        return replace(preview, problems=(*preview.problems, *more))

    def look_outside(self, ref: str, *, by: str) -> None:
        """Ask whether the issue's links answer and what vouches for its sender; takes seconds, needs a network."""
        found, campaign, issue = self.find(ref)
        self.outside.look(self.compiler(found, campaign, issue), campaign)
        with self.store.write() as tx:
            acts.record(tx, at=self.clock.now(), by=by, act="look-up", object=ref)

    def send_proof(
        self,
        ref: str,
        *,
        to: Sequence[str] = (),
        by: str,
        with_link: bool = False,
        may_approve: Callable[[str], bool] = nobody,
        told: Callable[[str], object] = nobody,
    ) -> list[str]:
        """Hand one copy to each, marked as a proof, to the provider; not part of any ledger. Gives the addresses."""
        return self.reviews.send_proofs(
            ref, to=to, by=by, person=self.person, with_link=with_link, may_approve=may_approve, told=told
        )

    def prepare_erratum(self, ref: str, *, by: str) -> Issue:
        """The draft of an erratum of this letter, to be filled in; safe to repeat."""
        return prepare_erratum(self.settings, self.store, ref, by=by, at=self.clock.now())

    def send_now(
        self,
        ref: str,
        *,
        by: str,
        progress: Callable[[sending.Progress], None] | None = None,
        answers: Answers = UNATTENDED,
    ) -> sending.SendSummary:
        """Send at once, or go on with a send of this issue that was interrupted; blocks until nothing is left."""
        send = self.running.unfinished(ref)
        if send is None:
            send = self.departures.schedule(ref, by=by, now=True, answers=answers)
        else:
            self.departures.require_now(send)
            if answers.recipients is not None:
                count = send.planned if send.started_at else self.departures.foresee(ref).count
                sending.require_number(count, answers, must_type=False)
        assert send.id is not None
        return self.sender.run(send.id, progress=progress, start_now=True)

    def status(self, ref: str | None = None) -> list[IssueSummary]:
        """Every issue that was ever scheduled, or the one asked for."""
        if ref is not None:
            self.find(ref)
        return [each for each in self.issues() if (each.ref == ref if ref else each.send is not None)]

    def report(self, ref: str) -> Report:
        with self.store.read() as tx:
            send = self.running.latest(tx, ref)
            assert send.id is not None
            return reporting.report(tx, send.id, at=self.clock.now())

    def recipients_by_receiver(self, ref: str) -> tuple[ReceiverCount, ...]:
        """Who keeps the mailboxes of the people whom the latest send of this issue targets."""
        with self.store.read() as tx:
            send = self.running.latest(tx, ref)
        assert send.id is not None
        return self.receivers.of_send(send.id)

    # --- the heart --------------------------------------------------------------------------------

    def run_due(self) -> list[sending.SendSummary]:
        """Prepare next letters, hold back what an event has made untrue, start what is due, go on with what was interrupted.

        The sender comes last, for a send may take hours; whatever befalls the others, it runs.
        """
        self.ticked_at = self.clock.now()
        parts: dict[str, Callable[[], object]] = {
            "collect": self.collector.collect,
            "sign-up mails": self.signups.send_waiting,
            "account mails": self.account_mails.send_waiting,
            "rhythms": self.rhythms.tend,
            "events": lambda: observing.observe(self.settings, self.store, self.clock),
            "figures by mail": self.digests.send_due,
            "tallies": self.measures.keep,
        }
        ticking.tend(parts)
        return self.sender.run_due()

    def purge(self) -> None:
        """Drop what must not be kept: see docs/reference/tracking.md, "Keeping"."""
        self.signups.purge()
        self.account_mails.purge()
        with self.store.write() as tx:
            tracking.purge(tx, at=self.clock.now())

    def stop(self) -> None:
        """Ask running sends to stop after the messages in flight."""
        self._stopping.set()

    def close(self) -> None:
        self.compiler.close()
        self.store.close()

    def person(self, address: str) -> Person:
        """What is known of whoever has this address; nothing of somebody who is no contact. Raises AddressError."""
        address = normalise(address)
        with self.store.read() as tx:
            return contacts.find_person(tx, address) or Person(address=address)
