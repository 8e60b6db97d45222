"""What is deployed: each function's service, as whom it runs, and whether it is ready."""

from collections.abc import Iterator

from infra.local.cloud.api import Api, MissingError
from infra.local.cloud.findings import Finding, judged, note
from infra.local.cloud.project import Project
from infra.local.targets import described

DEPLOY = "./mayfly deploy --to cloud-run, or terraform apply."


def check(api: Api, project: Project) -> Iterator[Finding]:
    """Yield a line for each function."""
    for function in described.functions():
        yield _service(api, project, function.name, function.most)


def _service(api: Api, project: Project, name: str, most: int) -> Finding:
    where = f"service {name}"
    path = f"v2/projects/{project.id}/locations/{project.region}/services/{name}"
    try:
        found = api.get("run", path)
    except MissingError:
        return note(where, "it is not deployed", DEPLOY)
    template, ready = found.get("template", {}), found.get("terminalCondition", {})
    bound = template.get("scaling", {}).get("maxInstanceCount")
    account = template.get("serviceAccount")
    return judged(
        where,
        (
            (
                ready.get("state") != "CONDITION_SUCCEEDED",
                f"it is not ready ({ready.get('message') or ready.get('state')})",
            ),
            (account != project.functions, f"it runs as {account}, not as {project.functions}"),
            (
                not found.get("invokerIamDisabled"),
                "it asks callers for an identity of Google's, beside Mayfly's keys",
            ),
            (bound != most, f"its replicas are {bound} at most, not {most}"),
        ),
        "it is ready, and runs as it should",
        DEPLOY,
    )
