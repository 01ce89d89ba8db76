"""What the public pages work with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mailer.app.privacy import Document
from mailer.app.signups import Signups
from mailer.clock import Clock
from mailer.errors import TokenError
from mailer.model.ledger import Delivery
from mailer.providers import Provider
from mailer.settings import Settings
from mailer.store import Store, deliveries
from mailer.tokens import Purpose, Signer
from mailer.tracking import Hits
from mailer.web.hook_counts import HookCounts
from mailer.web.public.limits import NetworkLimit


@dataclass(frozen=True, slots=True)
class PublicServices:
    """`topics` gives topic -> title, as the campaigns are now."""

    store: Store
    signer: Signer
    clock: Clock
    settings: Settings
    provider: Provider
    hits: Hits
    topics: Callable[[], Mapping[str, str]]
    signups: Signups
    #: The privacy notice in a language.
    notice: Callable[[str], Document]
    #: How many requests to sign up a network may make.
    limit: NetworkLimit
    hook_counts: HookCounts = field(default_factory=HookCounts)

    def delivery(self, purpose: Purpose, token: str) -> Delivery:
        """The delivery whose personal link this is; raises TokenError for any other text."""
        key = self.signer.verify(purpose, token).decode("ascii", "replace")
        with self.store.read() as tx:
            found = deliveries.find_by_key(tx, key)
        if found is None:
            raise TokenError("This letter is no longer here.")
        return found
