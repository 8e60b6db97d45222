"""Hints at steps: their topic, what pushes them, and the schedules that look for lost ones."""

from collections.abc import Iterator
from typing import Any

from infra.local.cloud import granted
from infra.local.cloud.api import Api, MissingError
from infra.local.cloud.findings import Finding, judged, note, wrong
from infra.local.cloud.project import TOPIC, TOPIC_ROLE, Project
from infra.local.targets import described
from infra.local.targets.described import Function

SETUP = "infra/cloud/gcp/setup.sh, or terraform apply."
LEAST_SECONDS = 60  # an acknowledgement that is due earlier brings a hint twice


def check(api: Api, project: Project) -> Iterator[Finding]:
    """Yield what is to be said of topic, subscriptions and schedules."""
    path = f"v1/projects/{project.id}/topics/{TOPIC}"
    where = f"topic {TOPIC}"
    try:
        api.get("pubsub", path)
    except MissingError:
        yield wrong(where, "it is not there", SETUP)
    else:
        policy = api.get("pubsub", f"{path}:getIamPolicy")
        grant = f"gcloud pubsub topics add-iam-policy-binding {TOPIC} --project {project.id}"
        yield granted.held(where, policy, project.functions, [TOPIC_ROLE], grant)
        yield granted.closed(where, policy, grant.replace("add-iam", "remove-iam"))
    for function in described.functions():
        if function.steps:
            yield _subscription(api, project, function)
            yield from _schedule(api, project, function)


def _subscription(api: Api, project: Project, function: Function) -> Finding:
    name = f"{TOPIC}-{function.name}"
    where = f"subscription {name}"
    try:
        found = api.get("pubsub", f"v1/projects/{project.id}/subscriptions/{name}")
    except MissingError:
        return wrong(where, "it is not there: steps wait for the schedule", SETUP)
    push = found.get("pushConfig", {})
    endpoint = f"{project.url(function.name)}/steps"
    return judged(
        where,
        (
            (
                found.get("topic") != f"projects/{project.id}/topics/{TOPIC}",
                f"it is of {found.get('topic')}",
            ),
            (
                push.get("pushEndpoint") != endpoint,
                f"it pushes to {push.get('pushEndpoint', 'nobody')}, not to {endpoint}",
            ),
            (
                not push.get("noWrapper", {}).get("writeMetadata"),
                "it wraps messages: they are no CloudEvents then",
            ),
            (
                found.get("filter") != f'attributes."ce-function" = "{function.name}"',
                f"it takes {found.get('filter') or 'the hints of all functions'}",
            ),
            (
                found.get("ackDeadlineSeconds", 0) < LEAST_SECONDS,
                f"it sends again after {found.get('ackDeadlineSeconds')} s",
            ),
            ("ttl" in found.get("expirationPolicy", {}), "it ends where nothing comes for a while"),
            (found.get("state", "ACTIVE") != "ACTIVE", f"it is {found.get('state')}"),
        ),
        f"it pushes CloudEvents to {function.name}",
        f"Delete it, then {SETUP}",
    )


def _schedule(api: Api, project: Project, function: Function) -> Iterator[Finding]:
    name = f"mayfly-{function.name}-overdue"
    where = f"schedule {name}"
    path = f"v1/projects/{project.id}/locations/{project.region}/jobs/{name}"
    try:
        found = api.get("cloudscheduler", path)
    except MissingError:
        yield wrong(where, "it is not there: a hint that is lost is lost", SETUP)
        return
    target = found.get("httpTarget", {})
    url = f"{project.url(function.name)}{function.overdue}"
    yield judged(
        where,
        (
            (found.get("state") != "ENABLED", f"it is {found.get('state')}"),
            (
                found.get("schedule") != function.schedule,
                f"it calls at {found.get('schedule')!r}, not at {function.schedule!r}",
            ),
            (
                (target.get("httpMethod"), target.get("uri")) != ("POST", url),
                f"it calls {target.get('httpMethod')} {target.get('uri')}, not POST {url}",
            ),
        ),
        f"it asks {function.name} at {function.schedule!r}",
        f"Delete it, then {SETUP}",
    )
    yield from _attempt(where, found)


def _attempt(where: str, job: dict[str, Any]) -> Iterator[Finding]:
    """Tell of a call that failed: status is empty where the last one went well."""
    if code := job.get("status", {}).get("code", 0):
        said = f"its last call, {job.get('lastAttemptTime')}, failed (gRPC's code {code})"
        yield note(where, said, "Is the function deployed? Look at its log.")
