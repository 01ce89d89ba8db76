"""What a person decides: signing up, leaving, coming back, which topics, whether to be measured. Each decision is written
down."""

from mailer.subscribing.leaving import unsubscribe
from mailer.subscribing.preferences import (
    LONGEST_PAUSE,
    Choices,
    Pause,
    Preferences,
    answer,
    pause_until,
    preferences,
    save,
)
from mailer.subscribing.signing_up import (
    SIGNUP_SOURCE,
    SIGNUP_WORDING,
    Confirmation,
    Wish,
    ask,
    confirm,
    get_request,
    open_topics,
)

__all__ = [
    "LONGEST_PAUSE",
    "SIGNUP_SOURCE",
    "SIGNUP_WORDING",
    "Choices",
    "Confirmation",
    "Pause",
    "Preferences",
    "Wish",
    "answer",
    "ask",
    "confirm",
    "get_request",
    "open_topics",
    "pause_until",
    "preferences",
    "save",
    "unsubscribe",
]
