"""The way of a user through the pages: upload, look, edit, train, evaluate, predict."""

import csv
from pathlib import Path

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TITANIC = Path(__file__).parents[3] / "examples" / "titanic.csv"
SECOND = 1000
NAME = "Browser titanic"
ID = "browser-titanic"


def upload(page, name, file):
    page.goto("/datasets/new")
    page.get_by_label("Name").fill(name)
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Upload", exact=True).click()


def test_from_a_file_to_a_prediction(page, stack):
    upload(page, NAME, TITANIC)
    page.wait_for_url(f"**/datasets/{ID}")
    rows = page.locator("table.rows tbody tr")
    expect(rows.first).to_be_visible(timeout=60 * SECOND)
    with TITANIC.open() as file:
        count = len(list(csv.DictReader(file)))
    expect(page.locator(".facts")).to_contain_text(f"{count:,} rows")

    rows.first.get_by_role("link", name="Edit").click()
    page.get_by_label("age", exact=True).fill("30.5")
    page.get_by_role("button", name="Save").click()
    expect(rows.first).to_contain_text("30.5")
    expect(rows.first.get_by_role("link", name="Edit")).to_be_focused()
    with stack.client() as client:
        first = client.get(f"/datasets/datasets/{ID}/records", params={"limit": 1}).json()
    assert first["items"][0]["values"]["age"] == 30.5

    page.get_by_role("link", name="Train a model").click()
    expect(page.get_by_label("What to predict")).to_have_value("survived")
    page.get_by_role("button", name="Start the training").click()
    page.wait_for_url("**/jobs/*")
    with page.expect_response("**/resume") as resumed:  # of no need here, and of no harm
        page.get_by_role("button", name="Resume").click()
    assert resumed.value.ok
    page.get_by_role("link", name="See the evaluation").click(timeout=180 * SECOND)

    expect(page.get_by_role("heading", name="How good is it?")).to_be_visible()
    for chart in ("Right and wrong", "ROC curve", "What it looks at"):
        picture = page.get_by_role("figure").filter(has_text=chart).get_by_role("img")
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", value=True)
        assert picture.evaluate("image => image.naturalWidth") > 0

    page.get_by_role("link", name="Try it").click()
    page.get_by_label("sex").select_option("female")
    page.get_by_label("pclass").fill("1")
    page.get_by_role("button", name="Predict").click()
    answer = page.get_by_label("Answer")
    expect(page.get_by_role("button", name="Predict")).to_be_focused()
    expect(answer).to_contain_text("Answered by")
    expect(answer.locator(".figure")).to_have_text("1")
    expect(answer.locator("pre")).to_contain_text(stack.gateway_url)


def test_pages_work_without_scripts(chromium, stack, tmp_path):
    file = tmp_path / "plain.csv"
    rows = "".join(f"{n},{'ab'[n % 2]},{n % 2}\n" for n in range(60))
    file.write_text(f"size,kind,good\n{rows}")
    context = chromium.new_context(base_url=stack.web_url, java_script_enabled=False)
    page = context.new_page()

    upload(page, "Plain", file)
    rows = page.locator("table.rows tbody tr")
    expect(rows.first).to_be_visible(timeout=60 * SECOND)  # the page loads itself anew until then

    rows.first.get_by_role("link", name="Edit").click()
    page.get_by_label("size").fill("7000")
    page.get_by_role("button", name="Save").click()
    expect(rows.first).to_contain_text("7000")

    page.get_by_role("link", name="Train a model").click()
    page.get_by_role("button", name="Start the training").click()
    page.get_by_role("link", name="See the evaluation").click(timeout=120 * SECOND)
    page.get_by_role("link", name="Try it").click()
    page.get_by_role("button", name="Predict").click()
    expect(page.get_by_label("Answer")).to_contain_text("Answered by")
    context.close()


def test_a_bad_file_is_refused_where_it_was_chosen(page, tmp_path):
    file = tmp_path / "ragged.csv"
    file.write_text("a,b\n1,2\n3\n")
    upload(page, "ragged", file)
    problem = page.get_by_role("alert")
    expect(problem).to_contain_text("row 2", ignore_case=True)
    expect(page.get_by_label("Name")).to_have_value("ragged")


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
    page.get_by_role("link", name="Edit the column size").click(timeout=60 * SECOND)
    expect(page.get_by_label("Allowed values")).to_be_hidden()
    page.get_by_label("Largest value").fill("20")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("more than the maximum 20")
    page.get_by_label("Largest value").fill("29")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/datasets/sizes#columns")
    expect(page.locator("#columns tr", has_text="size")).to_contain_text("to 29")


def test_on_a_phone_nothing_hides_beyond_the_edge(chromium, stack, tmp_path):
    file = tmp_path / "phone.csv"
    file.write_text("size,good\n" + "".join(f"{n % 17},{n % 2}\n" for n in range(60)))
    context = chromium.new_context(base_url=stack.web_url, viewport={"width": 390, "height": 800})
    page = context.new_page()
    upload(page, "Phone", file)
    for _ in range(2):
        page.get_by_role("link", name="Train a model").click(timeout=60 * SECOND)
        page.get_by_text("More choices").click()
        page.get_by_label("Random forest").uncheck()
        page.get_by_label("Gradient boosting").uncheck()
        page.get_by_role("button", name="Start the training").click()
        expect(page.get_by_role("link", name="See the evaluation")).to_be_visible(
            timeout=120 * SECOND
        )
        page.goto("/datasets/phone")
    page.goto("/models/phone")
    promote = page.get_by_role("button", name="Promote to champion")
    box = promote.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    promote.click()
    expect(page.get_by_role("heading", name="champion → version 2")).to_be_visible()
    page.get_by_text("Delete…").click()
    box = page.get_by_role("button", name="Delete phone").bounding_box()
    assert box["x"] + box["width"] <= 390
    page.get_by_role("button", name="Delete phone").click()
    page.wait_for_url("**/models")
    expect(page.get_by_role("link", name="phone", exact=True)).to_have_count(0)
    context.close()
