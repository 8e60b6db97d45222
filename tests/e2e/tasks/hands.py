"""How somebody works on pages: with a mouse, or with the keyboard alone.

Both name what they mean by its role and its name, as a person reads it, and keep what they pressed.
"""

from pathlib import Path
from typing import Literal, Protocol

from playwright.sync_api import Locator, Page, expect

Role = Literal["button", "link", "textbox", "combobox", "checkbox", "tab", "searchbox"]
MOST_TABS = 60
_WHERE = """element => {
    const now = document.activeElement;
    if (now === element) return "here";
    if (!now || now === document.body) return "nowhere";
    const place = now.compareDocumentPosition(element);
    return place & Node.DOCUMENT_POSITION_PRECEDING ? "before" : "after";
}"""
_SEEN = """element => {
    const style = getComputedStyle(element), box = element.getBoundingClientRect();
    const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
    if (!element.matches(":focus-visible") || !(ring || style.boxShadow !== "none"))
        return "it has no visible focus";
    const [x, y] = [box.left + box.width / 2, box.top + Math.min(box.height / 2, 12)];
    const top = document.elementFromPoint(x, y);
    if (!top) return `it is out of sight, at ${Math.round(x)},${Math.round(y)}`;
    const labels = [...(element.labels ?? [])];
    const own = [element, ...labels].some((one) => one.contains(top)) || top.contains(element);
    return own ? "" : `something covers it: ${top.outerHTML.slice(0, 80)}`;
}"""
_CELL = "cell => [cell.parentElement.rowIndex, cell.cellIndex]"
_WHEN = "() => performance.timeOrigin"


class Hand(Protocol):
    """What a person does on a page."""

    page: Page
    pressed: list[str]

    def press(self, target: Locator, said: str = "") -> None:
        """Press a button or a link, which the script calls `said`."""

    def write(self, field: Locator, text: str) -> None:
        """Put a text in the place of what a field has."""

    def pick(self, field: Locator, label: str) -> None:
        """Choose of a list."""

    def tick(self, box: Locator) -> None:
        """Choose something."""

    def give(self, field: Locator, file: Path) -> None:
        """Choose a file."""

    def edit(self, cell: Locator) -> None:
        """Begin to edit a cell of a table's rows."""


class Mouse:
    """A hand that points, and types only what is text."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.pressed: list[str] = []

    def press(self, target: Locator, said: str = "") -> None:
        """Click it."""
        self.pressed.append(said)
        target.click()

    def write(self, field: Locator, text: str) -> None:
        """Click into it, and type."""
        field.click(click_count=3)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    def pick(self, field: Locator, label: str) -> None:
        """Choose of a list, which the system draws, out of a browser's sight."""
        field.click()
        field.select_option(label=label)
        self.page.keyboard.press("Escape")

    def tick(self, box: Locator) -> None:
        """Click it."""
        box.click()
        expect(box).to_be_checked()

    def give(self, field: Locator, file: Path) -> None:
        """Click it, and choose in the window that opens."""
        with self.page.expect_file_chooser() as opened:
            self.page.evaluate(_WHEN)  # the browser has heard by then that it is to be told
            field.click()
        opened.value.set_files(file)

    def edit(self, cell: Locator) -> None:
        """Click it twice."""
        cell.dblclick()


class Keyboard:
    """A hand that has no mouse: Tab and arrows lead everywhere, and it is seen where one is."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.pressed: list[str] = []
        self._document = 0.0
        self._last = ""

    def press(self, target: Locator, said: str = "") -> None:
        """Go there, and press Enter."""
        self.pressed.append(said)
        self._reach(target, said)
        self._key("Enter")

    def write(self, field: Locator, text: str) -> None:
        """Go there, and type."""
        self._reach(field)
        self._key("Control+a")
        self.page.keyboard.type(text)

    def pick(self, field: Locator, label: str) -> None:
        """Go there, and type how it begins."""
        self._reach(field)
        self.page.keyboard.type(label)
        expect(field.locator("option:checked")).to_have_text(label)

    def tick(self, box: Locator) -> None:
        """Go there, and press the space bar."""
        self._reach(box)
        self._key("Space")
        expect(box).to_be_checked()

    def give(self, field: Locator, file: Path) -> None:
        """Go there, press Enter, and choose in the window that opens."""
        self._reach(field)
        with self.page.expect_file_chooser() as opened:
            self.page.evaluate(_WHEN)  # see above
            self._key("Enter")
        opened.value.set_files(file)

    def edit(self, cell: Locator) -> None:
        """Go to the rows, through them by arrows, and press Enter."""
        place: tuple[int, int] = cell.evaluate(_CELL)
        first = self.page.locator("table.sheet td[tabindex='0']")
        self._reach(first, "the rows")
        own: tuple[int, int] = first.evaluate(_CELL)
        for key, steps in (
            ("ArrowDown", place[0] - own[0]),
            ("ArrowUp", own[0] - place[0]),
            ("ArrowRight", place[1] - own[1]),
            ("ArrowLeft", own[1] - place[1]),
        ):
            for _ in range(steps):
                self._key(key)
        expect(cell).to_be_focused()
        self._check_seen(cell)
        self._key("Enter")

    def _key(self, key: str) -> None:
        self._last = key
        self.page.keyboard.press(key)

    def _reach(self, target: Locator, said: str = "") -> None:
        """Go to something as a person does: past the head of a new page, then by Tab.

        Fails where it cannot be reached, is not seen to be where one is, or where what was done
        before lost the focus within the same page.
        """
        name = said or str(target)
        expect(target).to_be_visible()
        where = target.evaluate(_WHERE)
        document = self.page.evaluate(_WHEN)
        if where == "nowhere":
            assert document != self._document, f"the focus is lost before {name}, by {self._last}"
            self._pass_the_head(target)
            where = target.evaluate(_WHERE)
        self._document = document
        for _ in range(MOST_TABS):
            if where == "here":
                self._check_seen(target)
                return
            self.page.keyboard.press("Shift+Tab" if where == "before" else "Tab")
            where = target.evaluate(_WHERE)
        raise AssertionError(f"{name} is not reached by {MOST_TABS} times Tab")

    def _pass_the_head(self, target: Locator) -> None:
        """Pass the head of a page by its own link, where what is meant is in the content."""
        self.page.keyboard.press("Tab")
        if target.evaluate("element => Boolean(element.closest('main'))"):
            expect(self.page.locator("a[href='#main']")).to_be_focused()
            self.page.keyboard.press("Enter")
            expect(self.page.locator("main")).to_be_focused()

    def _check_seen(self, target: Locator) -> None:
        wrong = target.evaluate(_SEEN)
        assert not wrong, f"{target}: {wrong}"
