"""The letter that invites those who ask for a members' letter without being members.

Its audience and its campaign are files of their own, made the first time: nothing of the members' campaign is in it,
and nothing leaves before somebody has approved it.
"""

from dataclasses import dataclass, replace

from mailer import segments, workspace
from mailer.app import editions, local_days
from mailer.app.insiders import is_for_members
from mailer.app.issues import DRAFT, WRITABLE
from mailer.app.mailer import Mailer
from mailer.app.new_letters import begun, free_slug, write_new
from mailer.app.versions import Change
from mailer.clock import local_date
from mailer.errors import InputError, RefusedError
from mailer.i18n import Translator, marked
from mailer.model.ledger import SendState
from mailer.model.segment import Segment
from mailer.model.workspace import Block, Campaign, Issue, Workspace
from mailer.store import acts, sends

#: The states in which an invitation has not left: no other one is begun beside it.
_TO_COME = WRITABLE | {SendState.SCHEDULED, SendState.HELD}
_LAYOUT = "mailing"
_GREETING = marked("Hello {name},")
_COLLEAGUE = marked("dear colleague")
_TEXT = marked(
    "You asked to receive “{title}”, the letter for the members of our network. Your authority is not a member "
    "today, so it does not reach you.\n\nJoining opens the letter, the meetings and the resources of the network to "
    "all your colleagues."
)
_QUESTION = marked("May we call you, or would you rather write to us at [{contact}](mailto:{contact})?")
_SIGNED = marked("Yours sincerely,  \n{network}")


@dataclass(frozen=True, slots=True)
class Invitation:
    """The letter that invites, as `campaign/issue`: begun by this click or there already, to be written or only read."""

    ref: str
    is_new: bool
    is_writable: bool


def campaign_of(found: Workspace, slug: str) -> Campaign | None:
    """The campaign for members whose audience this is; None where it is open to all, or nobody uses it."""
    users = (each for each in found.campaigns.values() if each.segment == slug and not each.invites)
    return next((each for each in users if is_for_members(found, each)), None)


def prepare(mailer: Mailer, slug: str, *, by: str) -> Invitation:
    """The letter that invites whoever asks in vain for the letter of this audience.

    The one that is there already, with its audience as it is, where it has not left; otherwise one is begun. Raises
    RefusedError where nobody asks in vain.
    """
    editions.find_segment(mailer.settings, slug)  # tells what is wrong with its file
    found, _ = mailer.workspace()
    asked = campaign_of(found, slug)
    if asked is None:
        raise InputError(
            "No campaign for members uses the segment {segment}: nobody asks in vain.", segment=slug
        )
    if present := _to_come(mailer, _inviting(found, asked)):
        return present
    segment = _segment(found, asked)
    _require_somebody(mailer, segment, asked)
    _save_segment(mailer, segment)
    ref = _begin_draft(mailer, _campaign(mailer, found, asked), asked, by=by)
    return Invitation(ref, is_new=True, is_writable=True)


def _segment(found: Workspace, asked: Campaign) -> Segment:
    t = Translator(asked.language, asked.zone)
    return workspace.invited_segment(
        found.segments[asked.segment],
        title=t("To invite: ask for “{title}” without being members", title=asked.title),
        description=t(
            "Made from the audience {segment}, and made anew with each invitation.", segment=asked.segment
        ),
    )


def _require_somebody(mailer: Mailer, segment: Segment, asked: Campaign) -> None:
    found, _ = mailer.workspace()
    whole, problems = segments.expand(segment, found.segments)
    today = local_days.today(mailer)
    with mailer.store.read() as tx:
        if problems or not segments.resolve(tx, whole, topic=asked.topic, day=today).count:
            raise RefusedError(
                "Nobody asks for “{title}” without being a member: there is nobody to invite.",
                title=asked.title,
            )


def _save_segment(mailer: Mailer, wanted: Segment) -> None:
    """The rule as the audience of members has it today, under the title that somebody may have given its file."""
    root = mailer.settings.workspace
    text = workspace.segment_text(root, wanted.slug)
    present = mailer.workspace()[0].segments.get(wanted.slug)
    if text is not None and present is not None:
        wanted = workspace.renewed(present, wanted)
    workspace.save_segment(root, wanted, expected=workspace.fingerprint(text))


def _inviting(found: Workspace, asked: Campaign) -> Campaign | None:
    wanted = f"{asked.segment}-a-inviter"
    users = (each for each in found.campaigns.values() if each.segment == wanted)
    return next((each for each in users if each.invites == asked.slug), None)


def _campaign(mailer: Mailer, found: Workspace, asked: Campaign) -> Campaign:
    """The campaign that invites for this one, made where there is none."""
    if present := _inviting(found, asked):
        return present
    t = Translator(asked.language, asked.zone)
    made = workspace.invitation_campaign(
        asked,
        title=t("Invitations to join: {title}", title=asked.title),
        description=t("To people who ask for “{title}” without being members.", title=asked.title),
        layout=_LAYOUT if _LAYOUT in found.templates.layouts else asked.layout,
    )
    workspace.create_campaign(mailer.settings.workspace, made)
    return made


def _to_come(mailer: Mailer, inviting: Campaign | None) -> Invitation | None:
    """The latest letter of the campaign, where it has not left."""
    latest = max(inviting.issues, default=None) if inviting else None
    if inviting is None or latest is None:
        return None
    ref = f"{inviting.slug}/{latest}"
    with mailer.store.read() as tx:
        send = sends.latest(tx, ref)
    state = send.state if send else DRAFT
    return Invitation(ref, is_new=False, is_writable=state in WRITABLE) if state in _TO_COME else None


def _begin_draft(mailer: Mailer, inviting: Campaign, asked: Campaign, *, by: str) -> str:
    """A copy of the last invitation with what somebody made of it, else the frame."""
    now = mailer.clock.now()
    day = local_date(now, inviting.zone)
    slug = free_slug(f"{day.isoformat()}-invitation", inviting.issues)
    last = inviting.issues[max(inviting.issues)] if inviting.issues else _frame(mailer, inviting, asked)
    issue = replace(begun(inviting, slug, last, at=None), number=None)
    write_new(mailer.settings, issue)
    mailer.composer.versions(issue.ref).note(
        mailer.composer.text(issue.ref), at=now, by=by, change=Change.CREATED
    )
    with mailer.store.write() as tx:
        acts.record(tx, at=now, by=by, act="create", object=issue.ref, detail="invitation")
    return issue.ref


def _frame(mailer: Mailer, inviting: Campaign, asked: Campaign) -> Issue:
    """What the first invitation begins as: a greeting, why they get it, what joining opens, whom to ask."""
    t = Translator(inviting.language, inviting.zone)
    network = mailer.settings.network
    said = {"title": asked.title, "network": network.name, "contact": network.contact}
    name = f"{{{{ first_name | {t(_COLLEAGUE)} }}}}"
    blocks = [Block("text", body=f"{t(_GREETING, name=name)}\n\n{t(_TEXT, **said)}")]
    if network.website:
        blocks.append(Block("button", {"link": network.website, "label": t("Discover the network")}))
    end = [t(_QUESTION, **said)] if network.contact else []
    blocks.append(Block("text", body="\n\n".join([*end, t(_SIGNED, **said)])))
    return Issue(
        campaign=inviting.slug,
        slug="",
        path=inviting.path.with_name("cadre.md"),
        subject=t("You ask for “{title}”: join us", title=asked.title),
        preheader=t("What joining the network opens to you and your colleagues"),
        blocks=tuple(blocks),
    )
