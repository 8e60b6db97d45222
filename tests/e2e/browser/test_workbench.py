"""A morning of repairing data, by keys alone and by mouse: cells, pasted cells, many rows, undo."""

import pytest
from playwright.sync_api import expect

from tests.e2e.browser.stories import SECOND, upload
from tests.support.processes import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASTE = """() => {
    const data = new DataTransfer();
    data.setData("text/plain", "1,5\\ta\\n2,5\\tc\\n");
    const options = { clipboardData: data, bubbles: true, cancelable: true };
    document.activeElement.dispatchEvent(new ClipboardEvent("paste", options));
}"""


@pytest.fixture
def bench(page, tmp_path):
    file = tmp_path / "bench.csv"
    rows = "".join(f"{n},{20 + n}.5,{'ab'[n % 2]}\n" for n in range(60))
    file.write_text(f"number,age,kind\n{rows}")
    upload(page, "Bench", file)
    expect(page.locator("table.sheet")).to_be_visible(timeout=60 * SECOND)
    yield page
    page.goto("/datasets/bench")
    page.get_by_role("link", name="Delete…").click()
    page.get_by_role("button", name="Delete Bench").click()
    page.wait_for_url("**/datasets")


def cell(page, row, column):
    """Return a cell; before its values a row has a box and its actions."""
    return page.locator("table.sheet tbody tr").nth(row).locator("td").nth(2 + column)


def test_a_morning_of_data_repair(bench):
    page = bench
    expect(page.locator(".range")).to_have_text("1–25 of 60")  # noqa: RUF001 - a dash
    cell(page, 0, 0).click()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(cell(page, 1, 1)).to_be_focused()
    page.keyboard.press("Enter")
    box = page.locator("td.editing input[type=text]")
    expect(box).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("29,5")
    page.keyboard.press("Enter")
    expect(cell(page, 1, 1)).to_have_text("29.5")
    expect(page.locator("#toasts")).to_contain_text("29,5 was read as 29.5.")
    expect(cell(page, 1, 1)).to_be_focused()

    page.keyboard.press("F2")
    expect(box).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("many")
    page.keyboard.press("Enter")
    expect(page.locator("td.editing")).to_contain_text("must be a number")
    page.keyboard.press("Escape")
    expect(cell(page, 1, 1)).to_have_text("29.5")

    page.evaluate(PASTE)
    expect(cell(page, 2, 1)).to_have_text("2.5")
    expect(cell(page, 2, 2)).to_have_text("c")

    page.get_by_role("link", name="age", exact=True).click()
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("age")
    expect(cell(page, 0, 1)).to_have_text("1.5")
    for number in range(2):
        page.locator("input[name=chosen]").nth(number).check()
    page.locator("#many").get_by_role("button", name="Delete…").click()
    page.get_by_role("button", name="Delete 2 rows").click()
    expect(page.locator(".facts").first).to_contain_text("58 rows")
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator(".facts").first).to_contain_text("60 rows")

    page.get_by_role("link", name="History").click()
    page.get_by_role("link", name="Restore revision 1").click()
    page.get_by_role("button", name="Restore revision 1").click()
    expect(page.locator("#toasts")).to_contain_text("as they were at revision 1")
    expect(cell(page, 1, 1)).to_have_text("21.5")


def test_rows_are_chosen_and_set_without_scripts_on_a_phone(bench, chromium, stack, seat):
    phone = {"width": 390, "height": 800}
    context = chromium.new_context(
        base_url=stack.web_url, viewport=phone, java_script_enabled=False
    )
    context.add_cookies([seat])
    page = context.new_page()
    page.goto("/datasets/bench?filter=kind==a")
    expect(page.locator(".range")).to_have_text("1–25 of 30")  # noqa: RUF001 - a dash
    page.get_by_label("Which rows").select_option("all")
    page.get_by_role("button", name="Set a column…").click()
    page.get_by_label("Column", exact=True).select_option("age")
    page.get_by_label("Value").fill("90,5")
    page.get_by_role("button", name="Set it").click()
    expect(page.locator("#toasts")).to_contain_text("30 rows changed in age")
    expect(cell(page, 0, 1)).to_have_text("90.5")
    for tab in ("", "/columns", "/models", "/history"):
        page.goto(f"/datasets/bench{tab}")
        assert page.evaluate("document.documentElement.scrollWidth") <= phone["width"], tab
    context.close()


def test_rows_below_one_that_is_being_edited_take_nothing_that_is_pasted(chromium):
    tools, values = "<td></td>", "<td tabindex=-1>1</td>"
    row = f"<tr><td><input type=checkbox name=chosen value='r{{}} 1'></td>{tools}{values}</tr>"
    edited = f"<tr class=editing><td></td>{tools}{values}</tr>"
    rows = [row.format(0), row.format(1), edited, row.format(3)]
    head = "<thead><tr><th></th><th></th><th data-name=age>age</th></tr></thead>"
    table = f"<table class=sheet data-cell=/x data-paste=/x>{head}<tbody>{''.join(rows)}</tbody>"
    page = chromium.new_page()
    page.set_content(f"{table}</table>")
    page.evaluate("window.htmx = { ajax: (verb, place, { values }) => { window.sent = values; } }")
    page.add_script_tag(path=ROOT / "web/static/pages/dataset.js", type="module")
    page.locator("td[tabindex='0']").focus()
    page.evaluate(PASTE)
    assert page.evaluate("window.sent.rows") == "r0 1\nr1 1"
    page.close()
