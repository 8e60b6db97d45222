"""Cloud Run's Services, made of the functions' descriptions: what of Knative's form it takes."""

from collections.abc import Mapping
from typing import Any

from infra.local.deploying.manifests import API_VERSION, GRPC
from infra.local.targets import described, images
from infra.local.targets.asked import Asked
from infra.local.targets.described import SCALE, Function
from infra.local.targets.kubernetes.rendering import dump
from infra.local.targets.plan import Login, Need, Plan, Step

# Calls that a replica takes at a time: Cloud Run knows no "any number", and gives itself 80.
CALLS = 80
LARGEST_TIMEOUT = 3600
# Where hints to look at steps are published.
TOPIC = "mayfly-steps"
ACCOUNT = "mayfly-functions@{project}.iam.gserviceaccount.com"
# Secrets of Secret Manager, by the variable that functions read: infra/cloud/gcp makes them.
SECRETS: Mapping[str, str] = {
    "MAYFLY_STEP_SECRET": "mayfly-step-secret",
    "MAYFLY_FIRST_KEY": "mayfly-first-key",
}
GCLOUD = Need("gcloud", "Install the Google Cloud CLI (cloud.google.com/sdk).")


def service(
    function: Function, image: str, project: str, variables: Mapping[str, str]
) -> dict[str, Any]:
    """Return a function as a Service that Cloud Run takes.

    Args:
        function: what it is.
        image: with registry and tag.
        project: of Google Cloud.
        variables: what every function reads.
    """
    everything = {**variables, **function.environment}
    env: list[dict[str, Any]] = [
        {"name": name, "value": everything[name]} for name in sorted(everything)
    ]
    env += [_secret(name, where) for name, where in SECRETS.items()]
    memory = function.limits["memory"]
    container = {
        "image": image,
        "ports": [{"name": GRPC if function.grpc else "http1", "containerPort": function.port}],
        "env": env,
        "resources": {"limits": {"cpu": "1", "memory": memory}},
        "startupProbe": _probe(function) | {"periodSeconds": 1, "failureThreshold": 60},
    }
    scale = {
        f"{SCALE}minScale": str(function.least),
        f"{SCALE}maxScale": str(function.most),
        # What memory is asked for, the first generation may not have room to start in.
        "run.googleapis.com/execution-environment": "gen2",
        "run.googleapis.com/startup-cpu-boost": "true",
    }
    return {
        "apiVersion": API_VERSION,
        "kind": "Service",
        "metadata": {
            "name": function.name,
            "labels": {"part-of": "mayfly"},
            # Who calls is asked by the function itself, by its own keys and tokens.
            "annotations": {
                "run.googleapis.com/ingress": "all",
                "run.googleapis.com/invoker-iam-disabled": "true",
            },
        },
        "spec": {
            "template": {
                "metadata": {"annotations": scale},
                "spec": {
                    "serviceAccountName": ACCOUNT.format(project=project),
                    "containerConcurrency": CALLS if function.target is None else _held(function),
                    "timeoutSeconds": min(function.timeout, LARGEST_TIMEOUT),
                    "containers": [container],
                },
            }
        },
    }


def plan(asked: Asked) -> Plan:
    """Return the plan for Cloud Run; writes a file for each function into the folder."""
    project = asked.need(asked.project, "--project", "your-project")
    region = asked.need(asked.region, "--region", "europe-west1")
    registry = asked.registry_given()
    asked.folder.mkdir(parents=True, exist_ok=True)
    found = described.functions()
    variables = _variables(asked, project)
    for function in found:
        image = f"{images.placed(function.image, registry)}:{asked.tag}"
        made = service(function, image, project, variables)
        (asked.folder / f"{function.name}.yaml").write_text(dump([made]))
    active = ("gcloud", "auth", "list", "--filter=status:ACTIVE", "--format=value(account)")
    ask = Login(active, "gcloud is not logged in", "gcloud auth login")
    place = ("--project", project, "--region", region)
    steps = (
        *asked.builds(tuple(described.images())),
        *(
            Step(
                f"Deploy {one.name}, and wait for it",
                (
                    "gcloud",
                    "run",
                    "services",
                    "replace",
                    str(asked.folder / f"{one.name}.yaml"),
                    *place,
                ),
            )
            for one in found
        ),
        *asked.demos_by_url(),
    )
    note = (
        "Identity, secrets, bucket, queue and schedules are made before: infra/cloud/gcp/README.md."
    )
    return Plan("cloud-run", (GCLOUD, *asked.docker()), (ask,), steps, notes=(note,))


def _variables(asked: Asked, project: str) -> dict[str, str]:
    """Return what every function reads there: of `--config`, and what the project says."""
    found = {"GOOGLE_CLOUD_PROJECT": project, "MAYFLY_BUCKET": f"{project}-mayfly"}
    if asked.function_url:
        found["MAYFLY_FUNCTION_URL"] = asked.function_url
    found |= {
        "MAYFLY_QUEUE": "pubsub",
        "MAYFLY_BROKER_URL": f"https://pubsub.googleapis.com/v1/projects/{project}/topics/{TOPIC}",
    }
    if asked.config is not None:
        found |= asked.variables(())
    return found


def _held(function: Function) -> int:
    """Return the calls of a function with a target, which here would be a limit.

    One at a time shuts out whoever asks how a job goes on; ten leave room for that, and Cloud Run
    adds replicas when six of them are in use.
    """
    return 10 * (function.target or 1)


def _secret(name: str, where: str) -> dict[str, Any]:
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": where, "key": "latest"}}}


def _probe(function: Function) -> dict[str, Any]:
    if function.grpc:
        return {"grpc": {"port": function.port}}
    return {"httpGet": {"path": "/_/health", "port": function.port}}
