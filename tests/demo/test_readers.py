"""Simulated readers do what their profile says, the same each time, and the log tells it as it was."""

import re
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from mailer.demo import habits, readers
from mailer.demo.habits import FLASH, NEWSLETTER, PROFILES, Kind, Profile

PUBLIC = "https://lettres.reseau.example"
EVERYTHING = replace(
    NEWSLETTER,
    name="everything",
    opening=1.0,
    programs={habits.OUTLOOK: 1.0},
    clicking=1.0,
    clicking_blind=0.0,
    prefetching=1.0,
    scanning=0.0,
    unsubscribing=1.0,
)


@dataclass
class Seen:
    """What the server was asked: method, path, user agent, body."""

    url: str = ""
    requests: list[tuple[str, str, str, str]] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=lambda: {"/o/": 200, "/c/": 302, "/u/": 200})

    def by(self, method: str, start: str) -> list[tuple[str, str, str, str]]:
        return [each for each in self.requests if each[0] == method and each[1].startswith(start)]


@pytest.fixture
def seen() -> Iterator[Seen]:
    found = Seen()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            found.requests.append((self.command, self.path, self.headers["User-Agent"], body))
            self.send_response(found.statuses.get(self.path[:3], 404))
            self.send_header("Location", "https://ville.example/")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_HEAD = do_POST = _answer  # noqa: N815  # names of the standard library

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    found.url = f"http://127.0.0.1:{server.server_port}"
    yield found
    server.shutdown()
    server.server_close()


def write(
    folder: Path,
    count: int,
    *,
    pixel: bool = True,
    campaign: str = "newsletter",
    first: int = 0,
    keys: str = "key",
) -> Path:
    (folder / "new").mkdir(parents=True, exist_ok=True)
    for number in range(first, first + count):
        image = f'<img src="{PUBLIC}/o/p{number}.gif" width="1" height="1" alt="">' if pixel else ""
        (folder / "new" / f"m{number:06}").write_text(
            f"Message-ID: <{keys}{number}@reseau.example>\n"
            f"To: Camille <reader{number}@ville.example>\n"
            f"Feedback-ID: 12:{campaign}:relais\n"
            f"List-Unsubscribe: <{PUBLIC}/u/u{number}>,\n <mailto:lettre@reseau.example>\n"
            "Content-Type: text/html; charset=utf-8\n\n"
            f'<html><body><a href="{PUBLIC}/c/c{number}">Lire</a> <a href="https://ville.example/">Ville</a>'
            f'<a href="{PUBLIC}/p/p{number}">Mes choix</a>{image}'
            '<img src="https://elsewhere.example/t.gif" width="1" height="1"></body></html>'
        )
    return folder


def read(folder: Path, seen: Seen, profile: str | Profile, **more: object) -> readers.Log:
    return readers.read(folder, profile=profile, base_url=seen.url, requests_per_second=1e6, **more)  # type: ignore[arg-type]


def test_each_act_is_a_real_request(tmp_path: Path, seen: Seen) -> None:
    log = read(write(tmp_path, 1), seen, EVERYTHING)
    assert log.acts == {"key0": (Kind.PREFETCH, Kind.OPEN, Kind.CLICK, Kind.UNSUBSCRIBE)}
    assert [each[:2] for each in seen.requests] == [
        ("GET", "/o/p0.gif"),
        ("GET", "/o/p0.gif"),
        ("GET", "/c/c0"),
        ("POST", "/u/u0"),
    ]
    assert seen.requests[1][2] == habits.OUTLOOK
    assert seen.requests[3][3] == "List-Unsubscribe=One-Click"


def test_the_log_is_what_the_server_saw(tmp_path: Path, seen: Seen) -> None:
    log = read(write(tmp_path, 300), seen, "newsletter")
    opens = log.counts[Kind.OPEN] + log.counts[Kind.PROXY_OPEN] + log.counts[Kind.PREFETCH]
    assert len(seen.by("GET", "/o/")) == opens > 100
    assert len(seen.by("POST", "/u/")) == log.counts[Kind.UNSUBSCRIBE]
    scans = len(seen.by("HEAD", "/c/")) + len(seen.by("HEAD", "/u/")) + len(seen.by("GET", "/u/"))
    assert len(seen.by("GET", "/c/")) + scans == log.counts[Kind.CLICK] + log.counts[Kind.SCAN]
    assert sum(log.counts.values()) == len(seen.requests)
    assert log.failures == {}


def test_the_same_seed_does_the_same(tmp_path: Path, seen: Seen) -> None:
    write(tmp_path, 100)
    first, second, other = (read(tmp_path, seen, "newsletter", seed=seed) for seed in (1, 1, 2))
    assert first == second
    assert first.acts != other.acts


def test_a_reader_does_the_same_at_every_play(tmp_path: Path, seen: Seen) -> None:
    """Message keys are drawn anew at every play; people stay."""
    first = read(write(tmp_path / "first", 100), seen, "newsletter")
    second = read(write(tmp_path / "second", 100, keys="other"), seen, "newsletter")
    assert {key[3:]: kinds for key, kinds in first.acts.items()} == {
        key[5:]: kinds for key, kinds in second.acts.items()
    }


def test_what_one_mail_gets_does_not_depend_on_the_others(tmp_path: Path, seen: Seen) -> None:
    alone = read(write(tmp_path, 40), seen, "newsletter").acts
    together = read(write(tmp_path, 40, first=40), seen, "newsletter").acts
    assert {key: kinds for key, kinds in together.items() if int(key[3:]) < 40} == alone


@pytest.mark.parametrize(("name", "rate"), [("newsletter", 0.37), ("flash", 0.31)])
def test_a_profile_lands_near_its_rate(name: str, rate: float) -> None:
    """Without a network: 8,000 mails are planned, and counted as the log counts."""
    opening = {Kind.OPEN, Kind.PROXY_OPEN, Kind.CLICK}
    opened = sum(
        not opening.isdisjoint(
            act.kind
            for act in habits.plan(
                PROFILES[name], 1, who=f"k{number}", pixel="/o/p.gif", links=["/c/c"], unsubscribe="/u/u"
            )
        )
        for number in range(8000)
    )
    assert opened / 8000 == pytest.approx(rate, abs=0.012)


def test_mails_without_a_pixel_are_not_measured(tmp_path: Path, seen: Seen) -> None:
    log = read(write(tmp_path, 20, pixel=False), seen, replace(EVERYTHING, clicking=0.0))
    assert (log.read, log.measured, log.opened_high, log.rate_high) == (20, 0, 0, None)
    assert seen.by("GET", "/o/") == []


def test_a_proxy_is_high_and_not_low(tmp_path: Path, seen: Seen) -> None:
    gmail = replace(EVERYTHING, programs={habits.GMAIL: 1.0}, clicking=0.0, prefetching=0.0)
    log = read(write(tmp_path, 10), seen, gmail)
    assert (log.opened_high, log.opened_low, log.rate_high) == (10, 0, 1.0)


def test_a_machine_is_neither(tmp_path: Path, seen: Seen) -> None:
    machines = replace(EVERYTHING, opening=0.0, scanning=1.0, unsubscribing=0.0)
    log = read(write(tmp_path, 10), seen, machines)
    assert log.counts == Counter({Kind.PREFETCH: 10, Kind.SCAN: 40})
    assert (log.opened_high, log.opened_low) == (0, 0)
    assert seen.by("POST", "/") == []


def test_only_the_mails_of_the_issue_are_read(tmp_path: Path, seen: Seen) -> None:
    write(tmp_path, 5, campaign="newsletter")
    write(tmp_path, 3, campaign="flash", first=5)
    assert read(tmp_path, seen, FLASH, issue="flash/2026-06-11").read == 3


def test_readers_stay_on_this_machine(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="stay on this machine"):
        readers.read(write(tmp_path, 1), profile="flash", base_url=PUBLIC)


def test_what_fails_is_not_told_as_done(tmp_path: Path, seen: Seen) -> None:
    seen.statuses["/u/"] = 302
    seen.statuses["/o/"] = 500
    log = read(write(tmp_path, 4), seen, EVERYTHING)
    assert log.counts == Counter({Kind.CLICK: 4})
    assert log.failures == Counter({"prefetch 500": 4, "open 500": 4, "unsubscribe 302": 4})


def test_progress_is_told_to_the_end(tmp_path: Path, seen: Seen) -> None:
    told: list[tuple[int, int]] = []
    read(write(tmp_path, 5), seen, "flash", progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]


def test_the_pace_is_kept() -> None:
    waits: list[float] = []
    pace = readers.Pace(100, now=lambda: 5.0, sleep=waits.append)
    for _ in range(4):
        pace.wait()
    assert waits == pytest.approx([0.0, 0.01, 0.02, 0.03])


@pytest.mark.parametrize("name", ["readers", "habits", "letters", "browsing"])
def test_readers_import_nothing_of_the_engine(name: str) -> None:
    source = (Path(readers.__file__).parent / f"{name}.py").read_text("utf-8")
    imported = re.findall(r"^(?:from|import) (mailer[\w.]*)", source, re.MULTILINE)
    assert set(imported) <= {f"mailer.demo.{each}" for each in ("habits", "letters", "browsing")}
