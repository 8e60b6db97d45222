"""Each model has a path of its own in `/openapi.json`, with its own fields, labels and examples."""

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from flask import Flask, request
from msgspec.structs import replace

from functions.kit.adapters.manual_clock import ManualClock
from functions.kit.contract.models.registration import Model
from functions.kit.contract.models.signature import Feature, Signature
from functions.kit.contract.records.columns import Column, Suggested
from functions.kit.service.revalidating_cache import MAX_AGE
from functions.prediction.model.docs.examples import example_record
from functions.prediction.model.docs.words import about
from functions.prediction.model.records import Reader
from functions.prediction.transport.records import catalogue
from tests.support.in_memory.predicting import House
from tests.support.models.mixed import COLUMNS, LABELS, mixed
from tests.support.models.onnx import certain, describe, train

if TYPE_CHECKING:
    from flask.testing import FlaskClient

MODELS = {
    "mixed": mixed(),
    "value": mixed("regression"),
    "other": train(),
    "sure-1.0_x": certain(train("regression")),
}


class Site:
    """A replica, and a caller of it."""

    def __init__(self) -> None:
        self.house = House(MODELS)
        app = Flask("prediction")
        methods = ["GET", "HEAD", "POST"]
        app.add_url_rule("/<path:path>", view_func=self._answer, methods=methods)
        self.client: FlaskClient = app.test_client()

    def _answer(self, path: str) -> Any:
        return self.house.api.handle(request)

    def get(self, key: str = "mf_first", **headers: str) -> Any:
        return self.client.get("/openapi.json", headers={**bearer(key), **headers})

    def document(self, key: str = "mf_first") -> Any:
        return self.get(key).json

    def paths(self, key: str = "mf_first") -> set[str]:
        return {one for one in self.document(key)["paths"] if one.startswith("/models/")} - PLAIN

    def now(self, name: str) -> Model:
        [found] = [one for one in self.house.registry.models("main") if one.name == name]
        return found

    def change(self, model: Model) -> None:
        """Change a model, and let the time pass after which everybody is told."""
        self.house.registry.put(model)
        clock = self.house.clock
        assert isinstance(clock, ManualClock)
        clock.advance(MAX_AGE)


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


PLAIN = {
    f"/models/{{model}}{place}/{verb}"
    for place in ("", "/versions/{version}", "/aliases/{alias}")
    for verb in ("predict", "signature", "schema.proto")
}
ALL = {f"/models/{name}/predict" for name in MODELS}


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture(scope="module")
def document() -> Any:
    return Site().document()


def valid(document: Any, schema: Any, value: Any) -> None:
    whole = {**schema, "components": document["components"]}
    jsonschema.Draft202012Validator.check_schema(whole)
    jsonschema.Draft202012Validator(whole).validate(value)


def operation(document: Any, name: str) -> Any:
    return document["paths"][f"/models/{name}/predict"]["post"]


@pytest.mark.parametrize("name", MODELS)
def test_the_examples_are_valid_and_really_predict(site: Site, document: Any, name: str) -> None:
    said = operation(document, name)
    body = said["requestBody"]["content"]["application/json"]
    valid(document, body["schema"], body["example"])
    answer = said["responses"]["200"]["content"]["application/json"]
    valid(document, answer["schema"], answer["example"])
    sent = site.client.post(
        f"/models/{name}/predict", json=body["example"], headers=bearer("mf_first")
    )
    assert sent.status_code == 200, sent.text
    found: Any = sent.json
    valid(document, answer["schema"], found)
    [example], [given] = answer["example"]["predictions"], found["predictions"]
    assert example.keys() == given.keys()
    line = said["requestBody"]["content"]["application/jsonl"]["example"]
    streamed = site.client.post(
        f"/models/{name}/predict",
        data=line,
        content_type="application/jsonl",
        headers=bearer("mf_first"),
    )
    assert streamed.status_code == 200, streamed.text


def test_fields_have_their_names_bounds_and_known_words(document: Any) -> None:
    fields = document["components"]["schemas"]["model.mixed.Record"]["properties"]
    assert list(fields) == [column.name for column in COLUMNS]
    [amount, _] = fields["amount"]["anyOf"]
    assert (amount["type"], amount["minimum"]) == ("number", -1e6)
    assert fields["amount"]["examples"] == [50.0]
    assert fields["amount"]["description"] == "It learnt from values of 0 to 100."
    assert fields['the "town"']["examples"] == ["Oslo", "a,b"]
    assert "female" in str(fields["sex"])


def test_answers_have_the_model_s_own_labels_and_levels(document: Any) -> None:
    kinds = document["components"]["schemas"]
    prediction = kinds["model.mixed.Prediction"]["properties"]
    assert prediction["label"]["enum"] == LABELS
    assert list(prediction["probabilities"]["properties"]) == LABELS
    assert kinds["model.mixed.Options"]["properties"]["certainty"]["enum"] == [0.8, 0.9, None]
    assert "label" not in kinds["model.value.Prediction"]["properties"]
    assert kinds["model.other.Options"]["properties"]["certainty"]["type"] == "null"
    own, other = (
        {
            one["name"]: one["schema"]
            for one in operation(document, name)["parameters"]
            if one.get("in") == "query"
        }
        for name in ("mixed", "other")
    )
    assert own["certainty"] == {"enum": [0.8, 0.9]}
    assert own.keys() == {"certainty", "warnings", "explain", "unknown"}
    assert other.keys() == own.keys() - {"certainty"}


def test_what_holds_of_any_model_holds_of_each(document: Any) -> None:
    usual = document["paths"]["/models/{model}/predict"]["post"]
    own = operation(document, "mixed")
    for place in (lambda one: one["requestBody"], lambda one: one["responses"]["200"]):
        assert place(own)["content"].keys() == place(usual)["content"].keys()
    assert own["responses"].keys() == usual["responses"].keys()
    ids = [one["operationId"] for path in document["paths"].values() for one in path.values()]
    assert len(ids) == len(set(ids))
    tags = {tag["name"]: tag["description"] for tag in document["tags"]}
    assert tags.keys() == MODELS.keys()
    assert "Predicts 'y' (multiclass): 'no', " in tags["mixed"]


def test_every_reference_leads_somewhere(document: Any) -> None:
    text = json.dumps(document)
    known = document["components"]["schemas"]
    wanted = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert wanted <= known.keys()


def test_each_caller_sees_what_it_may_ask(site: Site) -> None:
    assert site.paths() == ALL
    assert site.paths("mf_other") == {"/models/other/predict"}
    assert "mixed" not in site.get("mf_other").text
    reads = site.get("mf_reads")
    assert not any(path.endswith("/predict") for path in reads.json["paths"])
    assert "sure-1.0_x" not in reads.text


def test_a_caller_who_has_it_is_told_so(site: Site) -> None:
    first = site.get()
    tag = first.headers["ETag"]
    again = site.get(**{"If-None-Match": tag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"] == "private, no-cache"
    assert "Authorization" in again.headers["Vary"]
    assert site.get("mf_other", **{"If-None-Match": tag}).status_code == 200


def test_a_change_shows_and_what_is_gone_vanishes(site: Site) -> None:
    tag = site.get().headers["ETag"]
    known = site.now("mixed")
    site.change(replace(known, aliases={"champion": 2}, revision=2))
    changed = site.get(**{"If-None-Match": tag})
    assert changed.status_code == 200
    assert "Version 2:" in operation(changed.json, "mixed")["description"]
    site.change(replace(known, aliases={}, revision=3))
    assert site.paths() == ALL - {"/models/mixed/predict"}
    site.change(replace(known, uid="new", revision=1))
    assert site.paths() == ALL


def test_an_answer_with_304_asks_the_registry_nothing_that_is_remembered(site: Site) -> None:
    tag = site.get().headers["ETag"]
    site.house.registry.is_away = True
    assert site.get(**{"If-None-Match": tag}).status_code == 304
    assert site.get().status_code == 200  # versions are remembered, too


def test_beyond_so_many_models_names_are_told(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "MOST", 2)
    document = site.document()
    own = [path for path in document["paths"] if path in ALL]
    assert own == ["/models/mixed/predict", "/models/other/predict"]
    assert document["info"]["description"].endswith("`sure-1.0_x`, `value`.")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (Column("x", "number", minimum=5), 5.0),
        (Column("x", "number", maximum=-5), -5.0),
        (Column("x", "number", minimum=-1e308, maximum=1e308), 0.0),
        (Column("x", "number", suggested=Suggested(1234.25, 1234.75)), 1234.5),
        (Column("x", "number", minimum=1235, suggested=Suggested(1234.4, 1234.5)), 1235.0),
        (Column("x", "integer", minimum=0.5, maximum=1.5), 1),
        (Column("x", "integer", minimum=0.2, maximum=0.8), None),
        (Column("x", "category", levels=["", "a"]), "a"),
        (Column("x", "category", levels=["b", "a"], suggested=Suggested(levels=["a"])), "a"),
        (Column("x", "category", levels=[""]), ""),
        (Column("x", "text"), "text"),
        (Column("x", "date", date_format="%d/%m/%Y"), "2026-01-31"),
    ],
)
def test_a_value_for_example_is_one_that_is_taken(column: Column, value: Any) -> None:
    odd = replace(column, name='a "b"\n\\ü')
    for one in (column, odd):
        signature = Signature("regression", "y", [one], [Feature(one.name, "x", "double")])
        record = example_record(signature)
        assert record == {one.name: value}
        assert len(Reader([one]).read(json.dumps({"records": [record]}).encode())) == 1


def test_columns_that_nobody_needs_are_left_out_of_the_example() -> None:
    columns = [Column("a", "text"), Column("b", "boolean", required=True), Column("c", "text")]
    signature = Signature("regression", "y", columns, [Feature("c", "x", "string", ["", "w"])])
    assert example_record(signature) == {"b": True, "c": "w"}


def test_measures_are_told_in_words() -> None:
    measured = {"holdout": {"accuracy": 0.83, "roc_auc": 0.871, "other": None}}
    version = describe(train(), metrics=measured, created_at=dt.datetime(2026, 1, 2, tzinfo=dt.UTC))
    assert about(version) == (
        "Predicts 'target' (binary): 'class 0', 'class 1'. "
        "Version 1: logistic_regression, made on 2026-01-02. On rows that it never saw, it: "
        "names the right label of 83 of 100; ROC AUC 0.871 (0.5 is guessing)."
    )
    assert about(describe(train())).endswith("made on 2026-01-01.")
