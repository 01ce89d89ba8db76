"""Who may ask what: a token in the header Authorization, nowhere else; its scopes; how often."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from mailer.app import Mailer, access
from mailer.clock import Clock
from mailer.model.access import ApiToken, Scope
from mailer.web.api.problems import RateExceeded, ScopeMissing, TokenMissing
from mailer.web.visits import mailer_of

_bearer = HTTPBearer(
    auto_error=False, scheme_name="token", description="A token made at the desk: `relais_…`"
)
_MINUTE = timedelta(minutes=1)
#: More tokens than this are not counted at once: the one that asked the longest ago is forgotten first.
_MOST_TOKENS = 1_000


@dataclass(frozen=True, slots=True)
class Call:
    """One request of a program."""

    mailer: Mailer
    token: ApiToken

    @property
    def by(self) -> str:
        """What the log of acts names."""
        return f"api:{self.token.name}"


class Pace:
    """At most so many requests of one token in a minute, counted in this process. Safe to share between threads."""

    def __init__(self, most: int, clock: Clock) -> None:
        self._most = most
        self._clock = clock
        self._lock = threading.Lock()
        self._counted: OrderedDict[int, tuple[datetime, int]] = OrderedDict()

    def require(self, token_id: int) -> None:
        """Count one request; raises RateExceeded."""
        now = self._clock.now()
        with self._lock:
            began, count = self._counted.pop(token_id, (now, 0))
            if now - began >= _MINUTE:
                began, count = now, 0
            self._counted[token_id] = began, count + 1
            while len(self._counted) > _MOST_TOKENS:
                self._counted.popitem(last=False)
        if count >= self._most:
            left = max(1, int((began + _MINUTE - now).total_seconds()))
            raise RateExceeded("Wait as long as the header Retry-After says, then go on.", retry_after=left)


def rights(scope: Scope) -> dict[str, Any]:
    """What every operation is declared with: the check of its scope, and the scope in its description."""

    def check(
        request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
    ) -> None:
        request.state.call = _call(request, credentials, scope)

    return {"dependencies": [Depends(check)], "openapi_extra": {"x-scope": scope.value}}


def _call(request: Request, credentials: HTTPAuthorizationCredentials | None, scope: Scope) -> Call:
    mailer = mailer_of(request)
    token = access.recognise(mailer, credentials.credentials) if credentials else None
    if token is None:
        host = request.client.host if request.client else ""
        if not request.app.state.failures.allows(host):
            raise RateExceeded("Too many requests without a valid token come from here.", retry_after=3600)
        raise TokenMissing(
            "Send Authorization: Bearer relais_… with a token that is neither over nor revoked. "
            "An administrator makes one at the desk, under Settings."
        )
    assert token.id is not None
    request.app.state.pace.require(token.id)
    if not scope.is_covered_by(token.scopes):
        raise ScopeMissing(
            "This needs the right {scope}. An administrator makes such a token.", scope=scope.value
        )
    return Call(mailer, token)


def _present(request: Request) -> Call:
    call = request.state.call
    assert isinstance(call, Call)
    return call


Calling = Annotated[Call, Depends(_present)]
