"""What a running send says of itself."""

from dataclasses import dataclass

#: States of deliveries that need nothing more from a sender.
CONCLUDED = ("accepted", "refused", "excluded", "in_doubt", "cancelled")


@dataclass(frozen=True, slots=True)
class Progress:
    """Deliveries concluded so far, of all planned."""

    done: int
    planned: int


@dataclass(frozen=True, slots=True)
class SendSummary:
    """Where a send stands when a sender leaves it; `counts` is delivery state -> number."""

    send_id: int
    ref: str
    state: str
    planned: int
    counts: dict[str, int]
    pause_reason: str = ""

    @property
    def concluded(self) -> int:
        return sum(self.counts.get(state, 0) for state in CONCLUDED)
