"""Chromium, driven by Playwright: both are for developers, and may be missing."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from infra.local.errors import LocalError
from infra.local.pictures.shapes import file_name, new_pages, shape

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"]
WIDTHS, HEIGHT = (1440, 1024, 390), 900
THEMES = ("light", "dark")
MOST_PAGES = 80
PATIENCE = 20_000  # milliseconds
# Charts and pictures that are still on their way would be missing.
SETTLED = "() => document.fonts.ready.then(() => [...document.images].every(i => i.complete))"
# What opens beside the pages is none of ours: no script runs in it, and so nothing is asked of it.
LINKS = "() => [...document.querySelectorAll('a[href]:not([download], [target])')].map(a => a.href)"


@contextmanager
def opened() -> Iterator[Any]:
    """Give a browser for as long as it is wanted.

    Raises:
        LocalError: there is none.
    """
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        raise LocalError(
            "There is no Chromium, which takes the pictures.",
            "Install it (Debian: apt-get install chromium).",
        )
    try:
        from playwright.sync_api import Error, sync_playwright  # noqa: PLC0415 - may be missing
    except ImportError as error:
        raise LocalError(
            "There is no Playwright, which drives the browser.",
            "Install what tests need: .venv/bin/pip install -r requirements-dev.txt "
            "-c requirements.lock",
        ) from error
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
            yield browser
            browser.close()
    except Error as error:
        told = error.message.partition("\n")[0]
        raise LocalError(f"The browser failed: {told}", "Do the pages answer?") from error


def kinds(tab: Any, origin: str) -> dict[str, str]:
    """Return an address of each kind of page that a tab's reader can reach, by its shape."""
    found = {shape(f"{origin}/"): f"{origin}/"}
    waiting = list(found.values())
    while waiting and len(found) < MOST_PAGES:
        tab.goto(waiting.pop(0))
        more = new_pages(tab.evaluate(LINKS), origin, found)
        found |= more
        waiting += more.values()
    return found


class Pictures:
    """Takes them.

    Args:
        browser: as `opened` gives it.
        origin: of the pages, such as http://127.0.0.1:8000.
        folder: where pictures go.
    """

    def __init__(self, browser: Any, origin: str, folder: Path) -> None:
        self._browser = browser
        self._origin = origin.rstrip("/")
        self._folder = folder

    def pages(self, way_in: str) -> tuple[dict[str, str], Any]:
        """Return an address of each kind of page that can be reached, and what a session holds.

        Args:
            way_in: an address that signs somebody in.
        """
        context = self._browser.new_context()
        tab = self._tab(context)
        tab.goto(way_in)
        found = kinds(tab, self._origin)
        state = context.storage_state()
        context.close()
        return found, state

    def take(self, pages: dict[str, str], state: Any, told: Callable[[Path], None]) -> int:
        """Take a picture of each page at each width, light and dark; return how many there are."""
        self._folder.mkdir(parents=True, exist_ok=True)
        count = 0
        for width in WIDTHS:
            for theme in THEMES:
                count += self._take_all(pages, state, width, theme, told)
        return count

    def _take_all(
        self,
        pages: dict[str, str],
        state: Any,
        width: int,
        theme: str,
        told: Callable[[Path], None],
    ) -> int:
        context = self._browser.new_context(
            storage_state=state,
            viewport={"width": width, "height": HEIGHT},
            color_scheme=theme,
            reduced_motion="reduce",
        )
        tab = self._tab(context)
        for kind, address in pages.items():
            tab.goto(address)
            tab.wait_for_function(SETTLED)
            file = self._folder / file_name(kind, width, theme)
            tab.screenshot(path=file, full_page=True, animations="disabled")
            told(file)
        context.close()
        return len(pages)

    def _tab(self, context: Any) -> Any:
        context.set_default_timeout(PATIENCE)
        return context.new_page()
