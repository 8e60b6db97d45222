"""`terraform plan` says what infra/knative says, and makes what the doctor looks for."""

import json
from typing import Any

import pytest

from infra.local.cloud.project import Project
from infra.local.targets import cloud_run, described
from infra.local.targets.aws.sizes import mebibytes
from tests.integration.clouds.test_terraform_validates import declared
from tests.support.servers import google_project as whole
from tests.support.terraform import running

REGISTRY = "europe-west1-docker.pkg.dev/a-project/mayfly"
VARIABLES = {
    "project": whole.NAME,
    "region": whole.REGION,
    "documents_location": "eur3",
    "registry": REGISTRY,
    "tag": "1.0",
    "web_url": "https://mayfly.example.com",
    "step_secret": "s" * 43,
    "first_key_digest": "0" * 64,
}
PROJECT = Project(whole.NAME, whole.NUMBER, whole.REGION, whole.BUCKET)
FUNCTIONS = {one.name: one for one in described.functions()}
Planned = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Planned:
    """Give what would be made: address → values."""
    home = tmp_path_factory.mktemp("plan")
    folder = running.copied(home)
    with running.providers(declared("resource"), declared("data"), home) as attached:
        env = {"TF_REATTACH_PROVIDERS": attached}
        env |= {f"TF_VAR_{name}": text for name, text in VARIABLES.items()}
        plan = str(home / "made")
        for words in (
            ("init", "-backend=false", "-input=false"),
            ("plan", "-input=false", "-lock=false", "-no-color", f"-out={plan}"),
        ):
            done = running.run(folder, *words, home=home, **env)
            assert done.returncode == 0, done.stdout + done.stderr
        shown = running.run(folder, "show", "-json", plan, home=home, **env)
    found = json.loads(shown.stdout)["planned_values"]["root_module"]["resources"]
    return {one["address"]: one["values"] for one in found}


def test_each_function_is_a_service_as_infra_says(planned: Planned) -> None:
    for name, function in FUNCTIONS.items():
        made = planned[f'google_cloud_run_v2_service.function["{name}"]']
        [template] = made["template"]
        [container] = template["containers"]
        image = function.image.removeprefix("mayfly/")
        assert container["image"] == f"{REGISTRY}/{image}:1.0"
        limits = container["resources"][0]["limits"]
        assert mebibytes(limits["memory"]) == mebibytes(function.limits["memory"])
        assert template["timeout"] == f"{function.timeout}s"
        assert template["scaling"][0]["max_instance_count"] == function.most
        assert container["ports"][0]["container_port"] == function.port
        # The topic's address is known once it is there.
        said = {one["name"]: one["value"] for one in container["env"] if "value" in one}
        assert said.items() >= function.environment.items()
        assert said["MAYFLY_BUCKET"] == PROJECT.bucket
        assert said["MAYFLY_FUNCTION_URL"].format(name=name, path="") == PROJECT.url(name)
        secrets = {one["name"] for one in container["env"] if one["value_source"]}
        assert secrets == cloud_run.SECRETS.keys()
        assert made["invoker_iam_disabled"]


def test_steps_are_pushed_and_looked_for_where_the_doctor_looks(planned: Planned) -> None:
    things = whole.things()
    for name, function in FUNCTIONS.items():
        if not function.steps:
            continue
        pushed = planned[f'google_pubsub_subscription.steps["{name}"]']
        ours = things[f"pubsub/v1/projects/{whole.NAME}/subscriptions/{pushed['name']}"]
        assert pushed["push_config"][0]["push_endpoint"] == ours["pushConfig"]["pushEndpoint"]
        assert pushed["push_config"][0]["no_wrapper"] == [{"write_metadata": True}]
        assert pushed["filter"] == ours["filter"]
        assert pushed["ack_deadline_seconds"] == ours["ackDeadlineSeconds"]
        job = planned[f'google_cloud_scheduler_job.overdue["{name}"]']
        place = f"projects/{whole.NAME}/locations/{whole.REGION}/jobs/{job['name']}"
        ours = things[f"cloudscheduler/v1/{place}"]
        assert job["schedule"] == ours["schedule"]
        assert job["http_target"][0]["uri"] == ours["httpTarget"]["uri"]


def test_documents_and_files_are_kept_as_the_doctor_wants(planned: Planned) -> None:
    database = planned["google_firestore_database.documents"]
    assert database["type"] == "FIRESTORE_NATIVE"
    assert database["delete_protection_state"] == "DELETE_PROTECTION_ENABLED"
    bucket = planned["google_storage_bucket.files"]
    assert bucket["name"] == PROJECT.bucket
    assert bucket["public_access_prevention"] == "enforced"
    assert bucket["uniform_bucket_level_access"]
    without = {
        (one["collection"], one["field"])
        for address, one in planned.items()
        if address.startswith("google_firestore_field")
    }
    assert without == {("records", "values"), ("records", "version")}
