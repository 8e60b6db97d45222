"""Service accounts: they are there, hold no keys, and may in the project what they must."""

from collections.abc import Iterator

from infra.local.cloud import granted
from infra.local.cloud.api import Api, MissingError
from infra.local.cloud.findings import Finding, judged, note, wrong
from infra.local.cloud.project import DOCUMENTS_ROLE, Project


def check(api: Api, project: Project) -> Iterator[Finding]:
    """Yield what is to be said of both accounts."""
    options = {"options": {"requestedPolicyVersion": 3}}
    path = f"v3/projects/{project.id}:getIamPolicy"
    policy = api.post("cloudresourcemanager", path, options)
    grant = f"gcloud projects add-iam-policy-binding {project.id}"
    for email, roles in ((project.functions, [DOCUMENTS_ROLE]), (project.web, [])):
        found = _account(api, project, email)
        yield found
        if found.passed is not None and "not there" not in found.what:
            yield granted.held(f"project {project.id}", policy, email, roles, grant)
    yield granted.closed(f"project {project.id}", policy, grant.replace("add-iam", "remove-iam"))


def _account(api: Api, project: Project, email: str) -> Finding:
    path = f"v1/projects/{project.id}/serviceAccounts/{email}"
    where = f"account {email.partition('@')[0]}"
    try:
        found = api.get("iam", path)
    except MissingError:
        make = (
            f"gcloud iam service-accounts create {email.partition('@')[0]} --project {project.id}"
        )
        if email == project.web:
            return note(where, "it is not there: the pages run elsewhere, or as another", make)
        return wrong(where, "it is not there", make)
    keys = api.get("iam", f"{path}/keys", keyTypes="USER_MANAGED").get("keys", [])
    return judged(
        where,
        (
            (bool(found.get("disabled")), "it is disabled"),
            (
                bool(keys),
                f"{len(keys)} keys were made of it: whoever has the file of one is this account",
            ),
        ),
        "it is there, and no key was made of it",
        f"gcloud iam service-accounts enable, or keys delete, --iam-account {email}",
    )
