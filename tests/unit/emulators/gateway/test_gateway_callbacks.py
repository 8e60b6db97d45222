"""Which callback addresses are the gateway's own, and what of it they may reach."""

import pytest

from emulators.gateway.apis.async_calls.callbacks import OwnAddress
from emulators.gateway.model.addresses import AddressError, read_url

OWN = OwnAddress("127.0.0.1", 8123)


@pytest.mark.parametrize(
    ("url", "function"),
    [
        ("http://127.0.0.1:8123/function/next", "next"),
        ("http://localhost:8123/function/next.space/in?a=b", "next.space"),
        ("http://[::1]:8123/function/next", "next"),
        ("http://127.0.0.9:8123/function/next", "next"),
        ("http://next.default.localhost:8123/in", "next.default"),
        ("http://gateway:8080/function/next", "next"),
        ("http://gateway.openfaas:8080/function/next", "next"),
        ("http://gateway.openfaas.svc.cluster.local:8123/function/next", "next"),
        ("http://127.0.0.1:8124/function/next", ""),
        ("http://gateway.example:8123/function/next", ""),
        ("https://hooks.example/function/next", ""),
    ],
)
def test_functions_of_the_gateway_are_recognised(url: str, function: str) -> None:
    assert OWN.function(read_url(url)) == function


def test_the_address_that_it_listens_on_is_its_own() -> None:
    own = OwnAddress("192.168.1.4", 8123)
    assert own.function(read_url("http://192.168.1.4:8123/function/next")) == "next"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8123/",
        "http://127.0.0.1:8123/system/functions",
        "http://localhost:8123/apis/serving.knative.dev/v1/namespaces/default/services",
        "http://gateway.openfaas:8080/system/functions",
        "http://gateway:8080/api/v1/secrets",
        "http://127.0.0.1:8123//function/next",
        "http://127.0.0.1:8123/async-function/next",
        "http://127.0.0.1:8123/broker/default/default",
        "http://127.0.0.1:8123/%66unction/next",
        "http://broker-ingress.knative-eventing.localhost:8123/default/default",
        "https://127.0.0.1:8123/function/next",
    ],
)
def test_nothing_else_of_the_gateway_is_to_be_had(url: str) -> None:
    with pytest.raises(AddressError, match="only /function/NAME"):
        OWN.function(read_url(url))


def test_dots_in_a_path_lead_nowhere() -> None:
    found = OWN.function(read_url("http://127.0.0.1:8123/function/../system/functions"))
    assert found == ".."  # a name that no function has
