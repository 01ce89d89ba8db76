"""A provider that keeps whatever it is given, as often as it is given: a second copy is a second file.

Maildir takes a key once, so a storm over it could never show a double; here it shows.
"""

import os
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from mailer.errors import Problem
from mailer.failpoints import failpoint
from mailer.model.mail import (
    Capabilities,
    Message,
    Pending,
    ProviderEvent,
    RawRequest,
    Resolution,
    Resolved,
    SendResult,
    Status,
)

#: The request is on its way, and the provider has not got it.
WHILE_REQUEST = "while-request"
CAPS = {
    "B": Capabilities(can_resolve=True, resolve_settle=timedelta(0)),
    "B'": Capabilities(echoes_key=True),
    "C": Capabilities(),
}


class Folder:
    """Class B answers look-ups from its files; B' and C say nothing."""

    name = "folder"

    def __init__(self, path: Path, doubt_class: str) -> None:
        self._new = path / "new"
        self._new.mkdir(parents=True, exist_ok=True)
        self.caps = CAPS[doubt_class]

    def send(self, batch: Sequence[Message], *, attempt_key: UUID) -> list[SendResult]:
        del attempt_key
        for message in batch:
            name = f"{message.key}.{uuid4().hex}"
            draft = self._new.parent / name
            draft.write_bytes(message.mime)
            failpoint(WHILE_REQUEST)
            os.replace(draft, self._new / name)
        return [SendResult(each.key, Status.ACCEPTED) for each in batch]

    def resolve(self, asked: Sequence[Pending]) -> list[Resolution]:
        kept = {path.name.partition(".")[0] for path in self._new.iterdir()}
        return [
            Resolution(each.key, Resolved.PRESENT if each.key in kept else Resolved.ABSENT) for each in asked
        ]

    def parse_webhook(self, request: RawRequest) -> list[ProviderEvent]:
        raise NotImplementedError

    def poll(self, since: datetime) -> Iterable[ProviderEvent]:
        return ()

    def check(self) -> list[Problem]:
        return []
