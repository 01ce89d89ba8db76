"""Links for readers without an account, and their remarks."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select

from mailer.errors import RefusedError
from mailer.model.columns import table
from mailer.model.ledger import Snapshot
from mailer.model.proofs import ProofLink, Remark
from mailer.store.engine import Tx
from mailer.store.rows import all_of, first

link = table(ProofLink)
remark = table(Remark)
snapshot = table(Snapshot)
#: No reader says more: whoever has the link could fill the database otherwise.
MOST_REMARKS = 200


def create_link(tx: Tx, new: ProofLink) -> None:
    tx.execute(link.insert().values(**new.model_dump()))


def find_link(tx: Tx, public_id: str) -> ProofLink | None:
    return first(tx, ProofLink, select(link).where(link.c.public_id == public_id))


def links_of(tx: Tx, *, campaign: str, issue: str) -> list[ProofLink]:
    """Every link of an issue, the latest first, ended ones included."""
    found = select(link).where(link.c.campaign == campaign, link.c.issue == issue)
    return all_of(tx, ProofLink, found.order_by(link.c.made_at.desc(), link.c.public_id))


def withdraw(tx: Tx, public_id: str, *, campaign: str, issue: str, at: datetime) -> bool:
    """End a link of this issue; whether it was still open."""
    held = (link.c.public_id == public_id, link.c.campaign == campaign, link.c.issue == issue)
    open_ones = link.update().where(*held, link.c.withdrawn_at.is_(None))
    return tx.execute(open_ones.values(withdrawn_at=at)).rowcount == 1


def withdraw_approving(tx: Tx, reader: str, *, at: datetime) -> None:
    """End every open link to this address by which a letter could be approved."""
    theirs = (link.c.reader == reader, link.c.may_approve.is_(True), link.c.withdrawn_at.is_(None))
    tx.execute(link.update().where(*theirs).values(withdrawn_at=at))


def links_to(tx: Tx, addresses: Sequence[str]) -> list[ProofLink]:
    """Every link that was made for one of these addresses."""
    return all_of(tx, ProofLink, select(link).where(link.c.reader.in_(addresses)).order_by(link.c.made_at))


def forget_reader(tx: Tx, addresses: Sequence[str], *, at: datetime) -> None:
    """Their links end, and say no longer whose they were; what they said of a letter stays there."""
    theirs = link.update().where(link.c.reader.in_(addresses))
    tx.execute(theirs.values(reader="", withdrawn_at=func.coalesce(link.c.withdrawn_at, at)))


def create_remark(tx: Tx, new: Remark) -> bool:
    """Keep a remark; False where the same words are there already. Raises RefusedError where the link is full."""
    said = remarks_of_link(tx, new.link_id)
    same = any((each.block, each.by, each.text) == (new.block, new.by, new.text) for each in said)
    if same:
        return False
    if len(said) >= MOST_REMARKS:
        raise RefusedError("This link has taken all the remarks that it may. Ask for another one.")
    tx.execute(remark.insert().values(**new.model_dump(exclude={"id"})))
    return True


def remarks_of_link(tx: Tx, public_id: str) -> list[Remark]:
    found = select(remark).where(remark.c.link_id == public_id)
    return all_of(tx, Remark, found.order_by(remark.c.id))


def remarks_of(tx: Tx, *, campaign: str, issue: str) -> list[Remark]:
    """What was said of every version of an issue, the first first."""
    found = select(remark).where(remark.c.campaign == campaign, remark.c.issue == issue)
    return all_of(tx, Remark, found.order_by(remark.c.id))


def open_remarks(tx: Tx, *, campaign: str, issue: str) -> list[Remark]:
    """What nobody has answered yet, the first first."""
    found = select(remark).where(remark.c.campaign == campaign, remark.c.issue == issue)
    return all_of(tx, Remark, found.where(remark.c.done_at.is_(None)).order_by(remark.c.id))


def remarked(tx: Tx) -> set[str]:
    """The letters, as campaign/issue, of which some remark is not answered."""
    found = select(remark.c.campaign, remark.c.issue).where(remark.c.done_at.is_(None)).distinct()
    return {f"{row.campaign}/{row.issue}" for row in tx.execute(found)}


def mark_remark(
    tx: Tx, remark_id: int, *, campaign: str, issue: str, done_at: datetime | None, by: str
) -> bool:
    """Whether there is such a remark of this issue; it is answered now, or waits again."""
    held = (remark.c.id == remark_id, remark.c.campaign == campaign, remark.c.issue == issue)
    values = {"done_at": done_at, "done_by": by if done_at else ""}
    return tx.execute(remark.update().where(*held).values(**values)).rowcount == 1


def hashes(tx: Tx, snapshot_ids: Collection[int]) -> dict[int, str]:
    """Snapshot -> the hash of its content."""
    found = select(snapshot.c.id, snapshot.c.content_hash).where(snapshot.c.id.in_(set(snapshot_ids)))
    return {row.id: row.content_hash for row in tx.execute(found)}


def latest_version(tx: Tx, *, campaign: str, issue: str) -> int | None:
    """The snapshot that was frozen last."""
    found = select(func.max(snapshot.c.id))
    newest = found.where(snapshot.c.campaign == campaign, snapshot.c.issue == issue)
    return tx.execute(newest).scalar_one_or_none()
