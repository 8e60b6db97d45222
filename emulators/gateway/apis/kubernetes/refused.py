"""What a cluster has and this gateway has not: refused by name, with what to use instead.

Kinds that files of Knative's own samples hold are told in discovery, to be created alone: else
clients would stop at a kind that they do not know, and say nothing of what helps.
"""

from collections.abc import Callable
from typing import NoReturn

import msgspec

from emulators.gateway.apis.admin import Admin, Handler
from emulators.gateway.apis.kubernetes.resources import POD, Resource
from emulators.gateway.errors import NotAllowed, NotFound
from emulators.gateway.http.buffered import Answer, Incoming

_PLANE = "see docs/plane.md"
_BY_BROKER = f"lead events by a Broker and its Triggers ({_PLANE})"
_BY_PING = f"send CloudEvents to a Broker, or use a PingSource ({_PLANE})"
_BY_SERVICE = f"deploy a Service of serving.knative.dev, whose image is a folder ({_PLANE})"
_BY_DELIVERY = "say `delivery` in the Trigger or the Broker"
_NO_ROLES = f"whoever has the password may do all: leave it out ({_PLANE})"


class Missing(msgspec.Struct, frozen=True):
    """A kind that is not served, and what to use instead."""

    resource: Resource
    instead: str


def _missing(api_version: str, instead: str, *kinds: str, namespaced: bool = True) -> list[Missing]:
    group, _, version = api_version.rpartition("/")
    return [
        Missing(
            Resource(
                group, version, kind, f"{kind.lower()}s", (), verbs=("create",),
                namespaced=namespaced,
            ),
            instead,
        )
        for kind in kinds
    ]  # fmt: skip


MISSING = (
    *_missing("flows.knative.dev/v1", _BY_BROKER, "Parallel"),
    *_missing(
        "sources.knative.dev/v1", _BY_PING, "ApiServerSource", "ContainerSource", "SinkBinding"
    ),
    *_missing("sources.knative.dev/v1beta1", _BY_PING, "KafkaSource"),
    *_missing(
        "serving.knative.dev/v1beta1", f"a Service has one host of its own ({_PLANE})",
        "DomainMapping",
    ),
    *_missing("apps/v1", _BY_SERVICE, "Deployment"),
    *_missing("batch/v1", f"call a Service from a PingSource ({_PLANE})", "Job", "CronJob"),
    *_missing("rbac.authorization.k8s.io/v1", _NO_ROLES, "Role", "RoleBinding"),
    *_missing(
        "rbac.authorization.k8s.io/v1", _NO_ROLES, "ClusterRole", "ClusterRoleBinding",
        namespaced=False,
    ),
)  # fmt: skip

_SUBRESOURCES = {
    "exec": "run the command beside it, in the folder that its image names",
    "attach": "follow its log with `kubectl logs -f`",
    "portforward": "call it at its Service's host, or as /function/NAME",
    "proxy": "call it at its Service's host, or as /function/NAME",
    "ephemeralcontainers": "attach a debugger of this machine to its process",
    "eviction": "delete it",
}
_METHODS = "GET POST PUT PATCH DELETE"
_COMMANDS = {
    f"kubectl {command}": f"a pod is a process of this machine: no {word}: {_SUBRESOURCES[word]}"
    for command, word in (
        ("exec", "exec"), ("cp", "exec"), ("attach", "attach"), ("port-forward", "portforward"),
        ("debug", "ephemeralcontainers"),
    )
}  # fmt: skip
_EXPLAIN = (
    "no schemas are served here, so that nothing can be explained: fields are Knative's own "
    "(https://knative.dev/docs/reference); `kubectl apply --dry-run=server` says which are wrong"
)


def register(admin: Admin, told: Callable[[Handler], Handler]) -> None:
    """Add the routes of what is refused; those of what is served come before.

    Args:
        admin: Where.
        told: Tells what a handler raises as a Status.
    """
    for missing in MISSING:
        resource = missing.resource
        bases = [f"{resource.base}/{resource.plural}"]
        if resource.namespaced:
            bases.append(f"{resource.base}/namespaces/{{namespace}}/{resource.plural}")
        for base in bases:
            admin.add(_METHODS, base + "(?:/.*)?", told(_not_served(missing)))
    base = f"{POD.base}/namespaces/{{namespace}}/{POD.plural}/{{name}}"
    for word, instead in _SUBRESOURCES.items():
        admin.add(_METHODS, f"{base}/{word}(?:/.*)?", told(_no_part_of_a_pod(word, instead)))


def check_command(incoming: Incoming) -> None:
    """Refuse what kubectl is about to do, where it would fail later with words of its own.

    It says its command in each request (Kubernetes' KEP 859). Before `exec`, say, it reads the pod.

    Raises:
        NotAllowed: Saying what to use instead.
    """
    command = incoming.header(b"kubectl-command")
    if command in _COMMANDS:
        raise NotAllowed(_COMMANDS[command])


def explanation(incoming: Incoming) -> Answer | None:
    """Return the refusal of schemas to whoever wants to read them out; others get that none are.

    kubectl shows it in this form alone: no Status, and no other status.
    """
    if incoming.header(b"kubectl-command") != "kubectl explain":
        return None
    return Answer(403, _EXPLAIN.encode(), "text/plain")


def _not_served(missing: Missing) -> Handler:
    async def handle(_: Incoming, **parts: str) -> NoReturn:  # noqa: ARG001 - whichever it is
        resource = missing.resource
        raise NotFound(f"{resource.kind} ({resource.group}) is not there", missing.instead)

    return handle


def _no_part_of_a_pod(word: str, instead: str) -> Handler:
    async def handle(_: Incoming, name: str, **parts: str) -> NoReturn:  # noqa: ARG001 - any namespace
        raise NotAllowed(f"pod {name!r} is a process of this machine: no {word}", instead)

    return handle
