"""The embedded provider: a local server that speaks Postal's public contract and keeps the mail here.

It is written from the contract, not from our adapter, and neither imports the other (design: providers.md 5).
"""

from mailer.sandbox.journal import Entry
from mailer.sandbox.sandbox import Sandbox, run

__all__ = ["Entry", "Sandbox", "run"]
