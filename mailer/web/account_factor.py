"""Setting one's second factor up, with the codes that stand in for it, and turning it off."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from mailer.errors import InputError, RefusedError
from mailer.store import Tx, accounts, second_factors
from mailer.web import second_factor, signing_on_anew, tries
from mailer.web.account import note, require_owner, show, user_id
from mailer.web.pages import page
from mailer.web.visits import Visit, Visiting

router = APIRouter(prefix="/compte/second-facteur")

_Code = Annotated[str, Form(max_length=40)]


@router.get("", name="factor")
def factor(request: Request, visit: Visiting) -> Response:
    """The QR code of a fresh secret; nothing is stored before its first code comes back."""
    if visit.user.factor_since is not None:
        return RedirectResponse("/compte", status_code=303)
    return _show(request, visit, second_factor.new_seed())


@router.post("", name="turn_factor_on")
def turn_factor_on(
    request: Request,
    visit: Visiting,
    seed: Annotated[str, Form(max_length=80)] = "",
    present: Annotated[str, Form()] = "",
    code: _Code = "",
) -> Response:
    """Ends the other sessions, which began without a second factor, and shows the recovery codes once.

    Asks for the password or to sign on anew, so that a browser left open does not lock its owner out.
    """
    mailer, now = visit.mailer, visit.mailer.clock.now()
    try:
        second_factor.secret(mailer.signer, user_id(visit), seed)
    except InputError as error:
        return _show(request, visit, second_factor.new_seed(), error=error)
    try:
        require_owner(request, visit, present)
    except InputError as error:
        return _show(request, visit, seed, error=error, wrong="present")
    try:
        with mailer.store.write() as tx:
            codes = second_factor.turn_on(tx, mailer.signer, visit.user, seed=seed, code=code, at=now)
            accounts.end_other_sessions(tx, user_id(visit), kept=visit.session)
            note(visit, tx, "factor-on")
    except InputError as error:
        return _show(request, visit, seed, error=error, wrong="code")
    return page(request, "recovery_codes.html", visit, here="choices", codes=codes)


@router.post("/retirer", name="turn_factor_off")
def turn_factor_off(
    request: Request, visit: Visiting, present: Annotated[str, Form()] = "", code: _Code = ""
) -> Response:
    """Asks for the password (or to sign on anew) and a code, so that a browser left open is not enough."""
    if visit.user.role in visit.mailer.settings.accounts.second_factor:
        error = RefusedError("Your role needs a second factor here. Nothing was changed.")
        return show(request, visit, error=error, wrong="factor", status=422)
    try:
        _require_both(request, visit, present, code)
    except InputError as error:
        return show(request, visit, error=error, wrong="factor", status=422)
    with visit.mailer.store.write() as tx:
        second_factors.turn_off(tx, user_id(visit))
        note(visit, tx, "factor-off")
    return RedirectResponse("/compte?fait=retire", status_code=303)


@router.post("/codes", name="renew_codes")
def renew_codes(
    request: Request, visit: Visiting, present: Annotated[str, Form()] = "", code: _Code = ""
) -> Response:
    """Ten new recovery codes, shown once; the former are worth nothing any more."""
    try:
        _require_both(request, visit, present, code)
    except InputError as error:
        return show(request, visit, error=error, wrong="factor", status=422)
    with visit.mailer.store.write() as tx:
        codes = second_factor.new_recovery_codes(tx, visit.mailer.signer, visit.user)
        note(visit, tx, "recovery-codes")
    return page(request, "recovery_codes.html", visit, here="choices", codes=codes)


def _require_both(request: Request, visit: Visit, present: str, code: str) -> None:
    """The owner (by password, or signed on anew) and a code that was not used, tries counted; raises InputError."""
    if visit.user.factor_since is None:
        raise RefusedError("Your account has no second factor. Nothing was changed.")
    require_owner(request, visit, present)
    counted = tries.count(request, visit.mailer, f"second-factor:{visit.user.id}")
    with visit.mailer.store.write() as tx:
        taken = _use(tx, visit, code)
        if taken:
            accounts.drop_failures(tx, counted)
    if not taken:
        raise InputError("This code is not right, or was used already. Take the next one.")


def _use(tx: Tx, visit: Visit, code: str) -> bool:
    mailer = visit.mailer
    return bool(second_factor.accept(tx, mailer.signer, visit.user, code, at=mailer.clock.now()))


def _show(
    request: Request, visit: Visit, seed: str, *, error: InputError | None = None, wrong: str = ""
) -> Response:
    mailer = visit.mailer
    secret = second_factor.secret(mailer.signer, user_id(visit), seed)
    drawing = second_factor.qr_code(secret, address=visit.user.address, network=mailer.settings.network.name)
    return page(
        request,
        "factor.html",
        visit,
        status=429 if isinstance(error, tries.TooManyTries) else 422 if error else 200,
        here="choices",
        seed=seed,
        secret=" ".join(secret[place : place + 4] for place in range(0, len(secret), 4)),
        qr=drawing,
        error=error,
        wrong=wrong,
        must_sign_on=signing_on_anew.is_needed(visit),
        signed_on=signing_on_anew.is_done(request, visit),
    )
