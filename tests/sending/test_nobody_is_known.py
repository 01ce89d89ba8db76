"""After the end of an anonymous send, somebody with the database, every file and every key tries to name a reader.

They may guess how tokens are made, for it is written in the source. What they lack is the secret of the send: the
same attack with that secret, kept aside by the test, names everybody, so that the attack is known to work.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import select

from mailer.model.columns import metadata, table
from mailer.model.events import TokenSeen
from mailer.rendering.slots import SlotKind, mark
from mailer.tokens import Purpose
from mailer.tracking import Hits
from tests.sending.scripted import Scripted
from tests.sending.world import Tracking, World, campaign
from tests.tracking.agents import FIREFOX

ANONYMOUS = campaign(tracking=Tracking.ANONYMOUS)
HTML = f"<p>Bonjour</p>{mark(SlotKind.PIXEL)}"
_PIXEL = re.compile(r"/o/([\w.-]+)\.gif")
_HEX = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
#: What looks like a key of this installation; the secret of a send is longer, and a value of a row.
_KEY_BYTES = 32


def test_nobody_who_opened_can_be_named(sqlite_world: World) -> None:
    world, held = sqlite_world, set[bytes]()
    provider = Scripted(on_send=lambda _message: held.add(world.secret(send_id)))
    world.people(24)
    send_id = world.schedule(campaign=ANONYMOUS, html=HTML)
    world.sender(provider).run(send_id)
    assert world.send(send_id).state == "done"
    readers = {each.envelope.to.address for each in provider.journal[::2]}
    read_by(world, provider, readers)
    # The control: with the secret all are named.
    (secret,) = held
    assert len(secret) == 1024
    assert named(world, send_id, [secret]) == readers
    del secret
    held.clear()
    found = keys_in_hand(world)
    assert len(found) > 100
    assert named(world, send_id, found) == set()


def test_what_says_which_copy_left_names_no_reader_either(sqlite_world: World) -> None:
    """A web server's log has every token: none of them is in a file, nor a hash that it would be found by."""
    world, provider = sqlite_world, Scripted()
    world.people(3)
    world.sender(provider).run(send_id := world.schedule(campaign=ANONYMOUS, html=HTML))
    read_by(world, provider, {each.envelope.to.address for each in provider.journal})
    files = b"".join(path.read_bytes() for path in world.root.rglob("*") if path.is_file())
    files += Path(world.store.url.removeprefix("sqlite:///")).read_bytes()
    for message in provider.journal:
        token = token_of(message.content.html)
        payload = world.signer.verify(Purpose.OPEN, token)
        assert token.encode() not in files
        assert payload[9:].hex().encode() not in files
        assert payload[9:] not in files
        assert hashlib.sha256(message.mime).hexdigest().encode() not in files
    assert all(row.request_hash == "" for row in world.rows(send_id))


def token_of(html: str) -> str:
    found = _PIXEL.search(html)
    assert found is not None
    return found[1]


def read_by(world: World, provider: Scripted, readers: set[str]) -> None:
    hits = Hits(world.store, world.signer, world.clock)
    for message in provider.journal:
        if message.envelope.to.address in readers:
            assert hits.open(token_of(message.content.html), user_agent=FIREFOX)
    hits.flush()


def named(world: World, send_id: int, keys: Iterable[bytes]) -> set[str]:
    """Whose token was seen, if tokens were made with one of these keys, or with none."""
    send, seen = world.send(send_id), set()
    rows = table(TokenSeen)
    with world.store.read() as tx:
        seen = set(tx.execute(select(rows.c.digest)).scalars())
    people = world.rows(send_id)
    assert len(seen) >= len(people) // 2
    head = bytes.fromhex(send.public_id)
    candidates = list(keys)
    return {
        row.address
        for row in people
        for text in (
            row.key.encode(),
            row.address.encode(),
            str(row.contact_id).encode(),
            str(row.id).encode(),
        )
        if any(each in seen for each in digests(head + bytes([row.cohort]), text, candidates))
    }


def digests(head: bytes, text: bytes, keys: Iterable[bytes]) -> Iterable[str]:
    """As mailer.sending.copies and mailer.tracking.counting make them."""
    yield hashlib.sha256(head + text).hexdigest()[:32]
    for key in keys:
        yield hashlib.sha256(head + hmac.digest(key, text, hashlib.sha256)[:12]).hexdigest()[:32]


def keys_in_hand(world: World) -> list[bytes]:
    """Every value of every row, every file of the installation, the keys it draws from its secret, and what looks like one."""
    found: set[bytes] = {world.signer.digest(each, b"") for each in Purpose}
    database = Path(world.store.url.removeprefix("sqlite:///"))
    files = [*world.root.rglob("*"), *database.parent.glob(database.name + "*")]
    for path in {each for each in files if each.is_file()}:
        content = path.read_bytes()
        found |= {bytes.fromhex(each.decode()) for each in _HEX.findall(content)}
        found.add(content[:_KEY_BYTES])
    with world.store.read() as tx:
        for each in metadata.sorted_tables:
            for row in tx.execute(select(each)):
                found |= {key for value in row for key in as_keys(value)}
    return sorted(found)


def as_keys(value: Any) -> set[bytes]:
    if isinstance(value, bytes):
        return {value}
    text = str(value)
    plain = {text.encode()[: 2 * _KEY_BYTES]}
    is_hex = len(text) % 2 == 0 and re.fullmatch(r"[0-9a-f]+", text)
    return plain | ({bytes.fromhex(text)} if is_hex else set())
