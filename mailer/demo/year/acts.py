"""What happens in the year: the list comes in, people join, mailboxes close, letters leave and are read."""

import json
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from mailer.demo.habits import Profile
from mailer.demo.year import newcomers, writing
from mailer.demo.year.calendar import Departure, instant
from mailer.demo.year.house import House
from mailer.demo.year.reading import profile_of, read_letter
from mailer.errors import RefusedError
from mailer.model.ledger import SendState
from mailer.sandbox.post import last_of_journal
from mailer.sending import Answers
from mailer.store import contacts

Bar = Callable[[int, int], None]

BY = "demo"
_IMPORTS = {
    "organisations": "collectivites.csv",
    "exclusions": "desinscrits.csv",
    "contacts": "contacts.csv",
}
#: A scanner's links are told from a person's ten seconds later.
_SCANS = timedelta(seconds=15)
_NEWS_SECONDS = 120.0
#: One mailbox in this many closes before each newsletter, and so many before the first.
_CLOSING, _CLOSED = 1500, 150
_SIGNUPS = 6
#: Reading ends before the next letter leaves, and after three days at the latest.
_MARGIN, _LAST = timedelta(hours=1), timedelta(hours=72)


def take_list_in(house: House) -> None:
    """The list as it is at the beginning of the year."""
    for kind, name in _IMPORTS.items():
        house.mailer.import_file(kind, house.people / name, by=BY)
    house.book.write("list", {})


def let_people_join(house: House, on: date) -> None:
    """A file of people met, then sign-ups by the form; once a month."""
    house.clock.advance_to(instant(on, 6))
    few = house.size.people is not None
    arrived = writing.write_arrivals(house.people, on.month, count=3 if few else writing.ARRIVALS, on=on)
    house.mailer.import_file("contacts", arrived, by=BY)
    names = [f"inscription-{on.month:02}-{place}@nouveaux.example" for place in range(1 if few else _SIGNUPS)]
    confirmed = newcomers.sign_up(house.stage.maildir, base_url=house.stage.base_url, addresses=names)
    mails = {"confirmed": confirmed, "mails": len(list((house.stage.maildir / "new").iterdir()))}
    house.book.write(f"people {on.isoformat()}", {**mails, **_told(house, _last(house))})
    empty(house.stage.maildir)


def close_mailboxes(house: House, on: date, *, first: bool) -> None:
    """Mailboxes that do not exist any more: the provider knows, the list does not."""
    with house.mailer.store.read() as tx:
        known = contacts.addresses(tx, house.mailer.audience("abonnes").contact_ids)
    share = _CLOSED if first else _CLOSING
    closed = [each for each in known if zlib.crc32(f"{on}|{each}".encode()) % share == 0]
    _ask_provider(house, "/server", {"close": closed})
    house.book.write(f"closed {on.isoformat()}", {"closed": closed})


def send_and_read(house: House, letter: Departure, *, until: datetime | None, bar: Bar) -> None:
    """One letter: it leaves, the provider tells what became of it, it is read until the next one."""
    house.clock.advance_to(letter.at)
    before = _last(house)
    _send(house, letter.ref, bar)
    _wait_for_news(house, letter.ref)
    end = min(until - _MARGIN, letter.at + _LAST) if until else letter.at + _LAST
    tally = read_letter(
        house.stage.maildir,
        profile=_profile(house, letter),
        seed=zlib.crc32(letter.ref.encode()),
        base_url=house.stage.base_url,
        closed=_closed(house),
        wait=lambda part: house.clock.advance_to(letter.at + part * (end - letter.at)),
        progress=bar,
    )
    house.clock.advance_to(house.clock.now() + _SCANS)
    house.mailer.hits.flush()
    house.book.write(letter.ref, {**tally.values(), **_told(house, before)})
    empty(house.stage.maildir)


def empty(maildir: Path) -> None:
    """What was read is thrown away: a year of mail is a dozen gigabytes."""
    for path in (maildir / "new").iterdir():
        path.unlink()


def _profile(house: House, letter: Departure) -> Profile:
    """The newsletter is opened more in some months than in others."""
    profile = profile_of(letter.campaign)
    if letter.campaign != "newsletter":
        return profile
    return replace(profile, opening=house.story.opening[letter.on.month - 1])


def _send(house: House, ref: str, bar: Bar) -> None:
    mailer = house.mailer
    before = mailer.status(ref)[0].send
    if before is not None and before.state == SendState.DONE:
        return
    if before is not None and before.state == SendState.PAUSED:
        mailer.running.resume(ref, by=BY)
    answers = Answers(recipients=mailer.departures.foresee(ref).count)
    summary = mailer.send_now(ref, by=BY, progress=lambda seen: bar(seen.done, seen.planned), answers=answers)
    if summary.state != SendState.DONE:
        raise RefusedError("{ref} did not leave whole: it is {state}.", ref=ref, state=summary.state)


def _wait_for_news(house: House, ref: str) -> None:
    """Until the provider has tried every mail and told what became of it."""
    until = time.monotonic() + _NEWS_SECONDS
    while time.monotonic() < until:
        stats = _ask_provider(house, "/stats")
        if not stats["webhooks_waiting"] and not stats["statuses"].get("Pending"):
            return
        time.sleep(0.05)
    raise RefusedError("The provider did not tell in time what became of {ref}.", ref=ref)


def _last(house: House) -> Mapping[str, int]:
    """Where the provider stands: the number of its latest mail, and how many failed. Asked again after an interruption."""
    latest = [each for each in house.book.entries.values() if "journal_to" in each]
    known = max((each["journal_to"] for each in latest), default=0)
    return {"journal_to": known, "failed": sum(each["bounced"] for each in latest)}


def _told(house: House, before: Mapping[str, int]) -> dict[str, int]:
    statuses = _ask_provider(house, "/stats")["statuses"]
    failed = statuses.get("HardFail", 0) + statuses.get("Bounced", 0)
    return {
        "journal_from": before["journal_to"],
        "journal_to": last_of_journal(house.stage.folder / "var" / "sandbox"),
        "bounced": failed - before["failed"],
    }


def _closed(house: House) -> set[str]:
    return {address.lower() for each in house.book.entries.values() for address in each.get("closed", ())}


def _ask_provider(house: House, path: str, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    port = house.stage.environment["MAILER_SANDBOX__CONTROL_PORT"]
    request = Request(  # loopback
        f"http://127.0.0.1:{port}{path}",
        data=json.dumps(values).encode() if values is not None else None,
        headers={"Content-Type": "application/json"},
    )
    with urlopen(request, timeout=10) as answer:  # noqa: S310  # loopback
        found: dict[str, Any] = json.loads(answer.read())
    return found
