"""A gateway of a test's own with functions of Mayfly's on it."""

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from benchmarks.faults.victims import replicas
from infra.local.platforms import PLATFORMS
from infra.local.stack import preload
from tests.integration.gateway.conftest import Broker, Gateway
from tests.support.processes import ROOT, wait_until

EVENTING = ROOT / "infra" / "knative" / "eventing"
PLURALS = {"Broker": "brokers", "Trigger": "triggers", "PingSource": "pingsources"}


@contextmanager
def plane_with(
    functions: list[str],
    env: dict[str, str],
    broker: Broker,
    folder: Path,
    annotations: dict[str, str] | None = None,
    platform: str = "local",
) -> Iterator[Gateway]:
    """Give a gateway with `functions`, each with `env`; they reach each other through it."""
    gateway = Gateway(folder, broker.port)
    gateway.env |= preload.variables({}) | {"GATEWAY_APIS": PLATFORMS[platform].apis}
    gateway.start()
    whole = env | {"MAYFLY_GATEWAY_URL": f"http://127.0.0.1:{gateway.port}"}
    whole |= PLATFORMS[platform].variables("127.0.0.1", gateway.port)
    variables = [{"name": name, "value": value} for name, value in whole.items()]
    for function in functions:
        image, container = f"mayfly/{function}", {"env": variables}
        gateway.deploy(function, image=image, container=container, annotations=annotations)
    try:
        yield gateway
    finally:
        gateway.end()


def deploy_eventing(gateway: Gateway, change: Callable[[Any], object] = lambda _: None) -> None:
    """Apply what infra/ has of Knative Eventing, as it is but for what `change` does to each."""
    for file in yaml.safe_load((EVENTING / "kustomization.yaml").read_text())["resources"]:
        for item in yaml.safe_load_all((EVENTING / file).read_text()):
            change(item)
            place = f"/apis/{item['apiVersion']}/namespaces/default/{PLURALS[item['kind']]}"
            status, answer = gateway.apply(place, item)
            assert status in {200, 201}, answer


def kill_replicas(gateway: Gateway, function: str) -> None:
    """Kill -9 of all replicas of a function, of which there is one at least."""
    assert gateway.process is not None
    parent = gateway.process.pid

    def killed() -> bool:
        found = replicas(parent, function)
        for one in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(one.pid, signal.SIGKILL)
        return bool(found)

    wait_until(killed, what=f"a replica of {function}")
