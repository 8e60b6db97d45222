"""A model is asked about others than it learnt from: its monitor says so, and somebody is told."""

import csv

import pytest
from playwright.sync_api import expect

from benchmarks.prediction.stack import COLUMNS
from tests.e2e.browser.stories import TITANIC
from tests.support.processes import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]
MONITOR = "/models/titanic/monitor?span=minute"
OLDER = 40.0


@pytest.fixture(scope="module")
def seat(stack, learner_cookie):
    """The cookie of somebody whose workspace has a model."""
    name, text = learner_cookie
    return {"name": name, "value": text, "url": stack.web_url}


@pytest.fixture(scope="module", autouse=True)
def drift(learner):
    """Passengers who are all so much older, and a window of them."""
    with TITANIC.open() as file:
        rows = [one for one in csv.DictReader(file) if one["age"]][:200]
    records = [_record(row) for row in rows]
    path = "/prediction/models/titanic/predict"
    answer = learner.post(path, json={"records": records})
    assert answer.status_code == 200, answer.text

    def seen():
        params = {"span": "minute", "last": 1}
        found = learner.get("/monitoring/models/titanic/windows", params=params).json()
        measured = [one["measures"].get("drift:age", {}) for one in found["windows"]]
        return any(one.get("alarm") for one in measured)

    wait_until(seen, what="a window that drifts")


def _record(row):
    """Return a passenger as the model takes one."""
    numbers = {"age", "fare", "pclass", "sibsp", "parch"}
    record = {name: row[name] for name in COLUMNS}
    for name in numbers & {*COLUMNS}:
        value = float(row[name]) if row[name] else None
        record[name] = value if value is None or name in {"age", "fare"} else int(value)
    return record | {"age": float(row["age"]) + OLDER}


def test_the_monitor_says_what_is_off_and_leads_to_it_by_keyboard(page):
    page.goto(MONITOR)
    expect(page.locator(".boss")).to_contain_text("not as in the rows that it learnt from")
    for kind in ("Traffic", "How long calls take"):
        figure = page.get_by_role("figure").filter(has_text=kind)
        figure.scroll_into_view_if_needed()
        expect(figure.locator(".live svg")).to_be_visible()
    first = page.locator(".heat tbody tr").first
    expect(first.locator("th")).to_have_text("age")
    cells = page.locator(".heat tbody td a[tabindex='0']")
    expect(cells).to_have_count(1)
    cells.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".heat tbody tr").nth(1).locator("td a").last).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url("**/monitor/column?name=age**")
    expect(page.locator(".verdict.no")).to_contain_text("Its values moved by")
    expect(page.locator("figure .live svg")).to_be_visible()
    expect(page.get_by_role("region", name="Numbers of: Then and now")).to_be_visible()


def test_a_channel_and_a_rule_are_made_tested_and_removed(page):
    page.goto("/channels")
    page.get_by_label("Addresses").fill("team@example.org")
    page.get_by_role("button", name="Make it").first.click()
    row = page.get_by_role("row").filter(has_text="team@example.org")
    row.hover()
    row.get_by_role("button", name="Send a test").click()
    expect(page.locator("#tested, .said, .problem").first).to_contain_text("The test")

    page.goto("/models/titanic/rules")
    page.get_by_role("link", name="Add a rule").click()
    page.get_by_label("Name", exact=True).fill("Passengers grow older")
    page.get_by_label("What it looks at").fill("drift:age")
    page.get_by_label("Out of order when it").select_option("above")
    page.get_by_label("Value", exact=True).fill("0,5")
    page.get_by_role("button", name="Make the rule").click()
    rule = page.get_by_role("row").filter(has_text="Passengers grow older")
    expect(rule).to_contain_text("Drift of age is above 0.5")
    rule.hover()
    rule.get_by_role("link", name="Remove…").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(rule).to_have_count(0)


def test_without_scripts_and_on_a_phone_it_can_all_be_read(chromium, stack, seat):
    context = chromium.new_context(
        base_url=stack.web_url, java_script_enabled=False, viewport={"width": 390, "height": 800}
    )
    context.add_cookies([seat])
    page = context.new_page()
    for path in (MONITOR, "/monitoring", "/alerts", "/channels", "/operations"):
        page.goto(path)
        assert page.locator("body").bounding_box()["width"] <= 390
    page.goto(MONITOR)
    expect(page.get_by_role("img", name="Bars of calls over time")).to_be_visible()
    page.locator(".heat td a.off").first.click()
    page.wait_for_url("**/monitor/column?**")
    expect(page.get_by_role("img", name="Two distributions")).to_be_visible()
    expect(page.get_by_role("cell", name="%").first).to_be_visible()
    context.close()
