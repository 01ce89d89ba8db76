"""People who asked to be erased stay away, whatever list their address comes back with (rules L6)."""

from collections.abc import Callable

from mailer.importing.columns import Line
from mailer.importing.report import ERASED
from mailer.store import Tx, exclusions
from mailer.tokens import Signer


class Erasures:
    """The digests of erased addresses. Without a signer nobody can be recognised."""

    def __init__(self, tx: Tx, signer: Signer | None) -> None:
        self._digests = exclusions.fingerprints(tx)
        self._signer = signer

    def know(self, address: str) -> bool:
        """Whether it was a person's who was erased."""
        if not self._digests or self._signer is None:
            return False
        return self._signer.erased(address) in self._digests

    def since(self, tx: Tx) -> Callable[[str], bool] | None:
        """What knows an address that was erased after these were read; None where none was."""
        signer, new = self._signer, exclusions.fingerprints(tx) - self._digests
        return None if signer is None or not new else lambda address: signer.erased(address) in new

    def refuse(self, line: Line, address: str) -> None:
        """Raises CellError, without the address, for a person who was erased."""
        if self.know(address):
            raise line.error("address", ERASED, value="")
