"""The links of an issue's content: numbered in the order in which they first appear, so that they may be tracked."""

from dataclasses import dataclass, field

from mailer.rendering.slots import SlotKind, mark


@dataclass(slots=True)
class LinkBook:
    """Distinct http(s) targets with the words that lead to them.

    `own` begins the addresses of our own calendar files: like pictures they are neither counted nor looked up.
    """

    own: str = ""
    targets: dict[str, int] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)

    def mark(self, url: str, label: str = "") -> str:
        """The slot of a web address; any other address (mailto:), and our own, stays itself."""
        target = url.strip()
        is_own = bool(self.own) and target.startswith(self.own)
        if is_own or not target.lower().startswith(("http://", "https://")):
            return target
        if target not in self.targets:
            self.targets[target] = len(self.targets)
            self.labels.append(label)
        number = self.targets[target]
        self.labels[number] = self.labels[number] or label
        return mark(SlotKind.LINK, str(number))
