"""Which platforms' ways exist: GATEWAY_APIS."""

from pathlib import Path

import pytest

from emulators.gateway.errors import NotFound
from emulators.gateway.model.apis import ALL, read_apis
from emulators.gateway.model.routing import Router
from emulators.gateway.settings import from_arguments
from emulators.kit.door import Door

OPENFAAS = [
    (b"/function/a/x", b""),
    (b"/function/a?x=1", b"127.0.0.1:8080"),
    (b"/async-function/a", b""),
    (b"/system/functions", b""),
    (b"/%73ystem/info", b""),
    (b"/ui/", b""),
]
KNATIVE = [
    (b"/", b"a.default.svc.cluster.local"),
    (b"/function/b", b"a.default.localhost"),
    (b"/default/default", b"broker-ingress.knative-eventing.localhost"),
    (b"/broker/default/default", b""),
    (b"/apis/serving.knative.dev/v1/services", b""),
    (b"/apis/eventing.knative.dev/v1/namespaces/default/brokers/default", b""),
    (b"/apis/sources.knative.dev/v1/pingsources", b""),
]
BOTH = [(b"/healthz", b""), (b"/api/v1/pods", b""), (b"/apis", b""), (b"/functions", b"")]


def refused(setting: str, address: tuple[bytes, bytes]) -> NotFound | None:
    found = Router(Door([], []), apis=read_apis(setting)).route(*address).refusal
    assert found is None or isinstance(found, NotFound)
    return found


@pytest.mark.parametrize("address", OPENFAAS + KNATIVE + BOTH)
def test_each_address_exists_where_its_platform_does(address: tuple[bytes, bytes]) -> None:
    assert refused("openfaas,knative", address) is None
    assert (refused("knative", address) is not None) == (address in OPENFAAS)
    assert (refused("openfaas", address) is not None) == (address in KNATIVE)


def test_the_refusal_names_the_setting_and_what_to_set_it_to() -> None:
    found = refused("knative", OPENFAAS[0])
    assert str(found) == "OpenFaaS's routes are off here: GATEWAY_APIS=knative"
    assert found.remedy == "add openfaas to GATEWAY_APIS"


@pytest.mark.parametrize(
    ("env", "apis"),
    [
        ({}, ALL),
        ({"GATEWAY_APIS": ""}, ALL),
        ({"GATEWAY_APIS": "knative"}, {"knative"}),
        ({"GATEWAY_APIS": " openfaas , knative"}, ALL),
    ],
)
def test_the_setting(env: dict[str, str], apis: set[str], tmp_path: Path) -> None:
    assert from_arguments(["--data", str(tmp_path)], env).apis == apis


@pytest.mark.parametrize("text", ["kubernetes", "openfaas,x", ",", "OpenFaaS"])
def test_a_wrong_setting_is_named(text: str, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=f"GATEWAY_APIS='{text}': openfaas, knative or"):
        from_arguments(["--data", str(tmp_path)], {"GATEWAY_APIS": text})
