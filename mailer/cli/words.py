"""Codes as words: states and reasons are stable codes in the database, and words on screen."""

from mailer import i18n
from mailer.i18n import Translator, marked

STATES = {
    **i18n.STATES,
    "missed": marked("missed: too late, decide what to do"),
    "held": marked("held: this database was copied or restored"),
}

DELIVERIES = {
    "planned": marked("still to hand over"),
    "claimed": marked("about to be handed over"),
    "posting": marked("being handed over"),
    "accepted": marked("accepted"),
    "refused": marked("refused"),
    "excluded": marked("excluded"),
    "in_doubt": marked("in doubt"),
    "cancelled": marked("cancelled"),
}

EXCLUSIONS = {
    "not_subscribed": marked("not subscribed"),
    "rule": marked("outside the rule"),
    "not_member": marked("not a member today"),
    "one_per": marked("somebody else of the organisation gets it"),
    "unsubscribed": marked("unsubscribed"),
    "hard_bounce": marked("address in error"),
    "soft_bounces": marked("address in error three times"),
    "complaint": marked("complaint"),
    "by_hand": marked("excluded by hand"),
    "erased": marked("erased on request"),
    "paused": marked("asked for a pause"),
    "has_answered": marked("has answered about the measure"),
    "asked_lately": marked("was asked in the last six months"),
    "merged": marked("has it at another address"),
    "moved": marked("has another address since"),
}


def state_word(t: Translator, state: str) -> str:
    return t(STATES.get(state, state))


def delivery_word(t: Translator, state: str) -> str:
    return t(DELIVERIES.get(state, state))


def exclusion_word(t: Translator, reason: str) -> str:
    return t(EXCLUSIONS.get(reason, reason))
