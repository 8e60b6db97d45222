"""`./mayfly doctor --cloud`: what it says of projects, over HTTP, with a login of its own."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from infra.local.cli import mayfly
from infra.local.cloud import project, services
from infra.local.settings import ROOT
from tests.support.servers import google_project as whole
from tests.support.servers.google_cloud import GoogleCloud, error, open_cloud

GCP = ROOT / "infra" / "cloud" / "gcp"
HOME = f"projects/{whole.NAME}"
DATABASE = f"firestore/v1/{HOME}/databases/(default)"
INDEXES = f"{DATABASE}/collectionGroups/-/indexes"
BUCKET = f"storage/storage/v1/b/{whole.BUCKET}"
ACCOUNT = f"iam/v1/{HOME}/serviceAccounts/{whole.FUNCTIONS}"
POLICY = f"cloudresourcemanager/v3/{HOME}:getIamPolicy"
PUSH = f"pubsub/v1/{HOME}/subscriptions/mayfly-steps-training"
JOB = f"cloudscheduler/v1/{HOME}/locations/{whole.REGION}/jobs/mayfly-training-overdue"
SECRET = f"secretmanager/v1/{HOME}/secrets/mayfly-first-key"
SERVICE = f"run/v2/{HOME}/locations/{whole.REGION}/services/training"
Things = dict[str, dict[str, Any]]
WRONG = "✗"


@pytest.fixture
def cloud() -> Iterator[GoogleCloud]:
    with open_cloud(whole.things()) as made:
        yield made


def doctor(cloud: GoogleCloud, folder: Path, *more: str, **env: str) -> Result:
    words = ["doctor", "--cloud", whole.NAME, "--region", whole.REGION, *more]
    own = {**cloud.environment(folder), "MAYFLY_HOME": str(folder), "NO_GCE_CHECK": "true", **env}
    return CliRunner().invoke(mayfly, words, env=own)


def test_a_project_that_was_set_up_passes(cloud: GoogleCloud, tmp_path: Path) -> None:
    done = doctor(cloud, tmp_path)
    assert done.exit_code == 0, done.output
    assert {line[0] for line in done.output.splitlines()} == {"✓"}
    asked = {path for _, path, _ in cloud.asked}
    assert asked == {*cloud.things, f"{DATABASE}/documents/mayfly-moves/restore"}
    assert not any("access" in path.rpartition("/")[2] for path in asked)  # no secret is read


def index(*fields: str) -> dict[str, Any]:
    name = f"{HOME}/databases/(default)/collectionGroups/jobs/indexes/CICAgOjXh4EK"
    parts = [{"fieldPath": each, "order": "ASCENDING"} for each in (*fields, "__name__")]
    return {"name": name, "queryScope": "COLLECTION", "fields": parts, "state": "READY"}


def also(things: Things, path: str, role: str, member: str) -> None:
    things[path]["bindings"].append({"role": role, "members": [member]})


FAULTS: dict[str, tuple[Callable[[Things], Any], str]] = {
    "an API is off": (
        lambda t: t[f"serviceusage/v1/{HOME}/services:batchGet"]["services"][3].update(
            state="DISABLED"
        ),
        "✗ API pubsub: is off. gcloud services enable pubsub.googleapis.com",
    ),
    "Datastore mode": (
        lambda t: t[DATABASE].update(type="DATASTORE_MODE"),
        "✗ Firestore: it is in mode DATASTORE_MODE. Mayfly needs that",
    ),
    "another edition": (
        lambda t: t[DATABASE].update(databaseEdition="ENTERPRISE"),
        "✗ Firestore: it is of another edition",
    ),
    "no database": (lambda t: t.pop(DATABASE), "✗ Firestore: there is no database (default)"),
    "not protected": (
        lambda t: t[DATABASE].update(deleteProtectionState="DELETE_PROTECTION_DISABLED"),
        "✗ Firestore: a command may delete it. gcloud firestore databases update",
    ),
    "far away": (
        lambda t: t[DATABASE].update(locationId="nam5"),
        "- Firestore: in nam5, far from the functions in europe-west1",
    ),
    "indexes that nobody needs": (
        lambda t: t[INDEXES]["indexes"].extend([index("b", "a"), index("a", "b")]),
        "- Firestore's indexes: jobs (a ASCENDING, b ASCENDING; COLLECTION) is needed by no query",
    ),
    "a field without an index": (
        lambda t: t[f"{DATABASE}/collectionGroups/-/fields"]["fields"].append(
            {"name": f"{HOME}/databases/(default)/collectionGroups/jobs/fields/state"}
        ),
        "✗ Firestore's indexes: the field state of jobs is set otherwise",
    ),
    "a field without the index that queries read": (
        lambda t: t[f"{DATABASE}/collectionGroups/-/fields"]["fields"][1]["indexConfig"].clear(),
        "✗ Firestore's indexes: the field values of records is set otherwise",
    ),
    "a field with an index that nobody needs": (
        lambda t: t[f"{DATABASE}/collectionGroups/-/fields"]["fields"].pop(),
        "- Firestore's indexes: the field version of records has indexes that no query reads",
    ),
    "half a backup": (
        lambda t: t.update(
            {
                f"{DATABASE}/documents/mayfly-moves/restore": {
                    "name": f"{HOME}/databases/(default)/documents/mayfly-moves/restore",
                    "fields": {
                        "state": {"stringValue": "unfinished"},
                        "made_at": {"stringValue": "2026-11-28T10:00:00+00:00"},
                    },
                }
            }
        ),
        "✗ Firestore: the backup of 2026-11-28T10:00:00+00:00 is there in part alone",
    ),
    "rules of others": (
        lambda t: t[f"firebaserules/v1/{HOME}/rulesets/1"]["source"]["files"][0].update(
            content="allow read: if true"
        ),
        "✗ Firestore's rules: they are not those",
    ),
    "no bucket": (lambda t: t.pop(BUCKET), "✗ gs://a-project-mayfly: it is not there"),
    "a bucket that may be opened": (
        lambda t: t[BUCKET]["iamConfiguration"].update(publicAccessPrevention="inherited"),
        "✗ gs://a-project-mayfly: it may be opened to everybody. gcloud storage buckets update",
    ),
    "a bucket of another project": (
        lambda t: t[BUCKET].update(projectNumber="1"),
        "✗ gs://a-project-mayfly: it belongs to another project (1)",
    ),
    "a bucket on another continent": (
        lambda t: t[BUCKET].update(location="US"),
        "- gs://a-project-mayfly: in US, far from",
    ),
    "a bucket that forgets": (
        lambda t: t[BUCKET].update(
            lifecycle={"rule": [{"action": {"type": "Delete"}, "condition": {"age": 30}}]}
        ),
        "✗ gs://a-project-mayfly: a rule of its lifecycle deletes files",
    ),
    "everybody reads the bucket": (
        lambda t: also(t, f"{BUCKET}/iam", "roles/storage.objectViewer", "allUsers"),
        (
            "✗ gs://a-project-mayfly: allUsers has roles/storage.objectViewer. gcloud storage "
            "buckets remove-iam-policy-binding gs://a-project-mayfly --member allUsers"
        ),
    ),
    "no account": (lambda t: t.pop(ACCOUNT), "✗ account mayfly-functions: it is not there"),
    "an account that is off": (
        lambda t: t[ACCOUNT].update(disabled=True),
        "✗ account mayfly-functions: it is disabled",
    ),
    "a key of an account": (
        lambda t: t[f"{ACCOUNT}/keys"].update(keys=[{"keyType": "USER_MANAGED"}]),
        "✗ account mayfly-functions: 1 keys were made of it",
    ),
    "a role is missing": (
        lambda t: t[POLICY].update(bindings=[]),
        (
            "✗ project a-project: mayfly-functions lacks roles/datastore.user. gcloud projects "
            "add-iam-policy-binding a-project --member "
            f"serviceAccount:{whole.FUNCTIONS} --role roles/datastore.user"
        ),
    ),
    "a role too many": (
        lambda t: also(t, POLICY, "roles/editor", f"serviceAccount:{whole.FUNCTIONS}"),
        (
            "✗ project a-project: mayfly-functions has roles/editor too, without need. gcloud "
            "projects remove-iam-policy-binding"
        ),
    ),
    "the pages may something": (
        lambda t: also(t, POLICY, "roles/datastore.user", f"serviceAccount:{whole.WEB}"),
        "✗ project a-project: mayfly-web has roles/datastore.user too",
    ),
    "a role under a condition": (
        lambda t: t[POLICY]["bindings"][0].update(condition={"expression": "false"}),
        "- project a-project: mayfly-functions has roles/datastore.user under a condition",
    ),
    "no topic": (
        lambda t: t.pop(f"pubsub/v1/{HOME}/topics/mayfly-steps"),
        "✗ topic mayfly-steps: it is not there",
    ),
    "no subscription": (
        lambda t: t.pop(PUSH),
        "✗ subscription mayfly-steps-training: it is not there",
    ),
    "it pushes elsewhere": (
        lambda t: t[PUSH]["pushConfig"].update(pushEndpoint="https://old.example.com/steps"),
        "✗ subscription mayfly-steps-training: it pushes to https://old.example.com/steps, not to",
    ),
    "it wraps": (
        lambda t: t[PUSH]["pushConfig"].pop("noWrapper"),
        "✗ subscription mayfly-steps-training: it wraps messages",
    ),
    "it takes everything, and ends": (
        lambda t: t[PUSH].update(filter="", expirationPolicy={"ttl": "2678400s"}),
        "it takes the hints of all functions; it ends where nothing comes for a while",
    ),
    "no schedule": (lambda t: t.pop(JOB), "✗ schedule mayfly-training-overdue: it is not there"),
    "a schedule that rests": (
        lambda t: t[JOB].update(state="PAUSED", schedule="0 3 * * *"),
        "✗ schedule mayfly-training-overdue: it is PAUSED; it calls at '0 3 * * *', not at",
    ),
    "a call that failed": (
        lambda t: t[JOB].update(status={"code": 5}),
        "- schedule mayfly-training-overdue: its last call",
    ),
    "no secret": (
        lambda t: t.pop(f"{SECRET}/versions/latest"),
        "✗ secret mayfly-first-key: it is not there, or has no version",
    ),
    "a secret that is off": (
        lambda t: t[f"{SECRET}/versions/latest"].update(state="DISABLED"),
        "✗ secret mayfly-first-key: its version 1 is DISABLED. gcloud secrets versions enable 1",
    ),
    "the pages read functions' secrets": (
        lambda t: also(
            t,
            f"{SECRET}:getIamPolicy",
            "roles/secretmanager.secretAccessor",
            f"serviceAccount:{whole.WEB}",
        ),
        "✗ secret mayfly-first-key: mayfly-web has roles/secretmanager.secretAccessor too",
    ),
    "not deployed": (lambda t: t.pop(SERVICE), "- service training: it is not deployed"),
    "as another": (
        lambda t: t[SERVICE]["template"].update(
            serviceAccount="123456789012-compute@developer.gserviceaccount.com"
        ),
        "✗ service training: it runs as 123456789012-compute@",
    ),
    "not ready": (
        lambda t: t[SERVICE].update(
            terminalCondition={"state": "CONDITION_FAILED", "message": "Image not found."}
        ),
        "✗ service training: it is not ready (Image not found.)",
    ),
    "a small quota": (
        lambda t: t[
            f"serviceusage/v1beta1/{HOME}/services/run.googleapis.com/consumerQuotaMetrics"
        ]["metrics"][0]["consumerQuotaLimits"][0]["quotaBuckets"][1].update(effectiveLimit="2000"),
        "- quota cpu_allocation in europe-west1: all replicas at once take",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_wrong_is_named_with_its_remedy(
    name: str, cloud: GoogleCloud, tmp_path: Path
) -> None:
    fault, said = FAULTS[name]
    fault(cloud.things)
    done = doctor(cloud, tmp_path)
    found = [line for line in done.output.splitlines() if said in line]
    assert len(found) == 1, done.output
    assert done.exit_code == (1 if found[0].startswith(WRONG) else 0)
    others = [line for line in done.output.splitlines() if line.startswith(WRONG)]
    assert set(others) <= {found[0]}  # what is right is not complained of


def test_an_empty_project_is_told_what_is_missing(cloud: GoogleCloud, tmp_path: Path) -> None:
    stays = ("cloudresourcemanager", "serviceusage")
    cloud.things = {path: one for path, one in cloud.things.items() if path.startswith(stays)}
    cloud.things[POLICY]["bindings"] = []
    done = doctor(cloud, tmp_path)
    assert done.exit_code == 1
    wrong = [line for line in done.output.splitlines() if line.startswith(WRONG)]
    assert len(wrong) > 8
    assert not isinstance(done.exception, Exception)


def test_a_check_that_may_not_look_says_so_and_the_others_go_on(
    cloud: GoogleCloud, tmp_path: Path
) -> None:
    cloud.refused[f"secretmanager/v1/{HOME}"] = error(403, "Permission denied on resource.")
    message = "Cloud Scheduler API has not been used in project 1 before or it is disabled."
    cloud.refused["cloudscheduler/"] = error(403, message, "SERVICE_DISABLED")
    done = doctor(cloud, tmp_path)
    assert done.exit_code == 1
    assert "✗ secrets: not looked at, for this login may not (Permission denied" in done.output
    assert f"- queue and schedules: not looked at, as an API is off ({message})" in done.output
    assert "✓ service training" in done.output


@pytest.mark.parametrize("missing", [{}, {"state": "DELETE_REQUESTED"}])
def test_a_project_that_is_not_there_is_one_line(
    cloud: GoogleCloud, tmp_path: Path, missing: dict[str, str]
) -> None:
    path = f"cloudresourcemanager/v3/{HOME}"
    if missing:
        cloud.things[path] |= missing
    else:
        cloud.refused[path] = error(403, "The caller does not have permission")
    done = doctor(cloud, tmp_path)
    assert done.exit_code == 1
    assert re.fullmatch(r"Error: The project a-project is [^\n]+\n", done.output)


def test_a_missing_login_is_one_line(cloud: GoogleCloud, tmp_path: Path) -> None:
    done = doctor(cloud, tmp_path, GOOGLE_APPLICATION_CREDENTIALS=str(tmp_path / "none.json"))
    assert done.exit_code == 1
    assert re.fullmatch(r"Error: No login of Google's can be used [^\n]+\n", done.output)
    assert "gcloud auth application-default login" in done.output
    assert cloud.asked == []


def test_a_login_that_is_refused_is_one_line(cloud: GoogleCloud, tmp_path: Path) -> None:
    cloud.logins = False
    done = doctor(cloud, tmp_path)
    assert re.fullmatch(r"Error: Google refuses the login [^\n]+\n", done.output)
    assert "The token has expired" in done.output


def test_an_api_that_is_away_is_one_line(cloud: GoogleCloud, tmp_path: Path) -> None:
    there = cloud.environment(tmp_path)
    gone = {"CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDRESOURCEMANAGER": "http://127.0.0.1:1"}
    done = doctor(cloud, tmp_path, **(there | gone))
    assert re.fullmatch(r"Error: http://127.0.0.1:1/v3\S+ does not answer [^\n]+\n", done.output)


def test_programs_get_json(cloud: GoogleCloud, tmp_path: Path) -> None:
    done = doctor(cloud, tmp_path, "--json")
    assert '"passed": true' in done.output
    assert done.output.startswith("[")


def test_a_region_is_asked_for(tmp_path: Path) -> None:
    done = CliRunner().invoke(mayfly, ["doctor", "--cloud", "p"])
    assert "--region is needed" in done.output
    done = CliRunner().invoke(mayfly, ["doctor", "--region", "r"])
    assert (done.exit_code, "give --cloud" in done.output) == (2, True)


def test_it_wants_what_infra_gives() -> None:
    text = (GCP / "identity.tf").read_text()
    ours = (
        *(project.DOCUMENTS_ROLE, project.FILES_ROLE),
        *(project.TOPIC_ROLE, project.SECRET_ROLE),
    )
    assert set(re.findall(r'"(roles/[^"]+)"', text)) == set(ours)
    script = (GCP / "setup.sh").read_text()
    enabled = script[script.index("services enable") : script.index("there iam")]
    assert set(re.findall(r"(\w+)\.googleapis", enabled)) == set(services.NEEDED)
    terraform = (GCP / "main.tf").read_text().partition("google_project_service")[2]
    assert set(services.NEEDED) < set(re.findall(r'"(\w+)"', terraform))
    for name in (project.TOPIC, project.WEB_SECRET, "mayfly-web"):
        assert name in (GCP / "data.tf").read_text() + (GCP / "queue.tf").read_text() + text
