"""The platforms that the local plane can be: for each, which of its ways exist."""

from dataclasses import dataclass

from functions.kit.adapters.calls.function_addresses import (
    BY_PATH,
    INGRESS,
    NAMESPACE,
    TEMPLATE,
    FunctionAddresses,
    Ingress,
)

CLUSTER_LOCAL = "http://{name}.{namespace}.svc.cluster.local{path}"
# What a platform's functions and pages are told; a user's own values are for other systems.
VARIABLES = (TEMPLATE, NAMESPACE, INGRESS, "MAYFLY_QUEUE", "MAYFLY_BROKER_URL")


@dataclass(frozen=True)
class Platform:
    """What of the plane exists.

    Attributes:
        apis: whose routes the gateway has, as GATEWAY_APIS names them.
        edition: of OpenFaaS, as GATEWAY_EDITION names it; empty where the user's own holds.
        by_host: functions are called by hosts of their own, through the gateway as their ingress,
            and a broker queues their steps.
    """

    name: str
    summary: str
    apis: str = "openfaas,knative"
    edition: str = ""
    by_host: bool = False

    def addresses(self, host: str, port: int) -> FunctionAddresses:
        """Return where functions are called, the gateway listening at `host` and `port`."""
        if self.by_host:
            return FunctionAddresses(CLUSTER_LOCAL, ingress=Ingress(host, port))
        return FunctionAddresses(f"http://{host}:{port}{BY_PATH}")

    def variables(self, host: str, port: int) -> dict[str, str]:
        """Return those of VARIABLES that are set, the gateway listening at `host` and `port`."""
        if not self.by_host:
            return {}
        return {
            TEMPLATE: CLUSTER_LOCAL,
            NAMESPACE: "default",
            INGRESS: f"{host}:{port}",
            "MAYFLY_QUEUE": "broker",
            "MAYFLY_BROKER_URL": f"http://{host}:{port}/broker/default/default",
        }

    @property
    def has_openfaas(self) -> bool:
        """Whether OpenFaaS's routes exist."""
        return "openfaas" in self.apis

    @property
    def has_knative(self) -> bool:
        """Whether Knative's hosts and objects exist."""
        return "knative" in self.apis


PLATFORMS = {
    platform.name: platform
    for platform in (
        Platform("local", "everything that the plane has"),
        Platform("openfaas", "OpenFaaS alone, Pro", apis="openfaas", edition="pro"),
        Platform("openfaas-ce", "OpenFaaS alone, Community Edition", apis="openfaas", edition="ce"),
        Platform("knative", "Knative alone", apis="knative", by_host=True),
    )
}
