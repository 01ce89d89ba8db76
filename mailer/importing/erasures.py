"""People who asked to be erased stay away, whatever list their address comes back with (rules L6)."""

from mailer.importing.columns import Line
from mailer.store import Tx, exclusions
from mailer.tokens import Signer


class Erasures:
    """The digests of erased addresses. Without a signer nobody can be recognised."""

    def __init__(self, tx: Tx, signer: Signer | None) -> None:
        self._digests = exclusions.fingerprints(tx)
        self._signer = signer

    def refuse(self, line: Line, address: str) -> None:
        """Raises CellError, without the address, for a person who was erased."""
        if not self._digests or self._signer is None:
            return
        if self._signer.erased(address) in self._digests:
            raise line.error("address", "erased", value="")
