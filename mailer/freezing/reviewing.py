"""Reading before a letter leaves: a link for somebody without an account, and what they answer.

The token holds the link's random id and the second of its end, signed for this purpose alone (security S9); the row
can end it earlier. A name is what its reader typed: it is shown with whoever made the link.
"""

from datetime import UTC, datetime

from mailer.errors import InputError, RefusedError, TokenError
from mailer.freezing import approvals
from mailer.model.ledger import Snapshot
from mailer.model.proofs import ProofLink, Remark, Verdict
from mailer.store import Tx, acts, administering, proofs, snapshots
from mailer.tokens import Purpose, Signer

#: An address has 254 characters at the most, and a link knows whose account it was sent to.
MOST_READER = 254
MOST_NAME, MOST_TEXT = 100, 3000
_WITHDRAWN = "This link was withdrawn. Ask whoever sent it for another one."


def payload(link: ProofLink) -> bytes:
    """What the token of a link says."""
    return f"{link.public_id}|{int(link.expires_at.timestamp())}".encode()


def opened(tx: Tx, signer: Signer, token: str, *, at: datetime) -> ProofLink:
    """The link of a token; raises TokenError for any other text, RefusedError for one that has ended."""
    public_id, _, ends = signer.verify(Purpose.PROOF, token).decode("ascii", "replace").partition("|")
    found = proofs.find_link(tx, public_id)
    if found is None:
        raise TokenError("This letter is no longer here.")
    if found.withdrawn_at is not None:
        raise RefusedError(_WITHDRAWN)
    _require_right(tx, found)
    if datetime.fromtimestamp(int(ends), UTC) <= at or found.expires_at <= at:
        raise RefusedError("This link has ended. Ask whoever sent it for another one.")
    return found


def remark(tx: Tx, link: ProofLink, *, by: str, text: str, block: int | None, at: datetime) -> None:
    """Keep what a reader says of a block, or of the whole; the same words twice are one remark."""
    name, said = _name(by), _text(text)
    if not said:
        raise InputError("Write your remark first.")
    if block is not None and not 1 <= block <= len(link.blocks):
        raise InputError("This letter has no such block.")
    new = Remark(
        campaign=link.campaign,
        issue=link.issue,
        link_id=link.public_id,
        block=block,
        by=name,
        text=said,
        at=at,
    )
    if proofs.create_remark(tx, new):
        _note(tx, link, "remark", by=name, at=at)


def decide(tx: Tx, link: ProofLink, verdict: Verdict, *, by: str, text: str, at: datetime) -> None:
    """A reader's yes or no to the version of the link; a no says why."""
    if not link.may_approve:
        raise RefusedError("This link is for remarks: somebody else approves the letter.")
    _require_right(tx, link)
    name = _name(by)
    if verdict is Verdict.REFUSED and not _text(text):
        raise InputError("Say what is wrong, so that it can be mended.")
    if _text(text):
        remark(tx, link, by=name, text=text, block=None, at=at)
    record = approvals.approve if verdict is Verdict.APPROVED else approvals.refuse
    version: Snapshot = snapshots.get(tx, link.snapshot_id)
    record(tx, version, local_at=link.local_at, by=name, at=at, link_id=link.public_id)
    act = "approve-link" if verdict is Verdict.APPROVED else "refuse-link"
    _note(tx, link, act, by=name, at=at, detail=link.local_at)


def _require_right(tx: Tx, link: ProofLink) -> None:
    """A link that may approve is worth no more than the account of its reader, where they have one."""
    if link.may_approve and administering.is_kept_from_approving(tx, link.reader):
        raise RefusedError(_WITHDRAWN)


def _note(tx: Tx, link: ProofLink, act: str, *, by: str, at: datetime, detail: str = "") -> None:
    acts.record(tx, at=at, by=by, act=act, object=f"{link.campaign}/{link.issue}", detail=detail)


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name:
        raise InputError("Write your name first: it is shown beside what you say.")
    if len(name) > MOST_NAME or not name.isprintable():
        raise InputError("This name is too long, or holds signs that cannot be shown.")
    return name


def _text(text: str) -> str:
    said = text.replace("\r\n", "\n").strip()
    if len(said) > MOST_TEXT:
        raise InputError("A remark has {most} characters at the most. Divide it.", most=MOST_TEXT)
    return "".join(sign for sign in said if sign.isprintable() or sign == "\n")
