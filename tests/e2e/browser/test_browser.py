"""The way of a user through the pages: upload, look, edit, train, evaluate, predict."""

import pytest
from playwright.sync_api import expect

from tests.e2e.browser.stories import (
    SECOND,
    choose_few,
    from_a_file_to_a_prediction,
    people_and_keys,
    two_tabs,
    upload,
    without_scripts,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_from_a_file_to_a_prediction(page, stack):
    from_a_file_to_a_prediction(page, stack, stack.gateway_url)


def test_pages_work_without_scripts(chromium, stack, seat, tmp_path):
    without_scripts(chromium, stack.web_url, seat, tmp_path)


def test_people_and_keys(chromium, stack):
    people_and_keys(chromium, stack)


def test_a_tab_does_nothing_where_another_has_gone(page, stack, tmp_path):
    two_tabs(page, stack.web_url, tmp_path)


def test_a_bad_file_is_refused_where_it_was_chosen(page, tmp_path):
    file = tmp_path / "ragged.csv"
    file.write_text("a,b\n1,2\n3\n")
    upload(page, "ragged", file)
    problem = page.get_by_role("alert")
    expect(problem).to_contain_text("row 2", ignore_case=True)
    expect(page.get_by_label("Name")).to_have_value("ragged")


def test_a_file_that_can_be_read_in_two_ways_is_asked_about_and_a_change_of_it_undone(
    page, tmp_path
):
    file = tmp_path / "days.csv"
    rows = "".join(f"0{n % 9 + 1}/0{n % 8 + 1}/2024;{n % 30}\n" for n in range(60))
    file.write_text(f"day;amount\n{rows}")
    upload(page, "Days", file)
    page.get_by_label("a day written day/month/year").check(timeout=60 * SECOND)
    page.get_by_role("button", name="Upload", exact=True).click()  # the file is still chosen
    page.wait_for_url("**/datasets/days")
    first = page.locator("table.rows tbody tr").first
    first.get_by_role("link", name="Edit").click(timeout=60 * SECOND)
    expect(page.get_by_label("day", exact=True)).to_have_value("2024-01-01")
    page.get_by_label("amount", exact=True).fill("5000")
    page.get_by_role("button", name="Save").click()
    expect(first).to_contain_text("amount 5000 is more than 29, the most that the column had")
    page.reload()
    page.locator("form.last").get_by_role("button", name="Undo").click()
    expect(first).not_to_contain_text("5000")
    expect(page.locator(".facts").first).to_contain_text("revision 3")


def test_an_upload_shows_how_much_is_sent(page, tmp_path):
    file = tmp_path / "large.csv"
    file.write_bytes(b"a,b\n" + b"1,some words that take room\n" * 1_000_000)
    page.goto("/datasets/new")
    page.evaluate(
        """() => {
            const text = document.querySelector("#sent span");
            window.told = [];
            new MutationObserver(() => window.told.push(text.textContent))
                .observe(text, { childList: true, characterData: true, subtree: true });
            window.addEventListener("pagehide",
                () => sessionStorage.setItem("told", JSON.stringify(window.told)));
        }"""
    )
    page.get_by_label("Name").fill("Large")
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Upload", exact=True).click()
    page.wait_for_url("**/datasets/large", timeout=60 * SECOND)
    told = page.evaluate("JSON.parse(sessionStorage.getItem('told'))")
    shares = [int(text.removesuffix(" %")) for text in told]
    assert shares == sorted(shares)
    assert len(set(shares)) > 2
    assert shares[-1] == 100


def test_a_column_is_changed_where_its_rows_fit(page, tmp_path):
    file = tmp_path / "sizes.csv"
    file.write_text("size,kind\n" + "".join(f"{n},{'ab'[n % 2]}\n" for n in range(30)))
    upload(page, "Sizes", file)
    page.get_by_role("link", name="Columns", exact=True).click(timeout=60 * SECOND)
    page.get_by_role("link", name="Edit the column size").click()
    expect(page.get_by_label("Allowed values")).to_be_hidden()
    page.get_by_label("Largest value").fill("20")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("more than the maximum 20")
    page.get_by_label("Largest value").fill("29")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/datasets/sizes/columns")
    expect(page.locator("#columns tr", has_text="size")).to_contain_text("to 29")


def test_on_a_phone_nothing_hides_beyond_the_edge(chromium, stack, seat, tmp_path):
    file = tmp_path / "phone.csv"
    file.write_text("size,good\n" + "".join(f"{n % 17},{n % 2}\n" for n in range(60)))
    context = chromium.new_context(base_url=stack.web_url, viewport={"width": 390, "height": 800})
    context.add_cookies([seat])
    page = context.new_page()
    upload(page, "Phone", file)
    for _ in range(2):
        page.get_by_role("link", name="Train a model").click(timeout=60 * SECOND)
        choose_few(page)
        page.get_by_role("button", name="Start the training").click()
        expect(page.get_by_role("link", name="See the evaluation")).to_be_visible(
            timeout=120 * SECOND
        )
        page.goto("/datasets/phone")
    page.goto("/models/phone")
    promote = page.get_by_role("link", name="Promote version 2")
    box = promote.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    promote.click()
    page.get_by_label("Why").fill("it knows more")
    page.get_by_role("button", name="Promote to champion").click()
    expect(page.get_by_role("heading", name="champion → version 2")).to_be_visible()
    page.get_by_text("Delete…").click()
    box = page.get_by_role("button", name="Delete phone").bounding_box()
    assert box["x"] + box["width"] <= 390
    page.get_by_role("button", name="Delete phone").click()
    page.wait_for_url("**/models")
    expect(page.get_by_role("link", name="phone", exact=True)).to_have_count(0)
    context.close()
