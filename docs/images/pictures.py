"""Pictures of the pages of figures, from a demo or a simulated year that was played: for the docs, and to look at.

`python docs/images/pictures.py var/demo PICTURES` photographs the report of the newsletter; of `var/annee` also the trend of
each campaign and the year's page, at 1440 and 390 pixels, light and dark. With `docs/images` as third argument the two that
docs/reference/demo-year.md shows are made smaller and put there. Needs Debian's chromium.
"""

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import product
from pathlib import Path

import uvicorn
from PIL import Image
from playwright.sync_api import sync_playwright

from mailer.app import Mailer, create_mailer
from mailer.clock import Clock, SystemClock
from mailer.demo.year.moving import MovedClock
from mailer.model.accounts import Role
from mailer.store import accounts
from mailer.web import create_app, listen

CHROMIUM = "/usr/bin/chromium"
_SHOWN = {"trend": "trend-flash", "year": "year-2023"}
_SHOWN_WIDTH, _SHOWN_HEIGHT = 960, 1150
WIDTHS, SCHEMES = (1440, 390), ("light", "dark")


def main(workspace: Path, pictures: Path) -> None:
    pictures.mkdir(parents=True, exist_ok=True)
    os.environ["MAILER_WORKSPACE"] = str(workspace)
    mailer = create_mailer(workspace, clock=_clock(workspace))
    with _desk(mailer) as (url, secret), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for width, scheme in product(WIDTHS, SCHEMES):
            context = browser.new_context(
                viewport={"width": width, "height": 900},
                color_scheme=scheme,  # type: ignore[arg-type]  # one of two literals
            )
            context.add_cookies([{"name": "relais", "value": secret, "url": url}])
            page = context.new_page()
            for name, path in _pages(mailer):
                page.goto(url + path)
                page.screenshot(path=pictures / f"{name}-{width}-{scheme}.png", full_page=True)
            context.close()
        browser.close()
    mailer.close()


def show(pictures: Path, folder: Path) -> None:
    """What the docs show: 960 pixels wide, in 64 colours, the beginning of a long page."""
    for name, source in _SHOWN.items():
        with Image.open(pictures / f"{source}-1440-light.png") as whole:
            height = round(whole.height * _SHOWN_WIDTH / whole.width)
            small = whole.convert("RGB").resize((_SHOWN_WIDTH, height), Image.Resampling.LANCZOS)
        beginning = small.crop((0, 0, _SHOWN_WIDTH, min(height, _SHOWN_HEIGHT)))
        beginning.quantize(64, dither=Image.Dither.NONE).save(folder / f"{name}.png", optimize=True)


def _pages(mailer: Mailer) -> Iterator[tuple[str, str]]:
    """The latest report and the trend of each campaign that was sent, and the year of the latest."""
    latest = {each.campaign: each for each in mailer.measures.letters()}
    for campaign, letter in sorted(latest.items()):
        yield f"report-{campaign}", f"/resultats/{letter.ref}"
        yield f"trend-{campaign}", f"/resultats/{campaign}"
    years = {letter.started_at.year for letter in latest.values()}
    for year in sorted(years):
        yield f"year-{year}", f"/bilan/{year}"


def _clock(workspace: Path) -> Clock:
    """That of a simulated year, which stands at its end."""
    moved = workspace / "var" / "clock"
    return MovedClock(moved) if moved.exists() else SystemClock()


@contextmanager
def _desk(mailer: Mailer) -> Iterator[tuple[str, str]]:
    """The desk, and the cookie of somebody who reads."""
    listening = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(create_app(mailer), log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    at = mailer.clock.now()
    with mailer.store.write() as tx:
        user = accounts.create_user(tx, "claude@reseau.example", role=Role.WRITER, at=at)
        assert user.id is not None
        secret = accounts.create_session(tx, user.id, at=at, lifetime=timedelta(days=1))
    yield f"http://127.0.0.1:{listening.getsockname()[1]}", secret
    server.should_exit = True
    thread.join(timeout=10)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]))
    if sys.argv[3:]:
        show(Path(sys.argv[2]), Path(sys.argv[3]))
