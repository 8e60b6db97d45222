"""The gateway where OpenFaaS's routes are off: what the Kubernetes API says of functions."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from infra.local.deploying.gateway import NAMESPACE, Gateway
from infra.local.errors import LocalError
from infra.local.settings import Settings

SERVICE = "serving.knative.dev/service"


class KnativeGateway(Gateway):
    """A client of a gateway that is Knative alone."""

    def functions(self) -> list[dict[str, Any]]:
        """Return every function with its replicas; calls are not counted there."""
        replicas = Counter(pod["metadata"]["labels"][SERVICE] for pod in self._pods(NAMESPACE))
        names = [service["metadata"]["name"] for service in self.services()]
        return [{"name": name, "replicas": replicas[name]} for name in names]

    def function_log(
        self, name: str, lines: int, *, follow: bool, namespace: str = NAMESPACE
    ) -> Iterator[tuple[str, str]]:
        """Yield pod and text of each line that its pods wrote last.

        Raises:
            LocalError: there is no such function, or it is to be followed.
        """
        if follow:
            raise LocalError(
                "Only OpenFaaS's routes follow the log of a whole function, and they are off.",
                f"Follow its pods: kubectl logs -f -l {SERVICE}={name}",
            )
        self.service(name, namespace)
        for pod in self._pods(namespace):
            if pod["metadata"]["labels"][SERVICE] == name:
                yield from self._pod_lines(namespace, pod["metadata"]["name"], lines)

    def _pods(self, namespace: str) -> list[dict[str, Any]]:
        answer = self._ask("GET", f"/api/v1/namespaces/{namespace}/pods")
        self._expect_success(answer, "The gateway does not list its pods")
        items: list[dict[str, Any]] = self._decoded(answer, dict).get("items", [])
        return items

    def _pod_lines(self, namespace: str, pod: str, lines: int) -> Iterator[tuple[str, str]]:
        path = f"/api/v1/namespaces/{namespace}/pods/{pod}/log"
        answer = self._ask("GET", path, params={"tailLines": lines})
        if answer.status_code != 404:  # it may have gone meanwhile
            self._expect_success(answer, f"The gateway does not show the log of {pod}")
            yield from ((pod, line) for line in answer.text.splitlines())


def gateway_of(settings: Settings, password: str, **options: float) -> Gateway:
    """Return a client of a stack's gateway; `options` as for `Gateway`."""
    kind = Gateway if settings.platform.has_openfaas else KnativeGateway
    return kind(settings.gateway_url, password, **options)
