"""Codes as words: states and reasons are stable codes in the database, and words on screen."""

from mailer.i18n import Translator
from mailer.i18n import marked as N_

STATES = {
    "draft": N_("draft"),
    "scheduled": N_("scheduled"),
    "starting": N_("starting"),
    "sending": N_("sending"),
    "paused": N_("paused"),
    "settling": N_("waiting for news of doubtful copies"),
    "done": N_("done"),
    "cancelled": N_("cancelled"),
    "missed": N_("missed: too late, decide what to do"),
    "held": N_("held: this database was copied or restored"),
}

DELIVERIES = {
    "planned": N_("still to hand over"),
    "claimed": N_("about to be handed over"),
    "posting": N_("being handed over"),
    "accepted": N_("accepted"),
    "refused": N_("refused"),
    "excluded": N_("excluded"),
    "in_doubt": N_("in doubt"),
    "cancelled": N_("cancelled"),
}

EXCLUSIONS = {
    "not_subscribed": N_("not subscribed"),
    "rule": N_("outside the rule"),
    "not_member": N_("not a member today"),
    "one_per": N_("somebody else of the organisation gets it"),
    "unsubscribed": N_("unsubscribed"),
    "hard_bounce": N_("address in error"),
    "soft_bounces": N_("address in error three times"),
    "complaint": N_("complaint"),
    "by_hand": N_("excluded by hand"),
    "erased": N_("erased on request"),
}


def state_word(t: Translator, state: str) -> str:
    return t(STATES.get(state, state))


def delivery_word(t: Translator, state: str) -> str:
    return t(DELIVERIES.get(state, state))


def exclusion_word(t: Translator, reason: str) -> str:
    return t(EXCLUSIONS.get(reason, reason))
