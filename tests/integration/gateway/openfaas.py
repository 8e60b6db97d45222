"""OpenFaaS's requests, as several tests send them."""

from typing import Any

FUNCTIONS = "/system/functions"


def spec_of(gateway: Any, name: str, **more: Any) -> dict[str, Any]:
    return {"service": name, "image": str(gateway.write_function(name)), **more}


def deploy(gateway: Any, name: str, **more: Any) -> None:
    status, answer = gateway.ask("POST", FUNCTIONS, spec_of(gateway, name, **more))
    assert (status, answer) == (202, b"")


def describe(gateway: Any, name: str, query: str = "") -> Any:
    status, answer = gateway.ask("GET", f"/system/function/{name}{query}")
    assert status == 200, answer
    return answer
