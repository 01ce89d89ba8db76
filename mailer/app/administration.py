"""Accounts of the desk: the first administrator, invitations, roles, and what an administrator does to an account.

A one-time link is printed where only the installer sees it, or leaves by mail; each act is in the log of acts.
"""

from mailer.addresses import normalise
from mailer.app.mailer import Mailer
from mailer.errors import NotFoundError, RefusedError
from mailer.model.accounts import LinkPurpose, Role, User
from mailer.store import Tx, account_mails, accounts, acts, administering, second_factors

#: What acts on accounts are about, in the log of acts: this, and the address.
ABOUT = "account:"


def administrator_link(mailer: Mailer, address: str) -> str:
    """Make an administrator (or a new link for one) and give the link that sets the password once, within 24 h."""
    with mailer.store.write() as tx:
        token = accounts.create_administrator(tx, normalise(address), at=mailer.clock.now())
    return _link(mailer, token)


def first_administrator_link(mailer: Mailer) -> str | None:
    """A link for the network's own address while nobody has an account that works; None afterwards."""
    with mailer.store.read() as tx:
        if accounts.has_administrator(tx):
            return None
    return administrator_link(mailer, mailer.settings.network.contact or "administration@relais.example")


def access_link(mailer: Mailer, address: str, *, by: str, without_factor: bool = False) -> str:
    """A link for an account that is there, where no mail can bring one; raises NotFoundError.

    `without_factor` also takes a lost second factor away.
    """
    with mailer.store.write() as tx:
        user = accounts.find_user(tx, normalise(address))
        if user is None or user.id is None:
            raise NotFoundError(
                "Nobody has an account with this address. Invite them at the desk, or: mailer admin ADDRESS."
            )
        if without_factor:
            second_factors.turn_off(tx, user.id)
            _record(tx, mailer, user, act="factor-reset", by=by)
        token = accounts.create_link(tx, user.id, at=mailer.clock.now())
        _record(tx, mailer, user, act="access-link", by=by)
    return _link(mailer, token)


def invite(mailer: Mailer, address: str, *, role: Role, by: str, language: str = "fr") -> None:
    """Open an account for this address; the mail with its link leaves afterwards. Raises RefusedError for a known one."""
    wanted, now = normalise(address), mailer.clock.now()
    with mailer.store.write() as tx:
        if administering.find_any(tx, wanted) is not None:
            raise RefusedError("This address has an account already: see the list. Nobody was invited.")
        user = accounts.create_user(tx, wanted, role=role, at=now, language=language)
        account_mails.add(tx, wanted, LinkPurpose.INVITATION, at=now)
        _record(tx, mailer, user, act="invite", by=by, detail=role.value)


def invite_again(mailer: Mailer, user_id: int, *, by: str) -> None:
    """Another mail with another link; the former link is worth nothing once it leaves."""
    with mailer.store.write() as tx:
        user = administering.get(tx, user_id)
        if user.password_hash or user.subject or user.disabled_at:
            raise RefusedError("This person has come in already, or the account is deactivated.")
        account_mails.forget(tx, user.address)
        account_mails.add(tx, user.address, LinkPurpose.INVITATION, at=mailer.clock.now())
        _record(tx, mailer, user, act="invite", by=by, detail=user.role)


def withdraw_invitation(mailer: Mailer, user_id: int, *, by: str) -> None:
    """Take an invitation back: its link opens nothing, and a mail that waits does not leave."""
    with mailer.store.write() as tx:
        user = administering.get(tx, user_id)
        administering.withdraw(tx, user_id, at=mailer.clock.now())
        account_mails.forget(tx, user.address)
        _record(tx, mailer, user, act="withdraw-invitation", by=by)


def change_role(mailer: Mailer, user_id: int, *, role: Role, by: str) -> None:
    """Another role, from the next click on; raises RefusedError for the last administrator."""
    with mailer.store.write() as tx:
        user = administering.get(tx, user_id)
        if user.role != role:
            administering.set_role(tx, user_id, role, at=mailer.clock.now())
            _record(tx, mailer, user, act="change-role", by=by, detail=role.value)


def deactivate(mailer: Mailer, user_id: int, *, by: str) -> None:
    """End every session of an account and let nobody in with it; raises RefusedError for the last administrator."""
    with mailer.store.write() as tx:
        user = administering.get(tx, user_id)
        administering.deactivate(tx, user_id, at=mailer.clock.now())
        account_mails.forget(tx, user.address)
        _record(tx, mailer, user, act="deactivate", by=by)


def reactivate(mailer: Mailer, user_id: int, *, by: str) -> None:
    with mailer.store.write() as tx:
        administering.reactivate(tx, user_id)
        _record(tx, mailer, administering.get(tx, user_id), act="reactivate", by=by)


def reset_factor(mailer: Mailer, user_id: int, *, by: str) -> None:
    """Take a lost second factor away; whoever used it logs in again, with the password alone.

    Raises RefusedError for one's own, which takes a code to turn off.
    """
    with mailer.store.write() as tx:
        user = administering.get(tx, user_id)
        if user.address == by:
            raise RefusedError(
                "This is your own second factor: turn it off under “Your account”, with a code. Nothing was changed."
            )
        second_factors.turn_off(tx, user_id)
        accounts.end_other_sessions(tx, user_id, kept="")
        _record(tx, mailer, user, act="factor-reset", by=by)


def _record(tx: Tx, mailer: Mailer, user: User, *, act: str, by: str, detail: str = "") -> None:
    about = f"{ABOUT}{user.address}"
    acts.record(tx, at=mailer.clock.now(), by=by, act=act, object=about, detail=detail)


def _link(mailer: Mailer, token: str) -> str:
    return f"{mailer.settings.base_url}/premier-acces/{token}"
