"""Secrets: they are there, have a version that holds, and who reads them. None is read here."""

from collections.abc import Iterator

from infra.local.cloud import granted
from infra.local.cloud.api import Api, MissingError
from infra.local.cloud.findings import Finding, judged, note, wrong
from infra.local.cloud.project import SECRET_ROLE, WEB_SECRET, Project
from infra.local.targets import cloud_run


def check(api: Api, project: Project) -> Iterator[Finding]:
    """Yield what is to be said of each secret."""
    for name in cloud_run.SECRETS.values():
        yield from _secret(api, project, name, project.functions)
    yield from _secret(api, project, WEB_SECRET, project.web)


def _secret(api: Api, project: Project, name: str, reader: str) -> Iterator[Finding]:
    path = f"v1/projects/{project.id}/secrets/{name}"
    where = f"secret {name}"
    try:
        api.get("secretmanager", path)
        newest = api.get("secretmanager", f"{path}/versions/latest")
    except MissingError:
        remedy = "infra/cloud/gcp/setup.sh, or terraform apply."
        if name == WEB_SECRET:
            yield note(where, "it is not there: the pages run elsewhere")
        else:
            yield wrong(where, "it is not there, or has no version", remedy)
        return
    version = newest["name"].rpartition("/")[2]
    yield judged(
        where,
        ((newest.get("state") != "ENABLED", f"its version {version} is {newest.get('state')}"),),
        f"its version {version} holds",
        f"gcloud secrets versions enable {version} --secret {name} --project {project.id}",
    )
    policy = api.get("secretmanager", f"{path}:getIamPolicy")
    grant = f"gcloud secrets add-iam-policy-binding {name} --project {project.id}"
    yield granted.held(where, policy, reader, [SECRET_ROLE], grant)
    for other in {project.functions, project.web} - {reader}:
        if dict(granted.roles(policy, other)):
            yield granted.held(where, policy, other, [], grant)
    yield granted.closed(where, policy, grant.replace("add-iam", "remove-iam"))
