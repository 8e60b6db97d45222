"""Training pages in a browser: choices and what follows, the live board, and trainings again."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.browser.stories import SECOND, choose_few, upload

PHONE = {"width": 390, "height": 800}
WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture
def table(page, tmp_path, request):
    """A small table of the test's own; the name of its data set."""
    file = tmp_path / "boards.csv"
    rows = "".join(f"{n},{'ab'[n % 2]},{n * 7 % 13},{n % 2}\n" for n in range(80))
    file.write_text(f"size,kind,noise,good\n{rows}")
    upload(page, f"Boards {request.node.name[5:30]}", file)
    expect(page.locator("table.rows")).to_be_visible(timeout=60 * SECOND)
    page.wait_for_url("**/datasets/boards-*")
    return page.url.rpartition("/")[2]


def test_from_choices_to_the_board_and_again_by_keyboard(page, table):
    page.goto(f"/datasets/{table}/train")
    plan = page.get_by_label("What will happen")
    expect(plan).to_contain_text("64 to learn from, 16 held back")
    page.get_by_text("Columns", exact=True).press("Enter")
    page.get_by_role("checkbox", name="noise").press("Space")
    expect(plan).to_contain_text("Left out: 1 column")
    page.get_by_label("How long to search").select_option("thorough")
    expect(plan).to_contain_text("10 minutes")
    page.get_by_label("Or so many seconds").fill("2,5")
    page.keyboard.press("Tab")
    expect(plan).to_contain_text("2.5 seconds")
    page.get_by_text("More choices").press("Enter")
    page.get_by_label("Folds").fill("several")
    page.keyboard.press("Tab")
    expect(plan.get_by_role("alert")).to_contain_text("must be a whole number")
    page.get_by_label("Folds").fill("3")
    page.keyboard.press("Tab")
    expect(plan).to_contain_text("3 folds")
    page.get_by_text("More choices").press("Enter")
    choose_few(page)
    page.get_by_role("button", name="Start the training").press("Enter")
    page.wait_for_url("**/jobs/*")
    expect(page.get_by_text("Resume")).to_be_hidden()  # when it has ended
    expect(page).to_have_title(re.compile("^✓ Training good succeeded"))
    expect(page.get_by_role("status").first).to_contain_text("on rows that it never saw")

    page.get_by_role("link", name="Train again").press("Enter")
    expect(page.get_by_label("Folds")).to_have_value("3")
    expect(page.get_by_label("Or so many seconds")).to_have_value("2.5")
    page.get_by_text("Columns", exact=True).press("Enter")
    expect(page.get_by_role("checkbox", name="noise")).not_to_be_checked()


def test_an_open_question_stays_open_while_the_board_changes(page, table):
    page.goto(f"/datasets/{table}/train")
    page.get_by_label("How long to search").select_option("thorough")
    page.get_by_role("button", name="Start the training").click()
    page.wait_for_url("**/jobs/*")
    page.get_by_text("Cancel…").click()
    expect(page).to_have_title(re.compile(r"^[1-9]\d?% Training good"))  # the board has changed
    page.get_by_role("button", name="Cancel the training").click()
    expect(page.get_by_role("status").first).to_contain_text("Stopped before it was done.")
    expect(page.get_by_text("Cancel…")).to_be_hidden()


def test_without_scripts_and_on_a_phone(chromium, stack, seat, page, table):
    options = {"java_script_enabled": False, "viewport": PHONE}
    context = chromium.new_context(base_url=stack.web_url, **options)
    context.add_cookies([seat])
    plain = context.new_page()
    plain.goto(f"/datasets/{table}/train")
    plain.get_by_label("What to predict").select_option("kind")
    choose_few(plain)
    plain.get_by_role("button", name="Show what will happen").click()
    plan = plain.get_by_label("What will happen")
    expect(plan).to_contain_text("2 labels: a, b")
    expect(plan).to_contain_text("64 to learn from")
    plain.get_by_role("button", name="Start the training").click()
    expect(plain.get_by_text("is ready.")).to_be_visible()  # the page loads itself anew
    plain.get_by_text("Delete…", exact=True).click()
    plain.get_by_role("button", name="Delete the training").click()
    plain.wait_for_url("**/jobs")
    context.close()

    page.set_viewport_size(PHONE)
    for path in (f"/datasets/{table}/train", "/jobs", f"/jobs/ranking?dataset={table}&target=good"):
        page.goto(path)
        for summary in page.locator("main details:not(.menu) > summary").all():
            summary.click()
        assert not page.evaluate(WIDE), path


def test_chosen_trainings_are_compared_and_deleted(page, table):
    for folds in ("2", "3"):
        page.goto(f"/datasets/{table}/train")
        choose_few(page)
        page.get_by_label("Folds").fill(folds)
        page.get_by_role("button", name="Start the training").click()
        page.wait_for_url("**/jobs/*")
    expect(page.get_by_role("link", name="See the evaluation")).to_be_visible()
    page.get_by_role("link", name="beside others of the same").click()
    rows = page.locator("tbody tr").filter(has_text=table)
    for box in rows.locator("input[name=job]").all()[:2]:
        box.check()
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("row", name="Folds")).to_contain_text("differs")
    page.goto("/jobs")
    for box in rows.locator("input[name=chosen]").all():
        box.check()
    page.get_by_role("button", name="Delete…").click()
    page.get_by_role("button", name=re.compile(r"^Delete \d+ trainings$")).click()
    page.wait_for_url("**/jobs")
    expect(rows).to_have_count(0)
