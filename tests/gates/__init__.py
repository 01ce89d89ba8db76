"""Gates: finished mails are judged by the rules, from their raw bytes, with eyes that share no code with the engine."""

from tests.gates.checker import check_message
from tests.gates.maildir import check_maildir

__all__ = ["check_maildir", "check_message"]
