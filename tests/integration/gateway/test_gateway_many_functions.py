"""Many functions deployed at once, in short: `benchmarks.gateway.many_functions` has 300."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.integration.gateway.conftest import Gateway
from tests.support.processes import wait_until

MANY = 40
CODE = "def handle(request):\n    return 'there'\n"


@pytest.fixture
def image(own_gateway: Gateway) -> str:
    return str(own_gateway.write_function("many", code=CODE))


def deploy(gateway: Gateway, image: str, name: str, initial: int) -> None:
    prefix = "autoscaling.knative.dev"  # none leaves while it is idle
    annotations = {f"{prefix}/initial-scale": str(initial), f"{prefix}/window": "1h"}
    gateway.deploy(name, image=image, annotations=annotations)


def deploy_many(gateway: Gateway, image: str, initial: int) -> list[str]:
    names = [f"many-{number}" for number in range(MANY)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: deploy(gateway, image, name, initial), names))
    return names


def pods(gateway: Gateway) -> int:
    """How many replicas there are, whatever they are of, with those that finish what they hold."""
    return len(gateway.ask("GET", "/api/v1/pods")[1]["items"])


def test_functions_that_begin_with_none_have_none(own_gateway: Gateway, image: str) -> None:
    names = deploy_many(own_gateway, image, 0)
    assert own_gateway.call("GET", f"/function/{names[-1]}/")[0] == 200
    assert pods(own_gateway) == 1


def test_cold_calls_go_on_beside_forty_deploys(own_gateway: Gateway, image: str) -> None:
    deploy(own_gateway, image, "cold", 0)
    over, answers = threading.Event(), list[int]()

    def call_cold() -> None:
        while not over.is_set() or not answers:
            own_gateway.scale("cold", 0)
            answers.append(own_gateway.call("GET", "/function/cold/")[0])

    with ThreadPoolExecutor(1) as pool:
        calling = pool.submit(call_cold)
        try:
            names = deploy_many(own_gateway, image, 1)
            assert own_gateway.call("GET", f"/function/{names[-1]}/")[0] == 200
            wait_until(lambda: all(own_gateway.replicas(name) for name in names), what="all")
        finally:
            over.set()
        calling.result()
    assert set(answers) == {200}
    own_gateway.scale("cold", 0)
    wait_until(lambda: pods(own_gateway) == MANY, what="one replica of each")
