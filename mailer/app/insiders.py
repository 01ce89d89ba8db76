"""Who may have a proof of a members-only letter: the third door beside the mail itself and its web version."""

from collections.abc import Sequence

from mailer import segments
from mailer.addresses import domain
from mailer.errors import RefusedError
from mailer.model.workspace import Campaign, Issue, Workspace
from mailer.store import Tx, accounts, copies


def is_for_members(found: Workspace, campaign: Campaign) -> bool:
    """Whether the campaign, or the audience that it names, has the members-only guard, be it that of another audience.

    So is a campaign whose audience cannot be read at this moment: nobody knows that it is for everybody.
    """
    segment = found.segments.get(campaign.segment)
    guarded = segment is None or segments.is_for_members(segment, found.segments)
    return campaign.members_only or guarded


def require_insiders(
    tx: Tx,
    found: Workspace,
    campaign: Campaign,
    issue: Issue,
    addresses: Sequence[str],
    *,
    group: Sequence[str],
) -> None:
    """Raise RefusedError, and name the first stranger, where the letter is for members only.

    So is one that left for members, or corrects one that did, whatever became of its campaign. Insiders are the accounts
    that may use the desk, the group of proofs, and the addresses of the sender's own domain.
    """
    if not is_for_members(found, campaign) and not _was_for_members(tx, issue):
        return
    own = domain(campaign.sender_address)
    known = {each.lower() for each in group}
    for address in addresses:
        if address.lower() in known or domain(address) == own:
            continue
        user = accounts.find_user(tx, address)
        if user is None or user.disabled_at is not None:
            raise RefusedError(
                "{campaign} is for members only: {address} may not have a proof of it. Proofs go to accounts of the desk, to"
                " addresses of {domain} and to the group of proofs (proof_to).",
                campaign=campaign.title,
                address=address,
                domain=own,
            )


def _was_for_members(tx: Tx, issue: Issue) -> bool:
    named = [each for each in (issue.slug, issue.erratum_of) if each]
    return any(copies.were_for_members(tx, issue.campaign, each) for each in named)
