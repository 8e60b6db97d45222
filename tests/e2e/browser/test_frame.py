"""A day in the frame: search by key, a list by keyboard, questions, a word of what was done."""

import re

import httpx
import pytest
from playwright.sync_api import Route, expect

from tests.support.processes import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]
NAMES = [f"frame-{n:02}" for n in range(6)]


@pytest.fixture(scope="module")
def tables(stack):
    """Six small tables, ready."""
    with httpx.Client(headers={"X-Api-Key": stack.key}, timeout=60) as client:
        base = f"{stack.gateway_url}/function/datasets/datasets"
        for n, name in enumerate(NAMES):
            rows = "".join(f"{row},{n}\n" for row in range(n + 2))
            made = client.post(
                base,
                params={"name": name},
                content=f"a,b\n{rows}",
                headers={"Content-Type": "text/csv"},
            )
            assert made.status_code in (200, 202), made.text

        def ready():
            found = client.get(base, params={"q": "frame-", "count": "true"}).json()
            return {one["state"] for one in found["items"]} == {"ready"}

        wait_until(ready, what="the tables")


def test_find_sort_choose_and_delete_by_keyboard_alone(page, tables):
    page.goto("/models")
    page.keyboard.press("/")
    page.keyboard.type("frame-03")
    expect(page.locator("#found a").first).to_contain_text("frame-03")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/datasets/frame-03")

    page.goto("/datasets")
    page.get_by_placeholder("Search the tables").focus()
    page.keyboard.type("frame-")
    expect(page.locator(".range")).to_have_text("1–6 of 6")  # noqa: RUF001 - a dash
    order = page.locator("thead").get_by_role("link", name="Rows")
    # The list is the one that was searched for, and is not put in place again under the focus.
    expect(order).to_have_attribute("href", re.compile("q=frame-"))
    order.focus()
    page.keyboard.press("Enter")
    rows = page.locator(".list tbody tr")
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("Rows")
    expect(rows.first).to_contain_text("frame-05")
    rows.first.locator("th a").focus()
    page.keyboard.press("ArrowDown")
    expect(rows.nth(1).locator("th a")).to_be_focused()
    page.keyboard.press("x")
    expect(page.locator(".chosen")).to_have_text("1 chosen")
    page.locator(".bulk button").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Delete 1 table?")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.locator(".bulk button")).to_be_focused()
    page.keyboard.press("Enter")
    dialog.get_by_role("button", name="Delete 1 table").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("1 table deleted.")
    page.goto("/datasets?q=frame-")
    expect(page.locator(".range")).to_have_text("1–5 of 5")  # noqa: RUF001 - a dash


def test_what_is_typed_before_the_scripts_have_come_is_found(page, tables):
    held: list[Route] = []

    def hold(route):
        held.append(route)

    page.route("**/static/htmx.js*", hold)
    page.goto("/models", wait_until="commit")
    page.locator("#find").press_sequentially("frame-03")
    expect(page.locator("#find")).to_have_value("frame-03")

    def asked():
        page.wait_for_timeout(0)  # held calls are heard of while something is waited for
        return bool(held)

    wait_until(asked, what="the script asked for")
    held[0].continue_()
    expect(page.locator("#found a").first).to_contain_text("frame-03")


def test_without_scripts_a_question_is_a_page(chromium, stack, seat, tables):
    context = chromium.new_context(base_url=stack.web_url, java_script_enabled=False)
    context.add_cookies([seat])
    page = context.new_page()
    page.goto("/datasets?q=frame-00")
    page.get_by_label("Choose frame-00").check()
    page.get_by_role("button", name="Delete…").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Delete 1 table?")
    page.get_by_role("button", name="Delete 1 table").click()
    expect(page.locator("#toasts")).to_contain_text("1 table deleted.")
    page.goto("/datasets/frame-01")
    page.get_by_role("link", name="Delete…").click()
    page.get_by_role("button", name="Delete frame-01").click()
    expect(page.locator("#toasts")).to_contain_text("frame-01 is deleted.")
    context.close()


def test_nothing_hides_beyond_the_edge_of_a_phone(chromium, stack, seat, tables):
    context = chromium.new_context(base_url=stack.web_url, viewport={"width": 390, "height": 800})
    context.add_cookies([seat])
    page = context.new_page()
    for path in ("/", "/datasets", "/jobs", "/models", "/keys", "/people", "/search?q=frame"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    context.close()
