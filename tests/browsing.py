"""Debian's chromium, begun once for each process of tests: what a page leaves behind goes with its context."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    # Every page begins with cold scripts: compiled at once, they take a seventh less of the processor.
    "--js-flags=--always-sparkplug",
)


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        loop = asyncio._get_running_loop()
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield browser
        asyncio._set_running_loop(loop)  # also where the last test was none of the browser's
        browser.close()


@contextmanager
def out_of_sight() -> Iterator[None]:
    """Playwright's loop rests between two calls, and counts as running all the same: other tests begin loops of theirs."""
    loop = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    try:
        yield
    finally:
        if loop is not None and not loop.is_closed():
            asyncio._set_running_loop(loop)
