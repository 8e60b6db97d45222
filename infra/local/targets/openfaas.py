"""How Mayfly comes to OpenFaaS: by faas-cli, from its own stack files."""

from infra.local.targets import described
from infra.local.targets.asked import Asked
from infra.local.targets.plan import MAYFLY, Login, Need, Plan, Step

STACK = "infra/openfaas/stack.ce.yaml"  # which every edition takes
FAAS = Need("faas-cli", "Install faas-cli (github.com/openfaas/faas-cli).")


def plan(asked: Asked) -> Plan:
    """Return the plan for an OpenFaaS of any edition."""
    url = asked.need(asked.gateway, "--gateway", "https://gateway.example.org")
    registry = asked.registry_given()
    at = ("--gateway", url)
    login = f"faas-cli login --gateway {url} --password-stdin < password"
    ask = Login(("faas-cli", "list", *at), f"faas-cli is not logged in to {url}", login)
    named = {"MAYFLY_REGISTRY": registry, "MAYFLY_TAG": asked.tag}
    key = ("--key-file", str(asked.key_file))
    verb = "up" if asked.build else "deploy"
    names = [function.name for function in described.functions() if not function.grpc]
    steps = (
        Step("Make the secrets that are not there", (MAYFLY, "setup", *at, *key)),
        Step("Build, push and deploy", ("faas-cli", verb, "-f", STACK, *at), named),
        *(Step(f"Wait for {name}", ("faas-cli", "ready", name, *at)) for name in names),
        *asked.demos(*at),
    )
    return Plan("openfaas", (FAAS, *asked.docker()), (ask,), steps)
