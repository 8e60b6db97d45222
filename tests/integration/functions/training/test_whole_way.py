"""From rows to a prediction in a workspace that is not the first; to others there is nothing."""

import json
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from functions.kit.adapters.stores import firestore
from tests.integration.functions.training.conftest import Api
from tests.integration.functions.training.test_jobs import QUICK
from tests.integration.functions.training.test_step_events import SMALL
from tests.support.callers.members import Member


def test_a_workspace_s_rows_become_its_model_and_its_predictions(api: Api) -> None:
    ann = Member({f"w{uuid4().hex[:12]}": "editor"})
    ours = Api(api.platform, ann.session().header)
    name = f"whole-{uuid4().hex[:8]}"
    ours.load(SMALL, name)
    job = ours.train(name, "y", **QUICK)
    assert (job["state"], job["version"], job["owner"]) == ("succeeded", 1, ann.account), job
    version = ours.get("models", f"/models/{name}/versions/1")
    assert (version["job"], version["owner"]) == (job["id"], ann.account)
    path = f"/models/{name}/versions/1/predict"
    answer = ours.post("prediction", path, 200, json={"records": [{"x": 3.5}]})
    assert len(answer["predictions"]) == 1
    for function, path in (
        ("datasets", f"/datasets/{name}"),
        ("training", f"/jobs/{job['id']}"),
        ("models", f"/models/{name}"),
    ):
        assert api.platform.clients[function].get(path, headers=api.key).status_code == 404
    for collection in ("datasets", "jobs", "models"):
        main = firestore.client().collection(collection)
        assert not {name, job["id"]} & {one.id for one in main.list_documents()}


def test_days_are_written_as_in_the_file_from_the_upload_to_the_prediction(api: Api) -> None:
    name = f"days-{uuid4().hex[:8]}"
    written = [(month, day) for month in range(1, 11) for day in range(1, 11)]
    rows = [f"{month:02}/{day:02}/2026,{month > 5}\n" for month, day in written]
    said = {"columns": [{"name": "day", "kind": "date", "date_format": "%m/%d/%Y"}]}
    query = {"name": name, "reading": json.dumps(said)}
    csv = "day,late\n" + "".join(rows)
    file: dict[str, Any] = {"data": csv.encode(), "content_type": "text/csv"}
    api.post("datasets", f"/datasets?{urlencode(query)}", **file)
    api.platform.deliver_all()
    listed = urlencode({"filter": "day<=02/01/2026", "count": "true"})
    assert api.get("datasets", f"/datasets/{name}/records?{listed}")["count"] == 11
    job = api.train(name, "late", candidates=[{"algorithm": "logistic_regression"}], folds=2)
    assert job["state"] == "succeeded", job
    days = ["02/09/2026", "2026-02-09", "Feb 9, 2026", "09/02/2026"]
    records = [{"day": day} for day in days]
    answer = api.post("prediction", f"/models/{name}/predict", 200, json={"records": records})
    labels = [one["label"] for one in answer["predictions"]]
    assert labels == ["false", "false", "false", "true"]
    tensor = {"name": "day", "shape": [4], "datatype": "BYTES", "data": days}
    infer = f"/v2/models/{name}/infer"
    [output] = [
        one
        for one in api.post("prediction", infer, 200, json={"inputs": [tensor]})["outputs"]
        if one["name"] == "label"
    ]
    assert output["data"] == labels
