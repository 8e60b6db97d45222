"""The page that asks a model, in a browser: the answer follows the fields."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.slow


@pytest.fixture
def seat(stack, learner_cookie):
    """The cookie of somebody whose workspace has a model."""
    name, text = learner_cookie
    return {"name": name, "value": text, "url": stack.web_url}


def asked(learner, age):
    """Return the chance of the page's first row at an age, as the page writes it."""
    row = learner.get("/datasets/datasets/titanic/records?limit=1").json()["items"][0]["values"]
    columns = learner.get("/prediction/models/titanic/signature").json()["columns"]
    record = {one["name"]: row[one["name"]] for one in columns} | {"age": age}
    answer = learner.post("/prediction/models/titanic/predict", json={"records": [record]})
    chance = answer.json()["predictions"][0]["probabilities"]["1"]
    return f"{100 * chance:.1f}"


def test_the_answer_follows_while_values_change(page, learner):
    lines, sent = [], []
    page.on("websocket", lambda one: lines.append(one))  # noqa: PLW0108 - Playwright marks it
    page.on("request", lambda one: sent.append(one.method))
    page.goto("/models/titanic/try")
    field, answer = page.get_by_label("age", exact=False), page.locator("#answer")
    expect(answer).to_contain_text("The answer shows here.")
    details = answer.locator("details").first

    for age in (3, 60):
        field.fill(str(age))
        expect(answer.locator(".odds")).to_contain_text(asked(learner, age))
        expect(field).to_be_focused()

    expect(answer).to_contain_text("titanic version 1")
    expect(answer.locator("#command")).to_contain_text('"age":60')
    details.locator("summary").click()
    expect(details).not_to_have_attribute("open", "")
    field.fill("4")
    expect(answer.locator(".odds")).to_contain_text(asked(learner, 4))
    expect(details).not_to_have_attribute("open", "")
    assert [one.url.partition("?")[0].rpartition("/models")[2] for one in lines] == [
        "/titanic/try/live"
    ]
    assert set(sent) == {"GET"}


def test_the_button_does_the_same(page, learner):
    page.goto("/models/titanic/try")
    page.get_by_label("age", exact=False).fill("60")
    page.get_by_role("button", name="Predict").click()
    expect(page.locator("#answer .odds")).to_contain_text(asked(learner, 60))
