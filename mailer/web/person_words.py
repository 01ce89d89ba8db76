"""Words about one person's letters."""

from collections.abc import Mapping
from typing import Any

from mailer.i18n import Translator, marked
from mailer.web import words

STATES = {
    "planned": marked("to leave"),
    "claimed": marked("leaving"),
    "posting": marked("leaving"),
    "accepted": marked("handed over"),
    "refused": marked("refused"),
    "excluded": marked("left out"),
    "in_doubt": marked("in doubt"),
    "cancelled": marked("cancelled"),
}


def letter(t: Translator, copy: Mapping[str, Any]) -> str:
    """What became of a copy, with the reason where it was left out."""
    said = t(STATES[copy["state"]])
    if copy["state"] == "excluded" and copy["reason"]:
        return f"{said}{t(': ')}{words.reason(t, copy['reason'])}"
    return said
