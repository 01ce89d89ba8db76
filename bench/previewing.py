"""Measure 9: from a key in the composer to the picture of the mail beside it, in a real browser."""

import math
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from bench.desk import desk
from bench.measure import Row

CHROMIUM = Path("/usr/bin/chromium")
KEYS = 60
#: Long enough for the picture of one key to be there before the next.
PAUSE_MS = 1_500
LETTER = "newsletter/2026-06"
#: Notes when a key comes to the text, and when a mail that holds the typed word stands beside the form.
_WATCH = """
() => {
  const field = document.querySelector("[role=textbox]");
  field.focus();
  window.watch = (word) => {
    window.shown = new Promise((done) => {
      let began = 0;
      field.addEventListener("beforeinput", () => { began = performance.now(); }, { once: true });
      const look = () => {
        const mail = document.querySelector("[data-frame]:not(.is-coming)")?.contentDocument;
        if (began && mail?.body?.textContent.includes(word)) done(performance.now() - began);
        else requestAnimationFrame(look);
      };
      look();
    });
  };
}
"""


def rows() -> list[Row]:
    if not CHROMIUM.exists():
        return [Row("key to picture in the composer", "not measured: no chromium", "p95 <= 400 ms")]
    with desk() as (url, secret), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.context.add_cookies([{"name": "relais", "value": secret, "url": url}])
        page.goto(f"{url}/lettres/{LETTER}/ecrire?ouvert=1,2")
        taken = sorted(_typed(page))
        browser.close()
    middle, late = taken[len(taken) // 2], taken[math.ceil(len(taken) * 0.95) - 1]
    return [
        Row(
            f"key to picture in the composer, {len(taken)} keys: median; p95",
            f"{middle:.0f} ms; {late:.0f} ms",
            "p95 <= 400 ms",
        )
    ]


def _typed(page: Page) -> Iterator[float]:
    page.evaluate(_WATCH)
    for number in range(KEYS + 5):
        word = f"Le texte numéro {number}."
        page.evaluate("word => window.watch(word)", word)
        page.keyboard.press("Control+a")
        page.keyboard.insert_text(word)
        taken = float(page.evaluate("window.shown"))
        if number >= 5:
            yield taken
        page.wait_for_timeout(PAUSE_MS - min(taken, PAUSE_MS - 1))
