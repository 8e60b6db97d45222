"""A model's pages in a browser: charts under the strict policy, the line by keyboard."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.slow
VERSION = "/models/titanic/versions/1"


@pytest.fixture
def seat(stack, learner_cookie):
    """The cookie of somebody whose workspace has a model."""
    name, text = learner_cookie
    return {"name": name, "value": text, "url": stack.web_url}


def test_charts_answer_and_the_line_moves_by_keyboard(page):
    page.goto(VERSION)
    expect(page.locator(".boss")).to_contain_text("of 100 right")
    for kind in ("ROC curve", "Calibration"):
        figure = page.get_by_role("figure").filter(has_text=kind)
        figure.scroll_into_view_if_needed()
        expect(figure.locator(".live svg")).to_be_visible()
        expect(figure.locator("picture")).to_be_hidden()
    told = page.locator("[data-told=threshold]")
    before = told.inner_text()
    page.get_by_label("from a low to a high probability").press("End")
    expect(told).not_to_have_text(before)
    page.get_by_label("A false alarm costs").fill("2,5")
    expect(page.get_by_role("button", name="Show", exact=True)).to_be_hidden()


def test_without_scripts_and_on_a_phone_the_proof_is_there(chromium, stack, seat):
    context = chromium.new_context(
        base_url=stack.web_url, java_script_enabled=False, viewport={"width": 390, "height": 800}
    )
    context.add_cookies([seat])
    page = context.new_page()
    page.goto(VERSION)
    expect(page.get_by_role("img", name="held-out rows are right")).to_be_visible()
    page.get_by_label("A missed").fill("5")
    page.get_by_role("button", name="Show", exact=True).click()
    page.wait_for_url("**missed=5**")
    expect(page.locator("[data-told=cost]")).to_be_visible()
    body = page.locator("body").bounding_box()
    assert body["width"] <= 390
    context.close()
