"""Words of the calendar: what a move did or would do, whom two letters share, school zones, where a planned day begins."""

from datetime import datetime
from urllib.parse import urlencode

from mailer.app import IssueSummary
from mailer.app.collisions import Collision
from mailer.app.school_years import ZONES
from mailer.app.slots import Slot
from mailer.i18n import Translator, marked
from mailer.model.ledger import Approval
from mailer.web.words import full_day_and_hour, letter_name

MOVED = {
    "moved": marked("{name} is moved: it stays scheduled and leaves on {when}."),
    "dated": marked("{name} is moved to {when}. It is a draft: it leaves once somebody schedules it."),
    "voided": marked(
        "{name} is moved to {when}. Its approval no longer holds, so that nothing leaves: have it approved for this hour,"
        " then schedule it."
    ),
}
LOOKS = {"moved": "ok", "dated": "ok", "voided": "warn"}


def moved(t: Translator, outcome: str, summary: IssueSummary) -> str:
    """How a letter stands that was just moved."""
    at = summary.local_at(summary.campaign.zone)
    return t(MOVED[outcome], name=letter_name(t, summary), when=full_day_and_hour(t, at) if at else "–")


def at_stake(t: Translator, approval: Approval, summary: IssueSummary) -> str:
    """Which approval another hour voids, and what becomes of the departure."""
    hour = full_day_and_hour(t, datetime.fromisoformat(approval.local_at))
    said = t(
        "{name} approved it for {hour}. At another hour this approval no longer holds.",
        name=approval.approved_by,
        hour=hour,
    )
    if summary.state != "scheduled":
        return said
    return f"{said} {t('The departure is taken back; the letter must be approved and scheduled again.')}"


def collision(t: Translator, found: Collision) -> str:
    """Newsletter n° 64 and Flash hebdo n° 47: 1 214 people would get both."""
    return t.plural(
        "{first} and {second}: {count} person would get both.",
        "{first} and {second}: {count} people would get both.",
        found.people,
        first=letter_name(t, found.first),
        second=letter_name(t, found.second),
    )


def zones(t: Translator, found: tuple[str, ...]) -> str:
    """Which zones have school holidays."""
    if found == ZONES:
        return t("School holidays")
    return t("School holidays {zones}", zones=", ".join(found))


def begin(slot: Slot) -> str:
    """The page that begins the letter of a planned day, from its frame."""
    slug, frame = slot.campaign.slug, slot.campaign.frame
    wanted = {"campagne": slug, "jour": slot.at.date().isoformat(), "heure": f"{slot.at:%H:%M}"}
    return f"/nouvelle-lettre?{urlencode(wanted | ({'comme': frame.ref} if frame else {}))}"
