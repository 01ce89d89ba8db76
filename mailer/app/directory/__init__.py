"""What other programs may read and write of people and organisations, under the rules that an import follows too."""

from mailer.app.directory import contacts, organisations, subscriptions
from mailer.app.directory.versions import ANY, Expected, NothingExpected, OutdatedError, version

__all__ = [
    "ANY",
    "Expected",
    "NothingExpected",
    "OutdatedError",
    "contacts",
    "organisations",
    "subscriptions",
    "version",
]
