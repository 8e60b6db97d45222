"""Tables that once failed, as `cases/README.md` has them, from the file to a prediction."""

import json
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.integration.functions.training.conftest import Api
from tests.support.rows.case_tables import TABLES, case_table

LINEAR = {"algorithm": "logistic_regression"}
RIDGE = {"algorithm": "ridge"}
BOOSTING = {"algorithm": "hist_gradient_boosting", "settings": {"max_iter": 60}}
FOREST = {"algorithm": "random_forest", "settings": {"n_estimators": 20}}
QUICK = {"algorithm": "hist_gradient_boosting", "settings": {"max_iter": 5}}


@dataclass(frozen=True)
class Way:
    """What a file became on its whole way: read, stored, learnt from, served.

    Attributes:
        file: its name.
        preview: what was said before the upload.
        dataset: as it was stored.
        records: the first rows as stored.
        job: as it ended.
        version: what it registered.
        predictions: of those rows, in order.
    """

    file: str
    preview: Any
    dataset: Any
    records: list[dict[str, Any]]
    job: Any
    version: Any
    predictions: list[Any]

    @property
    def metrics(self) -> dict[str, float]:
        """Of the held-out rows."""
        found: dict[str, float] = self.job["evaluation"]["metrics"]
        return found

    @property
    def labels(self) -> list[str]:
        """Of the classes, the positive one last."""
        found: list[str] = self.version["signature"]["labels"]
        return found

    def shown(self, column: str) -> Any:
        """What the preview says of a column."""
        [found] = [one for one in self.preview["columns"] if one["name"] == column]
        return found

    def decision(self, what: str, column: str) -> Any:
        """One decision of the preview on a column."""
        [found] = [one for one in self.shown(column)["decisions"] if one["what"] == what]
        return found


class Person:
    """Somebody who brings a file, and asks until the model answers."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.name = f"case-{uuid.uuid4().hex[:8]}"

    def preview(self, file: str, reading: Any = None) -> Any:
        said = f"?reading={json.dumps(reading)}" if reading else ""
        return self.api.post("datasets", f"/datasets/preview{said}", 200, **self._body(file))

    def upload(self, file: str, reading: Any = None) -> Any:
        said = f"&reading={json.dumps(reading)}" if reading else ""
        self.api.post("datasets", f"/datasets?name={self.name}{said}", **self._body(file))
        self.api.platform.deliver_all()
        found = self.api.get("datasets", f"/datasets/{self.name}")
        assert found["state"] == "ready", found
        return found

    def records(self, rows: int = 5, where: str = "") -> list[dict[str, Any]]:
        path = f"/datasets/{self.name}/records?limit={rows}{where}"
        return [one["values"] for one in self.api.get("datasets", path)["items"]]

    def train(self, target: str, *candidates: Any, **more: Any) -> Any:
        body = {"folds": 2, "candidates": list(candidates) or [QUICK], **more}
        return self.api.train(self.name, target, **body)

    def predict(self, records: list[dict[str, Any]]) -> list[Any]:
        path = f"/models/{self.name}/predict"
        asked = {"records": records}
        found: list[Any] = self.api.post("prediction", path, 200, json=asked)["predictions"]
        return found

    def go(
        self, file: str, target: str = "y", *candidates: Any, reading: Any = None, **more: Any
    ) -> Way:
        """Go the whole way, which ends well."""
        preview = self.preview(file, reading)
        assert (preview["questions"], preview["flaws"]) == ([], [])
        dataset = self.upload(file, reading)
        job = self.train(target, *candidates, **more)
        assert job["state"] == "succeeded", job["failure"]
        assert job["evaluation"]["parity"]["agree"]
        version = self.api.get("models", f"/models/{self.name}/versions/1")
        records = self.records()
        asked = [{key: one for key, one in row.items() if key != target} for row in records]
        return Way(file, preview, dataset, records, job, version, self.predict(asked))

    def _body(self, file: str) -> dict[str, Any]:
        return {"data": case_table(file), "content_type": "text/csv"}


@pytest.fixture
def person(api: Api) -> Person:
    return Person(api)


def test_every_case_is_here() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    case_table("150-cities")
    assert [one.stem for one in TABLES.glob("*.csv") if f'"{one.stem}"' not in text] == []


@pytest.mark.parametrize(
    ("file", "target"),
    [
        ("onnx-parity-fails-default-regression", "y"),
        ("onnx-parity-fails-one-decimal-300-0", "y"),
        ("wine-target-alcohol", "alcohol"),
    ],
)
def test_what_is_served_is_what_was_learnt(person: Person, file: str, target: str) -> None:
    way = person.go(file, target, {"algorithm": "hist_gradient_boosting"}, FOREST, ensemble=False)
    assert way.job["evaluation"]["parity"]["rows"] == way.job["evaluation"]["rows"]["held_out"]
    assert [one["state"] for one in way.job["candidates"]] == ["succeeded", "succeeded"]
    assert [one for one in way.job["notes"] if "left out" in one] == []


@pytest.mark.parametrize(
    ("file", "target", "labels", "without"),
    [
        ("penguins-target-sex", "sex", ["male", "female"], 11),
        ("target-cat-NA", "y", ["yes1", "no1"], 20),
    ],
)
def test_na_is_no_class(
    person: Person, file: str, target: str, labels: list[str], without: int
) -> None:
    way = person.go(file, target)
    assert (way.job["task"], way.labels) == ("binary", labels)
    assert way.shown(target)["missing"] == without
    assert way.job["evaluation"]["rows"]["without_target"] == without
    assert f"{without} rows without a target were left out" in way.version["card"]


def test_a_question_mark_among_numbers_is_missing(person: Person) -> None:
    way = person.go("missword-num-qm")
    assert (way.shown("v")["kind"], way.shown("v")["missing"]) == ("number", 14)
    [stored] = [one for one in way.dataset["reading"]["columns"] if one["name"] == "v"]
    assert "missing: '?' (14)" in stored["reason"]
    assert way.records[0]["v"] is None


def test_a_number_that_may_mean_missing_is_offered(person: Person) -> None:
    file = "missword-num--999"
    assert person.go(file).records[0]["v"] == -999
    [offer] = [one for one in person.preview(file)["offers"] if one["column"] == "v"]
    assert offer["question"] == "does '-999' mean missing?"
    other = Person(person.api)
    way = other.go(file, reading=offer["reading"])
    assert (way.records[0]["v"], way.shown("v")["missing"]) == (None, 14)


@pytest.mark.parametrize(
    ("file", "what", "value", "first"),
    [
        ("eu-decimals", "decimal", ",", [0.5, 1.5]),
        ("thousands", "thousands", ",", [1000, 2000]),
        ("percent", "unit", "%", [0, 1]),
    ],
)
def test_numbers_as_people_write_them(
    person: Person, file: str, what: str, value: str, first: list[float]
) -> None:
    way = person.go(file)
    assert way.shown("v")["kind"] in {"number", "integer"}
    of_file, of_column = way.preview["decisions"], way.shown("v")["decisions"]
    assert (what, value) in [(one["what"], one["value"]) for one in [*of_file, *of_column]]
    assert [row["v"] for row in way.records[:2]] == first
    assert "| v | yes |" in way.version["card"]


@pytest.mark.parametrize(
    ("file", "form", "written", "day"),
    [
        ("date-us", "%m/%d/%Y", "03/03/2020", "2020-03-03"),
        ("date-iso", "%Y-%m-%d", "2020-01-02", "2020-01-02"),
    ],
)
def test_days_are_days_everywhere(
    person: Person, file: str, form: str, written: str, day: str
) -> None:
    way = person.go(file)
    assert way.shown("v")["kind"] == "date"
    assert way.decision("date_format", "v")["value"] == form
    assert "| v | yes |" in way.version["card"]
    found = person.records(where=f"&filter=v=={written}")
    assert {row["v"] for row in found} == {day}
    asked = {"x": 0.1, "g": "a"}
    one, other = person.predict([asked | {"v": written}, asked | {"v": day}])
    assert one == other
    values = {"values": asked | {"v": written, "y": "no1"}}
    made = person.api.post("datasets", f"/datasets/{person.name}/records", 201, json=values)
    assert made["values"]["v"] == day


def test_a_person_says_which_is_the_month(person: Person) -> None:
    reading = {"columns": [{"source": "v", "kind": "date", "date_format": "%d/%m/%Y"}]}
    shown = person.preview("date-us", reading)
    assert shown["reading"]["columns"][2]["date_format"] == "%d/%m/%Y"


@pytest.mark.parametrize("file", ["hour-of-day", "datetime-seconds", "offset-feature"])
def test_what_a_moment_tells_is_seen(person: Person, file: str) -> None:
    way = person.go(file, "y", LINEAR, BOOSTING)
    assert way.metrics["roc_auc"] >= 0.95
    each = {one["algorithm"]: one["metrics"]["roc_auc"] for one in way.job["candidates"]}
    assert [name for name, area in each.items() if area < 0.95] == []


def test_a_target_far_from_zero_keeps_its_digits(person: Person) -> None:
    way = person.go("offset-target", "y", RIDGE)
    assert way.metrics["r2"] >= 0.99
    gone = [
        abs(one["value"] - row["y"]) for one, row in zip(way.predictions, way.records, strict=True)
    ]
    assert max(gone) < 2


def test_three_floats_with_gaps_are_classes(person: Person) -> None:
    way = person.go("target-3-floats")
    assert (way.job["task"], way.labels) == ("multiclass", ["0", "1", "2"])
    assert way.job["evaluation"]["rows"]["without_target"] == 12


def test_a_city_explains_the_target(person: Person) -> None:
    way = person.go("150-cities", "y", RIDGE)
    assert way.metrics["r2"] >= 0.9
    assert way.job["evaluation"]["importance"][0]["column"] == "city"


def test_a_rare_class_is_on_each_side_or_it_is_said_what_to_do(person: Person) -> None:
    way = person.go("imbalanced-holdout-0.05", "y", LINEAR, holdout=0.05)
    assert [sum(row) > 0 for row in way.job["evaluation"]["confusion"]["matrix"]] == [True, True]
    assert {one["state"] for one in way.job["candidates"]} == {"succeeded"}
    refused = person.train("y", LINEAR, holdout=0.05, folds=7)
    assert refused["state"] == "failed"
    assert "'b' of 'y' has only 7 rows" in refused["failure"]
    assert "ask for fewer folds" in refused["failure"]


def test_one_fraud_in_a_thousand_is_not_called_good(person: Person) -> None:
    way = person.go("imbalanced-1-1000", "y", LINEAR, folds=5)
    assert way.labels == ["ok", "fraud"]
    assert {"accuracy", "average_precision", "balanced_accuracy"} <= way.metrics.keys()
    assert "better" not in way.job["evaluation"]
    verdict = way.job["evaluation"]["verdict"]
    assert verdict.startswith("No better than guessing")
    assert "says little, as always 'ok' has 0.99" in verdict
    assert verdict in way.version["card"]


def test_a_count_is_a_quantity(person: Person) -> None:
    way = person.go("count-target", folds=5)
    assert way.job["task"] == "regression"
    assert "'y' looks like a count (0 to 6)" in way.version["card"]


def test_a_class_of_one_row_is_left_out_or_grouped(person: Person) -> None:
    way = person.go("one-row-class")
    assert way.labels == ["yes1", "no1"]
    assert "The class 'rare' of 'y' had too few rows" in way.version["card"]
    assert way.job["evaluation"]["rows"]["tiny_classes"] == 1


def test_a_missing_header_is_asked_for(person: Person) -> None:
    shown = person.preview("header-missing")
    [question] = shown["questions"]
    assert question["what"] == "header"
    assert [one["name"] for one in shown["columns"]] == ["column_1", "column_2", "column_3"]
    way = person.go("header-missing", "column_3", reading=question["options"][0]["reading"])
    assert way.dataset["rows"] == 120
    assert way.records[0] == {"column_1": 0.1, "column_2": 0.25, "column_3": "s"}


def test_phone_numbers_keep_their_plus(person: Person) -> None:
    way = person.go("phone-numbers")
    assert way.shown("v")["kind"] == "text"
    assert [row["v"] for row in way.records[:2]] == ["+49301000000", "+49301000001"]


def test_sixteen_digits_come_back_digit_for_digit(person: Person) -> None:
    way = person.go("bigint-mixed-with-one-decimal")
    cells = [line.split(",")[2] for line in case_table(way.file).decode().splitlines()[1:]]
    assert [str(row["v"]) for row in person.records(len(cells))] == cells


def test_a_blank_header_is_of_a_row_name(person: Person) -> None:
    way = person.go("name-empty")
    [first, *_] = way.dataset["columns"]
    assert (first["name"], first["role"]) == ("row", "identifier")
    assert [row["row"] for row in way.records] == [0, 1, 2, 3, 4]
    assert "| row | no |" in way.version["card"]


def test_copies_are_told_of_and_stay_together(person: Person) -> None:
    way = person.go("dup-rows")
    profile = person.api.get("datasets", f"/datasets/{person.name}/profile")
    [said] = [one for one in profile["warnings"] if one["kind"] == "duplicates"]
    assert said["rows"] == 270
    assert "270 rows are copies of others: they stay on one side" in way.version["card"]
    assert way.job["evaluation"]["rows"]["held_out"] % 10 == 0


def test_a_column_that_alone_predicts_the_target_is_told_of(person: Person) -> None:
    way = person.go("leak-copy")
    assert "'leak' alone predicts 'y' almost perfectly" in way.version["card"]


def test_words_that_differ_by_case_or_spaces_are_told_of(person: Person) -> None:
    way = person.go("whitespace")
    said = "' red', 'Red', 'red', 'red ' differ by case or spaces alone"
    assert way.shown("v")["warnings"] == [said]
    assert f"In 'v', {said}" in way.version["card"]
