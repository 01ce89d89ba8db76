"""`make pictures`: the shipped mails as readers see them who block images, into docs/images/. Look at them after each change.

What must be readable: every alternative text, in the theme's colour, in a place of its own and no empty box.
"""

from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from mailer import workspace
from mailer.rendering import Confinement
from tests.conftest import REPOSITORY
from tests.rendering.conftest import Press

#: File's name -> the issue whose mail is shown, and the colours that its reader has set.
SHOWN = {
    "newsletter": ("newsletter/2026-06", "light"),
    "flash": ("flash/2026-06-11", "light"),
    "flash-dark": ("flash/2026-06-11", "dark"),
    "mailing": ("mailing/2026-06-18-j-14", "light"),
}
FOLDER = REPOSITORY / "docs/images"
WIDTH = 640
#: Flat areas and letters: few colours are enough, and the files stay small.
COLOURS = 24


def main() -> None:
    """All of them, anew."""
    shipped, _ = workspace.load(REPOSITORY)
    with Confinement() as confinement, sync_playwright() as playwright:
        press = Press(shipped, confinement)
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        for name, (ref, scheme) in SHOWN.items():
            path = FOLDER / f"images-off-{name}.png"
            _keep(_shot(browser, press.content(press.issue(ref)).html, scheme), path)
            print(path.relative_to(REPOSITORY), path.stat().st_size // 1024, "kB")
        browser.close()


def _shot(browser: Browser, mail: str, scheme: str) -> bytes:
    page = browser.new_page(viewport={"width": WIDTH, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    page.route("**/*", lambda route: route.abort())
    page.set_content(mail)
    shot = page.screenshot(full_page=True)
    page.close()
    return shot


def _keep(shot: bytes, path: Path) -> None:
    with Image.open(BytesIO(shot)) as image:
        image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main()
