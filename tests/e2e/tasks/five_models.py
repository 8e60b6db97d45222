"""Comparing and promoting five models: what each step is, on the pages and in a shell."""

import json
from typing import Any

import httpx
from playwright.sync_api import expect

from tests.e2e.tasks.players import Desk, InShell, OnPages
from tests.support.processes import wait_until

SHARED = True  # it ends as it began
MODEL = "heart"
REASON = "more of them are right"
ALGORITHMS = (
    *("logistic_regression", "support_vectors", "nearest_neighbors"),
    *("random_forest", "extra_trees"),
)


def prepare(desk: Desk) -> None:
    """Have five versions, the first of which answers."""
    client = desk.client
    file = (desk.folder / "examples/heart.csv").read_bytes()
    headers = {"Content-Type": "text/csv"}
    client.post("/datasets/datasets", params={"name": MODEL}, content=file, headers=headers)
    wait_until(
        lambda: client.get(f"/datasets/datasets/{MODEL}").json()["state"] == "ready", what="rows"
    )
    asked = {"dataset": MODEL, "target": "heart_disease", "trials": 1, "folds": 2}
    for algorithm in ALGORITHMS:
        begun = client.post("/training/jobs", json={**asked, "algorithms": [algorithm]})
        assert begun.is_success, begun.text

    def trained() -> bool:
        found = client.get("/training/jobs").json()["items"]
        return [one["state"] for one in found] == ["succeeded"] * len(ALGORITHMS)

    wait_until(trained, what="five versions")


def _model(client: httpx.Client) -> Any:
    return client.get(f"/models/models/{MODEL}").json()


def _other(client: httpx.Client) -> int:
    """Return the version with the best result beside the one that answers."""
    champion = _model(client)["aliases"]["champion"]
    versions = client.get(f"/models/models/{MODEL}/versions").json()["items"]
    others = [one for one in versions if one["version"] != champion]
    return int(max(others, key=lambda one: one["metrics"]["holdout"]["roc_auc"])["version"])


def _compared(client: httpx.Client, a: int, b: int) -> str:
    answer = client.get(f"/models/models/{MODEL}/compare", params={"a": a, "b": b})
    return str(answer.json()["text"])


class ByHand(OnPages):
    """On the pages."""

    def see_all_five_side_by_side(self) -> None:
        self.begin()
        self.follow("Trainings")
        boxes = self.page.locator(".list tbody input[type=checkbox]")
        expect(boxes).to_have_count(len(ALGORITHMS))
        for box in boxes.all():
            self.hand.tick(box)
        self.press("Compare")
        expect(self.page.get_by_role("columnheader").filter(has_text=MODEL)).to_have_count(5)
        expect(self.page.get_by_role("row", name="Algorithm")).to_contain_text("differs")

    def compare_the_best_two(self) -> None:
        client = self.desk.client
        champion, other = _model(client)["aliases"]["champion"], _other(client)
        self.follow("Models", within=self.page.get_by_role("navigation", name="Main"))
        self.follow(MODEL, within=self.page.locator(".list"))
        self.write("Compare version", str(champion))
        self.write("with version", str(other))
        self.press("Compare")
        expect(self.page.locator(".boss")).to_have_text(_compared(client, champion, other))

    def let_another_answer(self) -> None:
        other = _other(self.desk.client)
        self.follow(f"Promote version {other}")
        self.said_now("Promote version")
        expect(self.page.locator(".lead")).to_contain_text(f"answer with version {other}")
        self.write("Why", REASON)
        self.press("Promote to champion")
        expect(self.page.get_by_role("heading", name=f"champion → version {other}")).to_be_visible()

    def see_that_it_answers(self) -> None:
        number = _model(self.desk.client)["aliases"]["champion"]
        self.follow("Try the champion")
        self.press("Predict")
        expect(self.page.get_by_label("Answer")).to_contain_text(f"{MODEL} version {number}")

    def read_who_did_it_and_why(self) -> None:
        self.follow("Model", within=self.page.get_by_role("navigation", name="From data"))
        history = self.page.get_by_role("region", name="What happened")
        expect(history.get_by_role("row").nth(1)).to_contain_text(REASON)
        self.said_now("What happened")

    def give_it_back(self) -> None:
        before = _model(self.desk.client)["previous"]["champion"][-1]
        self.follow(f"Roll back to version {before}")
        self.press(f"Roll back to version {before}")
        self.said_now("Roll back")
        heading = f"champion → version {before}"
        expect(self.page.get_by_role("heading", name=heading)).to_be_visible()


class ByCommand(InShell):
    """In a shell."""

    def see_all_five_side_by_side(self) -> None:
        versions = self.shell.json("models", MODEL)["versions"]
        assert {one["algorithm"] for one in versions} == set(ALGORITHMS)
        assert self.shell.call("models", MODEL).count("roc_auc") == len(ALGORITHMS)

    def compare_the_best_two(self) -> None:
        client = self.desk.client
        champion, other = _model(client)["aliases"]["champion"], _other(client)
        said = self.shell.call("models", "compare", MODEL, champion, other)
        assert _compared(client, champion, other) in said

    def let_another_answer(self) -> None:
        other = _other(self.desk.client)
        said = self.shell.call("promote", MODEL, other, "--reason", REASON)
        assert f"champion of {MODEL} is version {other}" in said
        assert f"./mayfly rollback {MODEL}" in said

    def see_that_it_answers(self) -> None:
        number = _model(self.desk.client)["aliases"]["champion"]
        signature = self.desk.client.get(f"/prediction/models/{MODEL}/signature").json()
        (self.desk.folder / "row.json").write_text(json.dumps(signature["example"]))
        wait_until(
            lambda: self.shell.json("predict", MODEL, "row.json")["version"] == number,
            what="the promotion",
        )

    def read_who_did_it_and_why(self) -> None:
        newest = self.shell.json("models", "history", MODEL)[0]
        assert (newest["action"], newest["reason"]) == ("promote", REASON)

    def give_it_back(self) -> None:
        before = _model(self.desk.client)["previous"]["champion"][-1]
        assert f"is version {before} again" in self.shell.call("rollback", MODEL)
