"""Names, cells, labels and errors that mean ill are texts on every page, and nothing else."""

import time
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from infra.local.pictures.browser import LINKS
from infra.local.pictures.shapes import new_pages, shape
from tests.e2e.browser.stories import SECOND, upload
from tests.support.callers.seats import cookie
from tests.support.processes import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TEXT = (
    "</textarea></script>\"'><img src=/pwned onerror=window.pwned=1><svg onload=window.pwned=1>"
    "<b hx-get=/pwned hx-trigger=load hx-on:load=window.pwned=1>{{7*7}}"
)
MADE = "img[src='/pwned'], svg[onload], b[hx-get], [onerror]"
ADDRESSES = (
    "/nowhere/{}",
    "/datasets/{}",
    "/datasets/{}/column?name={}",
    "/jobs/{}",
    "/models/{}",
    "/models/{}/versions/1",
    "/functions/{}",
    "/api?q={}",
    "/api/datasets?method={}&path={}",
    "/activity?caller={}&since={}",
    "/datasets?said={}&q={}&cursor={}",
    "/keys?said={}",
    "/samples/{}",
)
ENTRANCES = ("/sign-in?next=javascript:window.pwned=1&why={}", "/invitation?token={}")


@pytest.fixture(scope="module")
def prey(stack):
    """Somebody in whose workspace everything that can be named has the text as its name."""
    with stack.newcomer(name=TEXT[:100], plan="unlimited") as client:
        yield client


@pytest.fixture
def seat(stack, prey):
    me = prey.get("/accounts/me").json()
    secret = (stack.home / "web-secret").read_text().strip()
    token = prey.headers["Authorization"].removeprefix("Bearer ")
    name, text = cookie(secret, stack.address("WEB"), token, me["workspace"])
    return {"name": name, "value": text, "url": stack.web_url}


def quoted(text):
    return '"' + text.replace('"', '""') + '"'


@pytest.fixture
def planted(prey):
    """The table, with a training that made a model of it."""
    label, words, size = f"label {TEXT}"[:90], f"words {TEXT}"[:90], "size"
    rows = [
        ",".join(
            (
                quoted(f"{'ab'[n % 2]} {TEXT}"),
                quoted(f"{'xyz'[n % 3]}{TEXT}"),
                str(n % 2 * 5 + n % 7),
            )
        )
        for n in range(80)
    ]
    table = "\n".join([",".join((quoted(label), quoted(words), size)), *rows]) + "\n"
    made = prey.post(
        "/datasets/datasets",
        params={"name": TEXT},
        content=table.encode(),
        headers={"Content-Type": "text/csv"},
    )
    assert made.is_success, made.text
    place = f"/datasets/datasets/{made.json()['id']}"
    wait_until(lambda: prey.get(place).json()["state"] == "ready", what="the table")
    order = {
        "dataset": made.json()["id"],
        "target": label,
        "candidates": [{"algorithm": "logistic_regression"}],
    }
    job = prey.post("/training/jobs", json=order)
    assert job.is_success, job.text
    for path, body in (
        ("/accounts/keys", {"name": TEXT[:100], "scopes": ["read"]}),
        ("/accounts/workspaces", {"name": TEXT[:100]}),
        ("/accounts/invitations", {"email": "eve@example.org", "role": "viewer"}),
    ):
        answer = prey.post(path, json=body)
        assert answer.is_success, answer.text
    job_place = f"/training/jobs/{job.json()['id']}"
    wait_until(
        lambda: prey.get(job_place).json()["state"] not in ("queued", "running"),
        what="the training",
    )
    return prey.get(job_place).json()


@pytest.fixture
def watched(page):
    """The tab, and what it asked for that no page of ours asks for."""
    asked: list[str] = []
    page.on("request", lambda one: hear(asked, one.url))
    # Playwright closes a dialog that nobody listens for; the text's own would set `pwned`, too.
    return page, asked


def hear(asked, url):
    """Keep an address that the text asks for."""
    if urlsplit(url).path == "/pwned":
        asked.append(url)


def check(page, asked):
    """Fail where the text became more than a text; return whether it is shown."""
    assert page.evaluate("window.pwned") is None, page.url
    assert page.locator(MADE).count() == 0, page.url
    assert asked == [], page.url
    return "onerror=window.pwned=1" in page.evaluate("document.body.textContent")


def test_no_page_runs_what_somebody_typed(watched, stack, planted, tmp_path):
    page, asked = watched
    assert planted["state"] == "succeeded", planted["failure"]
    found = {shape("/"): f"{stack.web_url}/"}
    waiting, shown = list(found.values()), set[str]()
    ends = time.monotonic() + 120
    while waiting:
        assert time.monotonic() < ends, f"{len(waiting)} pages are left"
        page.goto(waiting.pop(0))
        if check(page, asked):
            shown.add(shape(page.url))
        more = new_pages(page.evaluate(LINKS), stack.web_url, found)
        found |= more
        waiting += more.values()
    assert {
        "/datasets",
        "/datasets/*",
        "/jobs/*",
        "/models/*/versions/*",
        "/keys",
        "/workspaces",
    } <= shown
    for address in (*ADDRESSES, *ENTRANCES):
        page.goto(address.replace("{}", page.evaluate("encodeURIComponent", TEXT[:150])))
        check(page, asked)

    file = tmp_path / "ill.csv"
    file.write_text(f"size,{quoted(TEXT)}\n1,{quoted(TEXT)}\n{quoted(TEXT)}\n")
    upload(page, TEXT, file)
    expect(page.get_by_role("alert")).to_be_visible(timeout=60 * SECOND)
    check(page, asked)
    expect(page.get_by_label("Name")).to_have_value(TEXT[:100])


def test_the_operator_s_pages_run_nothing_either(chromium, stack, prey, planted):
    context = chromium.new_context(base_url=stack.web_url)
    page, asked = context.new_page(), list[str]()
    page.on("request", lambda one: hear(asked, one.url))
    page.goto(stack.sign_in_link())
    for address in ("/accounts", "/activity?of=system", "/people", "/functions"):
        page.goto(address)
        check(page, asked)
    page.goto("/accounts")
    expect(page.locator("main")).to_contain_text("onerror=window.pwned=1")
    context.close()
