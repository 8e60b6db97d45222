"""A report is asked for on a page, watched while it is made, read, fetched and removed."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.browser.stories import made_report
from tests.support.node import modules

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AXE = """() => axe.run(document, { resultTypes: ["violations"] }).then((found) =>
  found.violations.map((one) => `${one.id}: ${one.nodes[0].html.slice(0, 200)}`))"""


@pytest.fixture(scope="module")
def seat(stack, learner_cookie):
    """The cookie of somebody whose workspace has a model."""
    name, text = learner_cookie
    return {"name": name, "value": text, "url": stack.web_url}


@pytest.fixture(scope="module")
def axe():
    return (modules(Path(__file__).parent / "axe") / "axe-core" / "axe.min.js").read_text()


def flaws(page, axe):
    page.evaluate(axe)
    return page.evaluate(AXE)


def test_a_report_is_made_by_keyboard_read_and_removed(page, axe):
    page.goto("/models/titanic/versions/1")
    ask = page.get_by_role("link", name="Make a report")
    ask.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/reports/new?model=titanic&version=1")
    assert flaws(page, axe) == []
    page.get_by_label("Jupyter notebook").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Make the report").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/reports/[0-9a-f-]+$"))
    expect(page.get_by_role("heading", name="Report on titanic, version 1")).to_be_visible()
    expect(page.get_by_role("link", name="Read it")).to_be_visible()
    expect(page.locator("#live .stages")).to_have_count(0)
    expect(page).to_have_title("✓ Report on titanic, version 1 · Mayfly")
    assert flaws(page, axe) == []
    address = page.url

    with page.expect_download() as fetched:
        page.get_by_role("link", name="Download report.pdf").click()
    assert fetched.value.path().read_bytes().startswith(b"%PDF-")

    with page.expect_popup() as opened:
        page.get_by_role("link", name="Read it").click()
    read = opened.value
    expect(read.get_by_role("heading", level=1)).to_have_text("Model titanic, version 1")
    expect(read.locator("figure img").first).to_be_visible()
    text = read.content()
    read.goto("about:blank")  # where it is sandboxed, no script runs, this one neither
    read.set_content(text)
    assert flaws(read, axe) == []

    page.get_by_role("link", name="Remove…").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove the report").click()
    page.wait_for_url("**/reports")
    assert page.locator(f"a[href='{address.partition('//')[2].partition('/')[2]}']").count() == 0


def test_without_scripts_and_on_a_phone_one_is_made_too(chromium, stack, seat):
    context = chromium.new_context(
        base_url=stack.web_url, java_script_enabled=False, viewport={"width": 390, "height": 800}
    )
    context.add_cookies([seat])
    page = context.new_page()
    page.goto("/datasets")
    page.get_by_role("link", name="titanic").first.click()
    page.get_by_role("link", name="Make a report").click()
    for kind in ("PDF", "Jupyter notebook"):
        page.get_by_label(kind).uncheck()
    page.get_by_role("button", name="Make the report").click()
    page.get_by_role("link", name="Read it").wait_for(timeout=120_000)  # it loads itself anew
    for path in (page.url, "/reports", "/reports/new"):
        page.goto(path)
        assert page.locator("body").bounding_box()["width"] <= 390
    context.close()


def test_reports_are_found_by_what_they_are_about(page, learner):
    report = made_report(learner, {"dataset": "titanic", "kinds": ["notebook"]})
    page.goto("/reports?dataset=titanic")
    expect(page.locator(f".list a[href='/reports/{report}']")).to_be_visible()
    page.locator("#find").fill("titanic")
    expect(page.locator("#found")).to_contain_text("Reports")
