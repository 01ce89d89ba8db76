"""The links of an issue's content: numbered in the order in which they first appear, so that they may be tracked."""

from dataclasses import dataclass, field

from mailer.rendering.slots import SlotKind, mark


@dataclass(slots=True)
class LinkBook:
    """Distinct http(s) targets with the words that lead to them."""

    targets: dict[str, int] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)

    def mark(self, url: str, label: str = "") -> str:
        """The slot of a web address; any other address (mailto:) stays itself."""
        target = url.strip()
        if not target.lower().startswith(("http://", "https://")):
            return target
        if target not in self.targets:
            self.targets[target] = len(self.targets)
            self.labels.append(label)
        number = self.targets[target]
        self.labels[number] = self.labels[number] or label
        return mark(SlotKind.LINK, str(number))
