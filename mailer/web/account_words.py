"""Words of the pages about accounts: what was done, and the log of it."""

from mailer.i18n import Translator, marked

DONE = {
    "invite": marked("The invitation leaves now. Its link holds for seven days."),
    "retire": marked("The invitation is withdrawn: its link opens nothing any more."),
    "role": marked(
        "The role is changed. This person logs in again; the API tokens that an administrator made end with that role."
    ),
    "desactive": marked(
        "The account is deactivated: its sessions are over, and so are the API tokens that it made."
    ),
    "reactive": marked("The account is active again."),
    "facteur": marked("The second factor is taken away. This person logs in again, with the password alone."),
}
OWN_DONE = {
    "nom": marked("Your name is saved."),
    "session": marked("The session is over."),
    "bilans": marked("Saved: which figures you get by mail."),
    "retire": marked("Your second factor is off."),
}
_ACTS = {
    "invite": marked("invited"),
    "withdraw-invitation": marked("took the invitation back"),
    "change-role": marked("changed the role"),
    "deactivate": marked("deactivated the account"),
    "reactivate": marked("reactivated the account"),
    "factor-reset": marked("took the second factor away"),
    "access-link": marked("printed a link to come in"),
    "password": marked("chose a password"),
    "factor-on": marked("set a second factor up"),
    "factor-off": marked("turned the second factor off"),
    "recovery-code": marked("came in with a recovery code"),
    "recovery-codes": marked("drew new recovery codes"),
    "sign-on": marked("came in by single sign-on for the first time"),
}


def act(t: Translator, code: str) -> str:
    return t(_ACTS[code]) if code in _ACTS else code
