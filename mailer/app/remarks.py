"""What readers said of a letter, at the block that each remark is about: the blocks may have moved since."""

from collections.abc import Sequence
from dataclasses import dataclass

from mailer.clock import Clock
from mailer.errors import NotFoundError
from mailer.model.proofs import Remark
from mailer.model.workspace import Block, BlockType, Campaign, Issue, Templates, field_values
from mailer.store import Store, acts, proofs
from mailer.workspace import alignment

_TITLE_LETTERS = 60
#: The fields by which people know a block, the best first.
_NAMING = ("title", "question", "label", "text", "left_title", "author")


@dataclass(frozen=True, slots=True)
class _Named:
    """The title of a block, in the place of the block."""

    block: Block


@dataclass(frozen=True, slots=True)
class Open:
    """A remark that nobody has answered yet. `position`: its block as the letter is now; None: the whole, or gone."""

    remark: Remark
    position: int | None


def titles(templates: Templates, campaign: Campaign, issue: Issue) -> list[str]:
    """`Article – La loi est votée` for each block, in the campaign's language."""
    return [_title(templates.blocks.get(each.kind), campaign.language, each) for each in issue.blocks]


def positions(before: Sequence[str], now: Sequence[str]) -> dict[int, int]:
    """Where the blocks of these titles are now, counted from 1: moved, or with another title between two that stayed."""
    origins = alignment.match(_named(now), [_Named(each) for each in _named(before)])
    return {origin + 1: place for place, origin in enumerate(origins, start=1) if origin is not None}


def unanswered(store: Store, templates: Templates, campaign: Campaign, issue: Issue) -> list[Open]:
    """What is still to be answered of one letter, those about a block first, in the order of the blocks."""
    with store.read() as tx:
        said = proofs.open_remarks(tx, campaign=campaign.slug, issue=issue.slug)
        links = {
            each.public_id: each for each in proofs.links_of(tx, campaign=campaign.slug, issue=issue.slug)
        }
    now = titles(templates, campaign, issue)
    found = [Open(each, positions(links[each.link_id].blocks, now).get(each.block or 0)) for each in said]
    return sorted(found, key=lambda each: (each.position is None, each.position or 0))


def mark(store: Store, clock: Clock, ref: str, remark_id: int, *, done: bool, by: str) -> None:
    """Say that a remark is answered, or that it is not; raises NotFoundError for one of another letter."""
    campaign, _, issue = ref.partition("/")
    now = clock.now()
    with store.write() as tx:
        if not proofs.mark_remark(
            tx, remark_id, campaign=campaign, issue=issue, done_at=now if done else None, by=by
        ):
            raise NotFoundError("This remark is not of this letter.")
        acts.record(tx, at=now, by=by, act="remark-done" if done else "remark-reopened", object=ref)


def _named(found: Sequence[str]) -> list[Block]:
    return [Block(kind=each) for each in found]


def _title(block_type: BlockType | None, language: str, block: Block) -> str:
    if block_type is None:
        return block.kind
    values = field_values(block, block_type)
    words = next((" ".join(values[name].split()) for name in _NAMING if values.get(name)), "")
    label = block_type.label.get(language, block.kind)
    short = words if len(words) <= _TITLE_LETTERS else words[:_TITLE_LETTERS].rstrip() + "…"
    return f"{label} – {short}" if short else label
