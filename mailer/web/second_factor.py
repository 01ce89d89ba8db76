"""The second factor: six digits of an authenticator (RFC 6238), or one of ten recovery codes.

Nothing that opens an account is stored. The secret of the authenticator is derived from the seed of the account with the
secret of the installation, so that whoever has the database alone (a backup) can compute no code; of a recovery code
only a keyed digest is kept.
"""

import base64
import hmac
import io
import re
from datetime import datetime

import pyotp
import segno

from mailer.errors import InputError, RefusedError
from mailer.model.accounts import User
from mailer.store import Tx, second_factors
from mailer.tokens import Signer, random_bytes, random_text

PERIOD_SECONDS = 30
#: Codes of the step before and the step after are taken too: clocks differ.
_DRIFT_STEPS = 1
#: RFC 4226 recommends 160 bits.
_SECRET_BYTES = 20
RECOVERY_CODES = 10
_SEED = re.compile(r"[A-Za-z0-9_-]{32,64}")
_DIGITS = re.compile(r"[0-9]{6}")
_NOISE = re.compile(r"[\s-]")


def new_seed() -> str:
    return random_text()


def secret(signer: Signer, user_id: int, seed: str) -> str:
    """What the authenticator keeps, in base32. Whoever chooses the seed cannot choose the secret."""
    if not _SEED.fullmatch(seed):
        raise InputError("This form is too old. Open the page again and send it from there.")
    digest = signer.digest("second-factor", f"{user_id}|{seed}".encode())
    return base64.b32encode(digest[:_SECRET_BYTES]).decode()


def qr_code(secret: str, *, address: str, network: str) -> str:
    """The QR code that an authenticator reads, as SVG: black on white in every colour scheme."""
    uri = pyotp.TOTP(secret).provisioning_uri(name=address, issuer_name=network)
    drawing = io.BytesIO()
    segno.make(uri, error="m", micro=False).save(
        drawing,
        kind="svg",
        xmldecl=False,
        svgns=True,
        omitsize=True,
        border=4,
        light="#ffffff",
        dark="#000000",
        svgclass=None,
        lineclass=None,
        nl=False,
    )
    return drawing.getvalue().decode()


def turn_on(tx: Tx, signer: Signer, user: User, *, seed: str, code: str, at: datetime) -> list[str]:
    """Turn the second factor on with its first code; gives the recovery codes, which are shown once.

    Raises InputError for a wrong code, RefusedError where it is on already.
    """
    step = _matching_step(secret(signer, _id(user), seed), code, at)
    if step is None:
        raise InputError(
            "This code is not right. Take the one that the application shows now; its clock must be right."
        )
    if not second_factors.turn_on(tx, _id(user), seed=seed, step=step, at=at):
        raise RefusedError("Your second factor is on already. Nothing was changed.")
    return new_recovery_codes(tx, signer, user)


def new_recovery_codes(tx: Tx, signer: Signer, user: User) -> list[str]:
    """Ten new ones instead of those of before."""
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    second_factors.replace_codes(tx, _id(user), [_digest(signer, user, each) for each in codes])
    return codes


def accept(tx: Tx, signer: Signer, user: User, code: str, *, at: datetime) -> str:
    """Use a code up: `code`, `recovery`, or empty where it is wrong or was used before."""
    step = _matching_step(secret(signer, _id(user), user.factor_seed), code, at)
    if step is not None:
        return "code" if second_factors.use_step(tx, _id(user), step) else ""
    return "recovery" if second_factors.use_recovery_code(tx, _id(user), _digest(signer, user, code)) else ""


def _matching_step(secret: str, code: str, at: datetime) -> int | None:
    """The step of time whose code this is; the same work for every code."""
    given = _NOISE.sub("", code)
    if not _DIGITS.fullmatch(given):
        return None
    now, totp = int(at.timestamp()) // PERIOD_SECONDS, pyotp.TOTP(secret)
    steps = range(now - _DRIFT_STEPS, now + _DRIFT_STEPS + 1)
    fitting = [step for step in steps if hmac.compare_digest(totp.generate_otp(step), given)]
    return fitting[-1] if fitting else None


def _recovery_code() -> str:
    """60 bits in three groups that are easy to copy: base32 has no 0, 1 and 8."""
    letters = base64.b32encode(random_bytes(10)).decode().lower()[:12]
    return "-".join(letters[place : place + 4] for place in (0, 4, 8))


def _digest(signer: Signer, user: User, code: str) -> str:
    plain = _NOISE.sub("", code).lower()[:100]
    return signer.digest("recovery-code", f"{user.id}|{plain}".encode()).hex()


def _id(user: User) -> int:
    assert user.id is not None
    return user.id
