"""Somebody who can read the whole memory of the sender's process, after the end of an anonymous send and before."""

import hashlib
import hmac
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from mailer.model.columns import table
from mailer.model.ledger import Delivery, Send, SendSecret
from mailer.store import Store
from mailer.tokens import Purpose, Signer, encode
from tests.conftest import REPOSITORY
from tests.talking import Talking
from tests.tracking.memory import PEOPLE, SECRET

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is read from /proc")
#: A copy is shorter than that: what stands so near to a token was made with it.
_NEAR = 1500


@dataclass(frozen=True)
class Copy:
    """What ties one token to one person."""

    address: str
    key: str
    payload: bytes


@dataclass
class Process:
    """The sender, and what is known of its send while it runs."""

    talking: Talking
    store: Store
    secret: bytes = b""
    copies: tuple[Copy, ...] = ()

    def begin(self) -> None:
        self.talking.ask("send")
        with self.store.read() as tx:
            self.secret = tx.execute(select(table(SendSecret).c.secret)).scalar_one()
            head = bytes.fromhex(tx.execute(select(table(Send).c.public_id)).scalar_one())
            rows = list(tx.execute(select(table(Delivery))))
        self.copies = tuple(Copy(row.address, row.key, head + self._tail(row)) for row in rows)

    def _tail(self, row: object) -> bytes:
        """As mailer.sending.copies makes it."""
        digest = hmac.digest(self.secret, row.key.encode(), hashlib.sha256)[:12]  # type: ignore[attr-defined]
        return bytes([row.cohort]) + digest  # type: ignore[attr-defined]

    @property
    def memory(self) -> list[bytes]:
        """Everything that the process can write to: its heap, its stacks, what it has mapped for itself."""
        pid, found = self.talking.pid, []
        with Path(f"/proc/{pid}/mem").open("rb", 0) as memory:
            for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
                place, rights = line.split()[:2]
                start, end = (int(each, 16) for each in place.split("-"))
                if rights.startswith("rw"):
                    memory.seek(start)
                    found.append(memory.read(end - start))
        return found


@pytest.fixture
def process(sqlite_store: Store, tmp_path: Path) -> Iterator[Process]:
    root = tmp_path / "sender"
    root.mkdir()
    shutil.copy(sqlite_store.url.removeprefix("sqlite:///"), root / "mailer.db")
    talking = Talking("tests.tracking.memory", str(root), cwd=REPOSITORY)
    store = Store(f"sqlite:///{root / 'mailer.db'}")
    yield Process(talking, store)
    store.close()
    talking.end()


def pieces(memory: list[bytes], secret: bytes) -> int:
    """How often a piece of the secret stands in memory: 32 bytes are enough to know it by."""
    places = range(0, len(secret) - 32, 100)
    return sum(part.count(secret[place : place + 32]) for part in memory for place in places)


def named(memory: list[bytes], copies: tuple[Copy, ...]) -> set[str]:
    """Whose token stands beside their address or the key of their copy, in whatever shape the token is."""
    found = set()
    for copy in copies:
        shapes = (encode(copy.payload)[-14:].encode(), copy.payload[-12:], copy.payload[-12:].hex().encode())
        for shape, part in ((shape, part) for shape in shapes for part in memory if shape in part):
            near = (
                part[max(0, at.start() - _NEAR) : at.end() + _NEAR]
                for at in re.finditer(re.escape(shape), part)
            )
            if any(copy.address.encode() in each or copy.key.encode() in each for each in near):
                found.add(copy.address)
    return found


def test_after_an_anonymous_send_its_senders_memory_ties_no_token_to_a_person(process: Process) -> None:
    process.begin()
    assert len(process.copies) == PEOPLE
    for copy in process.copies[::2]:
        process.talking.ask(f"open {Signer(SECRET).sign(Purpose.OPEN, copy.payload)}")
    # The control: while the send runs the same looks find the secret, and the copy that the provider still holds.
    running = process.memory
    assert pieces(running, process.secret) > 0
    assert "p0@ville.example" in named(running, process.copies)
    process.talking.ask("end")
    ended = process.memory
    assert pieces(ended, process.secret) == 0
    assert named(ended, process.copies) == set()
    # The process is at work as before: it knows people, and tokens are not among what it knows of them.
    assert any(b"p1@ville.example" in part for part in ended)
