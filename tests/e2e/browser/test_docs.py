"""The page of a model's docs in a browser: code to copy, and a call that can be tried."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.slow

PAGE = "/models/titanic/docs"


@pytest.fixture
def seat(stack, learner_cookie):
    """The cookie of somebody whose workspace has a model."""
    name, text = learner_cookie
    return {"name": name, "value": text, "url": stack.web_url}


def test_a_call_is_tried_in_place(page, learner):
    page.goto("/models/titanic")
    page.get_by_role("link", name="API and code").click()
    page.get_by_role("button", name="Send").click()
    answer = page.locator("#tried")
    expect(answer).to_contain_text("200 OK")
    expect(answer).to_contain_text('"predictions"')
    body = page.get_by_label("Body, as JSON")
    body.fill('{"records": [{"age": "old"}]}')
    page.get_by_role("button", name="Send").click()
    expect(answer).to_contain_text("422")
    expect(body).to_have_value('{"records": [{"age": "old"}]}')
    assert page.url.endswith(PAGE)


def test_a_call_is_tried_without_scripts_and_on_a_phone(chromium, stack, seat, learner):
    options = {"java_script_enabled": False, "viewport": {"width": 390, "height": 800}}
    context = chromium.new_context(base_url=stack.web_url, **options)
    context.add_cookies([seat])
    page = context.new_page()
    page.goto(PAGE)
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#tried")).to_contain_text("200 OK")
    context.close()


@pytest.mark.parametrize("path", ["/docs", PAGE])
def test_nothing_hides_beyond_a_phone_s_edge(page, learner, path):
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(path)
    for summary in page.locator("details.terminal > summary").all()[1:]:
        summary.click()
    wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not page.evaluate(wide)
