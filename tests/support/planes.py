"""A gateway of a test's own with functions of Mayfly's on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.local.stack import preload
from tests.integration.gateway.conftest import Broker, Gateway


@contextmanager
def plane_with(
    functions: list[str],
    env: dict[str, str],
    broker: Broker,
    folder: Path,
    annotations: dict[str, str] | None = None,
) -> Iterator[Gateway]:
    """Give a gateway with `functions`, each with `env`; they reach each other through it."""
    gateway = Gateway(folder, broker.port)
    gateway.env |= preload.variables({})
    gateway.start()
    whole = env | {"MAYFLY_GATEWAY_URL": f"http://127.0.0.1:{gateway.port}"}
    variables = [{"name": name, "value": value} for name, value in whole.items()]
    for function in functions:
        image, container = f"mayfly/{function}", {"env": variables}
        gateway.deploy(function, image=image, container=container, annotations=annotations)
    try:
        yield gateway
    finally:
        gateway.end()
