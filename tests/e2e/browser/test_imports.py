"""New rows from a file in a browser: looked at, asked about, done, taken back; without scripts."""

import pytest
from playwright.sync_api import expect

from tests.e2e.browser.stories import SECOND, upload
from tests.e2e.browser.test_every_page import AXE, BEYOND

pytestmark = pytest.mark.slow
PHONE = {"width": 390, "height": 800}


@pytest.fixture
def table(page, tmp_path, request):
    """A small table of the test's own; the name of its data set."""
    file = tmp_path / "towns.csv"
    file.write_text("id,town\n" + "".join(f"{n},Town {n % 7}\n" for n in range(1, 31)))
    upload(page, f"Towns {request.node.name[5:25]}", file)
    expect(page.locator("table.rows")).to_be_visible(timeout=60 * SECOND)
    page.wait_for_url("**/datasets/towns-*")
    return page.url.rpartition("/")[2]


def look(page, axe):
    page.evaluate(axe)
    assert page.evaluate(AXE) == []
    assert page.evaluate(BEYOND) <= 0


def test_rows_are_checked_asked_about_and_taken_back(page, axe, table, tmp_path):
    page.get_by_role("link", name="Add rows from a file").press("Enter")
    page.set_viewport_size(PHONE)
    page.get_by_role("radio", name="Add its rows").press("ArrowDown")
    page.get_by_label("Column that tells rows apart").select_option("id")
    page.get_by_role("button", name="Check the file").press("Enter")
    expect(page.get_by_text("Choose a file first, or give an address.")).to_be_visible()
    expect(page.get_by_role("radio", name="Change and add")).to_be_checked()
    look(page, axe)
    more = tmp_path / "more.csv"
    more.write_text("id,town\n2,Ulm\n31,Lima\nx,Kyiv\n")
    page.get_by_label("File", exact=True).set_input_files(more)
    page.get_by_role("button", name="Check the file").press("Enter")
    page.wait_for_url("**/imports/1")
    act = "Add 1 and change 1 rows, leave out 1"
    expect(page.get_by_role("link", name=act)).to_be_visible()
    expect(page.locator("tbody").get_by_role("row")).to_contain_text("id")
    look(page, axe)
    page.get_by_role("link", name=act).press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 row is given other values.")
    dialog.get_by_role("button", name=act).press("Enter")
    toast = page.locator("#toasts")
    expect(toast).to_contain_text("1 row added, 1 row changed. 1 row left out.")
    toast.get_by_role("button", name="Undo").press("Enter")
    page.wait_for_url(f"**/datasets/{table}")
    expect(page.locator(".facts").first).to_contain_text("30 rows")
    expect(page.locator("table.rows")).not_to_contain_text("Ulm")
    page.goto(f"/datasets/{table}/imports")
    expect(page.get_by_role("link", name="Change and add by “more”")).to_be_visible()
    look(page, axe)


def test_without_scripts_all_rows_are_replaced(chromium, stack, seat, table, tmp_path):
    file = tmp_path / "few.csv"
    file.write_text("id,town\n7,Bern\n8,Oslo\n")
    context = chromium.new_context(
        base_url=stack.web_url, java_script_enabled=False, viewport=PHONE
    )
    context.add_cookies([seat])
    page = context.new_page()
    page.goto(f"/datasets/{table}/imports")
    page.get_by_role("radio", name="Replace all rows").check()
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Check the file").click()
    page.get_by_role("link", name="Replace 30 rows by 2").click()  # the page loads itself anew
    expect(page.get_by_text("30 rows are taken out of the table.")).to_be_visible()
    page.get_by_role("button", name="Replace 30 rows by 2").click()
    expect(page.get_by_text("2 rows added, 30 rows removed.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".facts").first).to_contain_text("30 rows")
    context.close()
