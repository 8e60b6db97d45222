"""Predictions for a whole file in a browser: by keyboard, on a phone, without scripts."""

import csv
import re

import pytest
from playwright.sync_api import expect

from tests.e2e.browser.stories import TITANIC
from tests.e2e.browser.test_every_page import AXE, BEYOND

pytestmark = pytest.mark.slow
PHONE = {"width": 390, "height": 800}


@pytest.fixture
def seat(stack, learner_cookie):
    """The cookie of somebody whose workspace has a model."""
    name, text = learner_cookie
    return {"name": name, "value": text, "url": stack.web_url}


@pytest.fixture
def file(tmp_path):
    """Passengers, of whom the second has an age that nobody has."""
    rows = TITANIC.read_text().splitlines()
    table = list(csv.DictReader(rows))
    table[1]["age"] = "young"
    found = tmp_path / "passengers.csv"
    with found.open("w", newline="") as out:
        writer = csv.DictWriter(out, table[0].keys())
        writer.writeheader()
        writer.writerows(table)
    return found


def downloaded(page, name):
    with page.expect_download() as waiting:
        page.get_by_role("link", name=name).click()
    assert waiting.value.suggested_filename == "passengers-predictions.csv"
    return list(csv.DictReader(waiting.value.path().read_text().splitlines()))


def test_a_file_is_sent_watched_and_its_result_had(page, axe, file):
    page.goto("/models/titanic/try")
    page.get_by_label("File of rows").set_input_files(file)
    page.get_by_role("button", name="Send the file").press("Enter")
    page.wait_for_url("**/batches/*")
    status = page.get_by_role("status").first
    expect(status).to_contain_text("have a prediction. 1 row")
    expect(page).to_have_title(re.compile("^✓ Predicted for passengers.csv"))
    expect(page.get_by_text("Cancel…")).to_be_hidden()
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="2", exact=True))
    expect(row).to_contain_text("'age'")
    rows = downloaded(page, "Download CSV")
    assert [one["row"] for one in rows[:3]] == ["1", "2", "3"]
    assert (rows[1]["label"], "'age'" in rows[1]["problem"]) == ("", True)
    assert rows[0]["label"] in {"0", "1"}
    assert rows[0]["name"].startswith("Braund") or rows[0]["sex"]
    page.set_viewport_size(PHONE)
    page.evaluate(axe)
    assert page.evaluate(AXE) == []
    assert page.evaluate(BEYOND) <= 0
    page.get_by_role("link", name="Another file").press("Enter")
    expect(page.get_by_role("link", name="passengers.csv").first).to_be_visible()
    page.evaluate(axe)
    assert page.evaluate(AXE) == []
    assert page.evaluate(BEYOND) <= 0


def test_a_file_that_is_none_is_told_of_and_the_next_one_taken(page, file, tmp_path):
    page.goto("/models/titanic/batches")
    (tmp_path / "book.xlsx").write_bytes(b"PK")
    page.get_by_label("File of rows").set_input_files(tmp_path / "book.xlsx")
    page.get_by_role("button", name="Send the file").click()
    expect(page.get_by_role("alert")).to_contain_text("Save the workbook's sheet as CSV")
    bad = tmp_path / "bad.csv"
    bad.write_text("pclass,sex\n1,female\n1,male,3\n")
    page.get_by_label("File of rows").set_input_files(bad)
    page.get_by_role("button", name="Send the file").click()
    page.wait_for_url("**/batches/*")
    expect(page.get_by_role("status").first).to_contain_text("Row 2 has 3 cells where the header")


def test_without_scripts(chromium, stack, seat, file):
    context = chromium.new_context(
        base_url=stack.web_url, java_script_enabled=False, viewport=PHONE
    )
    context.add_cookies([seat])
    page = context.new_page()
    page.goto("/models/titanic/try")
    page.get_by_label("File of rows").set_input_files(file)
    page.get_by_role("button", name="Send the file").click()
    expect(page.get_by_text("have a prediction")).to_be_visible()  # the page loads itself anew
    page.get_by_text("Delete…", exact=True).click()
    page.get_by_role("button", name="Delete the predictions").click()
    page.wait_for_url("**/batches")
    expect(page.get_by_role("status").filter(has_text="are deleted")).to_be_visible()
    context.close()
