"""A mail to who writes, when the letter of a planned day is not scheduled shortly before its hour.

Claimed before the first byte, so that it never leaves twice; one that the provider refuses is not repeated, for the
desk says the same on its first page.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import structlog

from mailer import rendering
from mailer.addresses import domain
from mailer.app import slots
from mailer.clock import Clock
from mailer.errors import MailerError
from mailer.i18n import Translator
from mailer.model.accounts import User
from mailer.model.ledger import TAKEN
from mailer.model.mail import Envelope, Mailbox, Message
from mailer.model.workspace import Campaign, Issue
from mailer.providers import Outlet
from mailer.settings import Settings
from mailer.store import Store, Tx, accounts, installation, planned_days, sends
from mailer.tokens import random_bytes

_log = structlog.get_logger()
#: How far a letter may stand from its planned hour and still be the one of that week.
_MOVED = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A planned day whose letter, if there is one, is not scheduled; `at` is its local hour."""

    campaign: Campaign
    planned_on: date
    issue: Issue | None
    at: datetime


class Reminders:
    """The mails of one installation."""

    def __init__(self, settings: Settings, store: Store, clock: Clock, provider: Outlet) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._provider = provider

    def remind(self, campaign: Campaign) -> None:
        """Write to who writes, once for each planned day, where it is time and the letter is not scheduled."""
        plan = campaign.plan
        assert plan is not None
        now = self._clock.now().astimezone(ZoneInfo(campaign.zone)).replace(tzinfo=None)
        until = now + timedelta(days=plan.remind_days)
        # A letter may have been moved within its week: its own hour counts.
        hours = slots.hours_between(plan, now - _MOVED, until + _MOVED)
        with self._store.read() as tx:
            found = [_waiting(tx, campaign, hour) for hour in hours]
        for waiting in found:
            if waiting is not None and now < waiting.at <= until:
                self._hand_over(waiting)

    def _hand_over(self, waiting: Waiting) -> None:
        for user in self._claim(waiting):
            try:
                self._provider.send([self._message(waiting, user)], attempt_key=uuid4())
            except MailerError as error:
                _log.warning("reminder not accepted", user=user.id, reason=type(error).__name__)

    def _claim(self, waiting: Waiting) -> list[User]:
        """Who is to be written to; nobody where it was done, or in a copied database."""
        with self._store.write() as tx:
            at, slug = self._clock.now(), waiting.campaign.slug
            is_ours = installation.is_ours(tx, self._settings.state, at=at)
            claimed = is_ours and planned_days.note_reminded(tx, slug, waiting.planned_on, at=at)
            users = accounts.writers(tx) if claimed else []
        installation.confirm(self._store, self._settings.state)
        return users

    def _message(self, waiting: Waiting, user: User) -> Message:
        campaign, network = waiting.campaign, self._settings.network
        t = Translator(user.language, campaign.zone)
        key = random_bytes(16).hex()[:26]
        envelope = Envelope(
            key=key,
            domain=self._settings.provider.domain or domain(campaign.sender_address),
            sender=Mailbox(campaign.sender_name, campaign.sender_address),
            to=Mailbox(user.name, user.address),
            reply_to=campaign.reply_to,
            date=self._clock.now(),
        )
        notice = _notice(t, waiting, self._settings.base_url)
        foot = tuple(each for each in (network.name, network.postal_address) if each)
        return rendering.notice_message(replace(notice, foot=foot), envelope, tag=f"reminder-{key[:8]}")


def _notice(t: Translator, waiting: Waiting, base_url: str) -> rendering.Notice:
    campaign, issue = waiting.campaign, waiting.issue
    planned = t(
        "It is planned for {when}.", when=t.instant(waiting.at.replace(tzinfo=ZoneInfo(campaign.zone)))
    )
    if issue is None:
        return rendering.Notice(
            language=t.language,
            subject=t("{name} is not prepared", name=campaign.title),
            paragraphs=(planned, t("No letter is dated in that week yet.")),
            label=t("Open the calendar"),
            url=f"{base_url}/calendrier?mois={waiting.at:%Y-%m}",
        )
    name = f"{campaign.title} {t('no. {number}', number=issue.number)}" if issue.number else issue.subject
    return rendering.Notice(
        language=t.language,
        subject=t("{name} is not scheduled", name=name),
        paragraphs=(planned, t("Nothing leaves before somebody has read and scheduled it.")),
        label=t("Open the letter"),
        url=f"{base_url}/lettres/{issue.ref}",
    )


def _waiting(tx: Tx, campaign: Campaign, hour: datetime) -> Waiting | None:
    """The planned day, where nobody was reminded of it and its letter is not scheduled."""
    day = planned_days.find(tx, campaign.slug, hour.date())
    if day is not None and day.reminded_at is not None:
        return None
    if day is not None and day.prepared_at is not None:
        issue = campaign.issues.get(day.issue)
        if issue is None:  # somebody deleted it: there is none this week
            return None
    else:
        issue = _of_week(campaign, hour)
    send = sends.latest(tx, issue.ref) if issue else None
    if send is not None and send.state in TAKEN:
        return None
    return Waiting(campaign, hour.date(), issue, (issue and issue.send_at) or hour)


def _of_week(campaign: Campaign, hour: datetime) -> Issue | None:
    week = slots.monday(hour.date())
    dated = [each for each in campaign.issues.values() if each.send_at and not each.erratum_of]
    return next((each for each in dated if each.send_at and slots.monday(each.send_at.date()) == week), None)
