"""The pages of functions, API and settings in a browser, as the operator reads them."""

import httpx
import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
PAGES = ("/functions", "/functions/models", "/api", "/settings")
ROUTE = "/api/datasets?method=get&path=/datasets"


def test_a_function_is_scaled_split_and_rolled_back(page, stack):
    page.goto("/functions")
    page.get_by_role("link", name="monitoring", exact=True).click()
    page.get_by_text("Change least and most…").click()
    page.get_by_label("Most").fill("3")
    page.get_by_role("button", name="Change the bounds").click()
    expect(page.locator("#toasts")).to_contain_text("new revision")
    second = page.get_by_role("row", name="monitoring-00002")
    expect(second).to_be_visible()
    expect(second).to_contain_text("newest")

    page.get_by_text("Share calls out among revisions").click()
    page.get_by_label("monitoring-00001", exact=True).fill("30")
    page.get_by_label("monitoring-00002", exact=True).fill("30")
    page.get_by_role("button", name="Share calls so").click()
    expect(page.get_by_role("alert")).to_contain_text("make 60 % together")
    page.get_by_label("monitoring-00002", exact=True).fill("70")
    page.get_by_role("button", name="Share calls so").click()
    expect(second).to_contain_text("70 %")

    page.get_by_label("Roll back… to monitoring-00001").click()
    asked = page.get_by_role("dialog")
    expect(asked).to_contain_text("later deploys get no calls")
    asked.get_by_role("button", name="Roll back to monitoring-00001").click()
    expect(page.get_by_role("row", name="monitoring-00001")).to_contain_text("100 %")
    page.get_by_label("Send all calls here… to monitoring-00002").click()
    page.get_by_role("button", name="Send all calls to monitoring-00002").click()
    expect(second).to_contain_text("100 %")

    page.get_by_text("Set replicas now…").click()
    before = page.get_by_label("Replicas now").input_value()
    page.get_by_label("Replicas now").fill("2")
    page.get_by_role("button", name="Set replicas").click()
    expect(page.locator("#toasts")).to_contain_text("is set")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Replicas now")).to_have_value(before)
    told = stack.mayfly("status", "--json").stdout
    assert '"monitoring"' in told


@pytest.fixture
def echo(stack):
    """A classic function that writes to its log at each call."""
    order = {
        "service": "echo",
        "image": "none",
        "envProcess": "sh -c 'echo \"<b>heard</b>\" $Http_Query >&2'",
        "envVars": {"combine_output": "false"},
    }
    place, auth = f"{stack.gateway_url}/system/functions", ("admin", stack.password)
    httpx.post(place, json=order, auth=auth, timeout=60).raise_for_status()
    yield f"{stack.gateway_url}/function/echo"
    name = {"functionName": "echo"}
    httpx.request("DELETE", place, json=name, auth=auth, timeout=60).raise_for_status()


def test_the_log_follows_what_is_written(page, echo):
    page.goto("/functions/echo")
    log = page.locator("#log")
    expect(log).to_contain_text("Nothing was written yet")
    for word in ("first", "second"):
        httpx.get(f"{echo}?{word}", timeout=60).raise_for_status()
        expect(log).to_contain_text(f"<b>heard</b> {word}")


def test_a_route_is_tried_by_keyboard_alone(page):
    page.goto("/api?q=get+/datasets")
    summary = page.locator("summary", has_text="GET /datasets").first
    summary.focus()
    page.keyboard.press("Enter")
    form = page.get_by_role("form", name="Try GET /datasets", exact=True)
    form.get_by_label("limit").focus()
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    expect(page.locator(".answer").first).to_contain_text("200 OK")
    assert page.url.endswith("/api?q=get+/datasets")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_on_a_phone_and_without_scripts(chromium, stack, seat, theme):
    options = {"java_script_enabled": False, "viewport": {"width": 390, "height": 800}}
    context = chromium.new_context(base_url=stack.web_url, color_scheme=theme, **options)
    context.add_cookies([seat])
    page = context.new_page()
    for address in PAGES:
        page.goto(address)
        expect(page.locator("h1")).to_be_visible()
    page.goto(ROUTE)
    page.get_by_label("limit").fill("1")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".answer")).to_contain_text("200 OK")
    context.close()


@pytest.mark.parametrize("address", [*PAGES, ROUTE])
def test_nothing_hides_beyond_a_phone_s_edge(page, address):
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(address)
    assert not page.evaluate(WIDE)
