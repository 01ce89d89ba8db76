"""What a person decides: leaving, coming back, which topics, whether to be measured. Each decision is written down."""

from mailer.subscribing.leaving import unsubscribe
from mailer.subscribing.preferences import Choices, Preferences, preferences, save

__all__ = ["Choices", "Preferences", "preferences", "save", "unsubscribe"]
