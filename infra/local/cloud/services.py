"""Which APIs are on."""

from collections.abc import Iterator

from infra.local.cloud.api import Api
from infra.local.cloud.findings import Finding, well, wrong
from infra.local.cloud.project import Project

# Those of infra/cloud/gcp/setup.sh; Terraform turns on two more, for what it alone makes.
NEEDED = (
    "artifactregistry",
    "cloudscheduler",
    "firestore",
    "pubsub",
    "run",
    "secretmanager",
    "storage",
)


def check(api: Api, project: Project) -> Iterator[Finding]:
    """Yield a line for all APIs, or for each that is off."""
    home = f"projects/{project.id}"
    names = [f"{home}/services/{name}.googleapis.com" for name in NEEDED]
    answer = api.get("serviceusage", f"v1/{home}/services:batchGet", names=names)
    on = {
        one["name"].rpartition("/")[2].partition(".")[0]
        for one in answer.get("services", ())
        if one.get("state") == "ENABLED"
    }
    for name in NEEDED:
        if name not in on:
            remedy = f"gcloud services enable {name}.googleapis.com --project {project.id}"
            yield wrong(f"API {name}", "is off", remedy)
    if on.issuperset(NEEDED):
        yield well("APIs", f"all {len(NEEDED)} are on")
