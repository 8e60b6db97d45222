"""The bucket: place, who sees it, and that nothing in it is deleted by itself."""

from collections.abc import Iterator
from typing import Any

from infra.local.cloud import granted
from infra.local.cloud.api import Api, MissingError
from infra.local.cloud.findings import Finding, judged, note, well, wrong
from infra.local.cloud.project import FILES_ROLE, Project


def check(api: Api, project: Project) -> Iterator[Finding]:
    """Yield what is to be said of the bucket."""
    bucket = f"gs://{project.bucket}"
    try:
        found = api.get("storage", f"storage/v1/b/{project.bucket}")
    except MissingError:
        make = f"gcloud storage buckets create {bucket} --location {project.region}"
        yield wrong(bucket, "it is not there", f"{make} --uniform-bucket-level-access")
        return
    access = found.get("iamConfiguration", {})
    change = f"gcloud storage buckets update {bucket}"
    yield judged(
        bucket,
        (
            (
                str(found.get("projectNumber")) != project.number,
                f"it belongs to another project ({found.get('projectNumber')})",
            ),
            (
                access.get("publicAccessPrevention") != "enforced",
                "it may be opened to everybody",
            ),
            (
                not access.get("uniformBucketLevelAccess", {}).get("enabled"),
                "single files may have access of their own",
            ),
        ),
        "it cannot be opened to everybody",
        f"{change} --public-access-prevention --uniform-bucket-level-access",
    )
    yield _place(project, bucket, str(found.get("location", "")))
    yield _lasting(bucket, found, change)
    policy = api.get(
        "storage", f"storage/v1/b/{project.bucket}/iam", optionsRequestedPolicyVersion=3
    )
    grant = f"gcloud storage buckets add-iam-policy-binding {bucket}"
    yield granted.held(bucket, policy, project.functions, [FILES_ROLE], grant)
    yield granted.closed(bucket, policy, grant.replace("add-iam", "remove-iam"))


def _place(project: Project, bucket: str, location: str) -> Finding:
    if project.is_near(location):
        return well(bucket, f"in {location}, as the functions are in {project.region}")
    said = f"in {location}, far from the functions in {project.region}: bytes between them cost"
    return note(bucket, said)


def _lasting(bucket: str, found: dict[str, Any], change: str) -> Finding:
    """Refuse rules that delete: documents name models and snapshots as long as they stay."""
    rules = found.get("lifecycle", {}).get("rule", ())
    if any(_takes_what_is_live(one) for one in rules):
        said = "a rule of its lifecycle deletes files that documents name"
        return wrong(bucket, said, f"{change} --clear-lifecycle")
    return well(bucket, "nothing in it is deleted by itself")


def _takes_what_is_live(rule: dict[str, Any]) -> bool:
    """Whether a rule deletes more than versions that were replaced."""
    condition = rule.get("condition", {})
    old = {"daysSinceNoncurrentTime", "noncurrentTimeBefore", "numNewerVersions"}
    is_of_old = condition.get("isLive") is False or bool(old & condition.keys())
    return rule.get("action", {}).get("type") == "Delete" and not is_of_old
