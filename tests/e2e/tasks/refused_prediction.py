"""Finding out why a prediction was refused: what each step is, on the pages and in a shell."""

import json
from typing import Any

from playwright.sync_api import expect

from tests.e2e.tasks.players import Desk, InShell, OnPages
from tests.support.processes import wait_until

SHARED = True
MODEL = "rent"
ROW = {"rooms": "three", "district": "north"}
MENDED = {"rooms": 3, "district": "north"}
WHY = "row 1, column 'rooms': must be a whole number or nothing, not text"
SAID = "row 1, column 'rooms': Expected `int | null`, got `str`"


def prepare(desk: Desk) -> None:
    """Have a model, and a call of somebody's program that it refused."""
    client = desk.client
    lines = "".join(
        f"{n % 5 + 1},{('north', 'south')[n % 2]},{300 + 200 * (n % 5)}\n" for n in range(80)
    )
    headers = {"Content-Type": "text/csv"}
    table = f"rooms,district,rent\n{lines}"
    client.post("/datasets/datasets", params={"name": MODEL}, content=table, headers=headers)
    wait_until(
        lambda: client.get(f"/datasets/datasets/{MODEL}").json()["state"] == "ready", what="rows"
    )
    asked = {
        "dataset": MODEL,
        "target": "rent",
        "task": "regression",
        "trials": 1,
        "folds": 2,
        "algorithms": ["ridge"],
    }
    job = client.post("/training/jobs", json=asked).json()["id"]
    wait_until(
        lambda: client.get(f"/training/jobs/{job}").json()["state"] == "succeeded", what="a model"
    )
    made = client.post("/accounts/keys", json={"name": "shop", "scopes": ["predict"]})
    refused = client.post(
        f"/prediction/models/{MODEL}/predict",
        json={"records": [ROW]},
        headers={"Authorization": f"Bearer {made.json()['key']}"},
    )
    assert refused.status_code == 422, refused.text
    wait_until(lambda: bool(_refused(desk)), what="the line of the refused call")


def _refused(desk: Desk) -> list[Any]:
    found = desk.client.get("/accounts/activity", params={"caller": "shop", "status": "422"})
    return list(found.json()["items"])


class ByHand(OnPages):
    """On the pages."""

    def find_the_call(self) -> None:
        self.begin()
        self.hand.press(self.page.locator(".who summary"))
        self.follow("Activity", within=self.page.locator(".who"))
        self.write("Status", "4xx")
        self.press("Search", within=self.page.get_by_role("search", name="Activity"))
        line = self.page.get_by_role("row").filter(has_text="shop")
        expect(line).to_contain_text(WHY)

    def see_what_the_model_takes(self) -> None:
        line = self.page.get_by_role("row").filter(has_text="shop")
        self.hand.press(line.get_by_role("link", name=f"/models/{MODEL}/predict"))
        field = self.page.get_by_role("row").filter(has_text="rooms")
        expect(field).to_contain_text("any integer")

    def see_it_fail(self) -> None:
        self._send(ROW)
        expect(self._answer).to_contain_text("422")
        expect(self._answer).to_contain_text("rooms")

    def mend_the_row(self) -> None:
        self._send(MENDED)
        expect(self._answer).to_contain_text("200 OK")

    @property
    def _answer(self) -> Any:
        return self.page.get_by_label("Answer")

    def _send(self, row: dict[str, Any]) -> None:
        self.write("Body, as JSON", json.dumps({"records": [row]}))
        self.press("Send")


class ByCommand(InShell):
    """In a shell."""

    def find_the_call(self) -> None:
        found = self.shell.json("activity", "--function", "prediction", "--status", "4xx")
        [of_shop] = [one for one in found if one["caller"] == "shop"]
        assert SAID in of_shop["reason"]

    def see_what_the_model_takes(self) -> None:
        fields = {one["name"]: one["kind"] for one in self.shell.json("models", "fields", MODEL)}
        assert fields == {"rooms": "integer", "district": "category"}

    def see_it_fail(self) -> None:
        said = self._predict(ROW, code=1)
        assert SAID in said
        assert f"./mayfly models fields {MODEL}" in said

    def mend_the_row(self) -> None:
        assert "value" in self._predict(MENDED)

    def _predict(self, row: dict[str, Any], code: int = 0) -> str:
        (self.desk.folder / "row.json").write_text(json.dumps(row))
        return self.shell.call("predict", MODEL, "row.json", code=code)
