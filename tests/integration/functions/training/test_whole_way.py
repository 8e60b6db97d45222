"""From rows to a prediction in a workspace that is not the first; to others there is nothing."""

from uuid import uuid4

from functions.kit.adapters import firestore
from tests.integration.functions.training.conftest import Api
from tests.integration.functions.training.test_jobs import QUICK
from tests.integration.functions.training.test_step_events import SMALL
from tests.support.members import Member


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
