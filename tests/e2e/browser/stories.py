"""The way of a user through the pages, told for each platform: upload, edit, train, predict."""

import csv
import json
from pathlib import Path

import httpx
from playwright.sync_api import expect

from tests.support.processes import wait_until

TITANIC = Path(__file__).parents[3] / "examples" / "titanic.csv"
SECOND = 1000
NAME = "Browser titanic"
ID = "browser-titanic"


FEW = frozenset({"logistic_regression"})


def choose_few(page):
    """Have one algorithm tried, which takes seconds: what a search finds is tested elsewhere."""
    page.get_by_text("More choices").click()
    for box in page.locator("input[name=algorithms]").all():
        if box.get_attribute("value") not in FEW:
            box.uncheck()


def upload(page, name, file):
    page.goto("/datasets/new")
    page.get_by_label("Name").fill(name)
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Upload", exact=True).click()


def made_report(client, wanted):
    """Return the id of a report, once it is made.

    Args:
        client: calls functions in somebody's name.
        wanted: what it is to be about, as the function takes it.
    """
    report = client.post("/reports/reports", json=wanted).json()["id"]

    def seen():
        found = client.get(f"/reports/reports/{report}").json()
        assert found["state"] != "failed", found["failure"]
        return found["state"] == "succeeded"

    wait_until(seen, what="a report")
    return report


def from_a_file_to_a_prediction(page, stack, address):
    """Walk the whole way.

    Args:
        page: an empty tab on the pages.
        stack: what is behind them.
        address: what the command for a terminal calls.
    """
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
    first = json.loads(stack.mayfly("invoke", "datasets", f"/datasets/{ID}/records?limit=1").stdout)
    assert first["items"][0]["values"]["age"] == 30.5

    page.get_by_role("link", name="Train a model").click()
    expect(page.get_by_label("What to predict")).to_have_value("survived")
    choose_few(page)
    page.get_by_role("button", name="Start the training").click()
    page.wait_for_url("**/jobs/*")
    with page.expect_response("**/resume") as resumed:  # of no need here, and of no harm
        page.get_by_role("button", name="Resume").click()
    assert resumed.value.ok
    page.get_by_role("link", name="See the evaluation").click(timeout=180 * SECOND)

    expect(page.get_by_role("heading", name="How good is it?")).to_be_visible()
    for chart in ("Right and wrong", "ROC curve", "What it looks at"):
        figure = page.get_by_role("figure").filter(has_text=chart)
        figure.scroll_into_view_if_needed()
        expect(figure.locator(".live svg")).to_be_visible()
    line = page.locator("#drawn")
    before = line.inner_text()
    page.get_by_label("from a low to a high probability").press("Home")
    expect(line).not_to_have_text(before)

    page.get_by_role("link", name="Try it").click()
    page.get_by_label("sex").fill("female")
    page.get_by_label("pclass").fill("1")
    page.get_by_role("button", name="Predict").click()
    answer = page.get_by_label("Answer")
    expect(page.get_by_role("button", name="Predict")).to_be_focused()
    expect(answer).to_contain_text("Answered by")
    expect(answer.locator(".figure")).to_have_text("1")
    expect(answer.locator("pre").first).to_contain_text(address)


def without_scripts(chromium, web_url, seat, tmp_path):
    """Walk it in a browser that runs no scripts."""
    file = tmp_path / "plain.csv"
    rows = "".join(f"{n},{'ab'[n % 2]},{n % 2}\n" for n in range(60))
    file.write_text(f"size,kind,good\n{rows}")
    context = chromium.new_context(base_url=web_url, java_script_enabled=False)
    context.add_cookies([seat])
    page = context.new_page()

    upload(page, "Plain", file)
    rows = page.locator("table.rows tbody tr")
    expect(rows.first).to_be_visible(timeout=60 * SECOND)  # the page loads itself anew until then

    rows.first.get_by_role("link", name="Edit").click()
    page.get_by_label("size").fill("7000")
    page.get_by_role("button", name="Save").click()
    expect(rows.first).to_contain_text("7000")

    page.get_by_role("link", name="Train a model").click()
    choose_few(page)
    page.get_by_role("button", name="Start the training").click()
    page.get_by_role("link", name="See the evaluation").click(timeout=120 * SECOND)
    page.get_by_role("link", name="Try it").click()
    page.get_by_role("button", name="Predict").click()
    expect(page.get_by_label("Answer")).to_contain_text("Answered by")
    context.close()


def people_and_keys(chromium, stack):
    """Come in by a link, invite somebody, make a key, see what it did, and leave."""
    context = chromium.new_context(base_url=stack.web_url)
    page = context.new_page()
    page.goto(stack.sign_in_link())
    page.wait_for_url(f"{stack.web_url}/")

    _go(page, "People")
    page.get_by_role("textbox", name="E-mail address").fill("eve@example.org")
    page.get_by_role("button", name="Invite").click()
    invitation = page.locator("#secret").inner_text()
    _joins(chromium, invitation)
    _go(page, "People")
    expect(page.get_by_role("row", name="Eve")).to_contain_text("eve@example.org")

    _go(page, "Keys")
    page.get_by_label("Name").fill("nightly")
    page.get_by_role("button", name="Make the key").click()
    key = page.locator("#secret").inner_text()
    used = httpx.get(
        f"{stack.gateway_url}/function/datasets/datasets", headers={"X-Api-Key": key}, timeout=60
    )
    assert used.status_code == 200, used.text

    _go(page, "Activity")
    row = page.get_by_role("row").filter(has_text="nightly").filter(has_text=key[-4:])

    def told():
        page.get_by_role("textbox", name="Caller").fill("nightly")
        page.get_by_role("button", name="Search").click()
        return row.count() > 0

    wait_until(told, what="the key's call in the activity")
    expect(row.first).to_contain_text("GET /datasets")

    page.locator(".who summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("status")).to_contain_text("You are signed out.")
    page.goto("/datasets")
    page.wait_for_url("**/sign-in?next=**")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    context.close()


def _go(page, name):
    """Open a page of the user menu."""
    page.locator(".who summary").click()
    page.locator(".who").get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)


def _joins(chromium, invitation):
    """Make the account that is invited: a viewer, who is shown nothing to change."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto(invitation)
    page.get_by_role("link", name="Make an account").click()
    page.get_by_label("Your name").fill("Eve")
    page.get_by_role("textbox", name="E-mail address").fill("eve@example.org")
    page.get_by_label("Password").fill("four words are enough")
    page.get_by_role("button", name="Make the account").click()
    page.get_by_role("link", name="Data", exact=True).click()
    expect(page.get_by_role("heading", name="Data")).to_be_visible()
    expect(page.get_by_role("link", name="Upload a CSV file")).to_have_count(0)
    context.close()


def two_tabs(page, web_url, tmp_path):
    """Switch in one tab, and see that the other does and shows nothing there."""
    file = tmp_path / "tabs.csv"
    file.write_text("size,good\n" + "".join(f"{n % 17},{n % 2}\n" for n in range(60)))
    upload(page, "Tabs", file)
    expect(page.locator("table.rows")).to_be_visible(timeout=60 * SECOND)
    other = page.context.new_page()
    other.goto("/workspaces")
    other.get_by_label("Name").fill("Side room")
    other.get_by_role("button", name="Make the workspace").click()
    other.wait_for_url(f"{web_url}/")
    upload(other, "Tabs", file)
    expect(other.locator("table.rows")).to_be_visible(timeout=60 * SECOND)

    page.get_by_role("button", name="Filter", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("switched to the workspace Side room since")
    expect(page.locator("table.rows")).to_have_count(0)
    page.get_by_role("button", name="Go back to").click()
    expect(page.locator("table.rows")).to_be_visible()

    other.get_by_role("link", name="Delete…", exact=True).click()  # not even the question is asked
    expect(other.get_by_role("alert")).to_contain_text("switched to the workspace")
    other.get_by_role("button", name="Go back to Side room").click()
    expect(other.get_by_role("alert")).to_have_count(0)
    other.get_by_role("button", name="Delete Tabs").click()  # the question, as a page of its own
    other.wait_for_url("**/datasets")
    other.locator(".who summary").click()
    other.locator(".who").get_by_role("button", name="Go to").click()
    other.goto("/datasets/tabs")
    expect(other.locator("table.rows")).to_be_visible()
