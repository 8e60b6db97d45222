"""Which platforms' ways exist here: both by default, or one alone as on the real ones (pure)."""

from typing import Literal, get_args
from urllib.parse import unquote_to_bytes

from emulators.gateway.errors import GatewayError, NotFound

VARIABLE = "GATEWAY_APIS"
Api = Literal["openfaas", "knative"]
ALL: frozenset[Api] = frozenset(get_args(Api))
_PATHS: dict[Api, tuple[bytes, ...]] = {
    "openfaas": (b"/function/", b"/async-function/", b"/system/", b"/ui/"),
    "knative": (
        b"/broker/",
        b"/channel/",
        b"/apis/serving.knative.dev/",
        b"/apis/eventing.knative.dev/",
        b"/apis/sources.knative.dev/",
        b"/apis/messaging.knative.dev/",
        b"/apis/flows.knative.dev/",
    ),
}
_TITLES: dict[Api, str] = {"openfaas": "OpenFaaS's routes are", "knative": "Knative's API is"}


def read_apis(text: str) -> frozenset[Api]:
    """Return the APIs that a setting names, apart by commas.

    Raises:
        ValueError: it names none, or another.
    """
    named = {name.strip() for name in text.split(",")} - {""}
    found = frozenset(api for api in ALL if api in named)
    if not found or named - found:
        raise ValueError(f"{VARIABLE}={text!r}: openfaas, knative or openfaas,knative is wanted")
    return found


def closed(apis: frozenset[Api], host_of_plane: str, target: bytes) -> GatewayError | None:
    """Return the refusal of an address that belongs to a platform which is not there.

    Args:
        apis: what is there.
        host_of_plane: the function, ingress or channel that the host names; empty for none.
        target: path and query.
    """
    path = unquote_to_bytes(target) if b"%" in target else target
    for api in ALL - apis:
        by_host = api == "knative" and host_of_plane
        if by_host or (not host_of_plane and path.startswith(_PATHS[api])):
            what = "Knative's hosts are" if by_host else _TITLES[api]
            return NotFound(
                f"{what} off here: {VARIABLE}={','.join(sorted(apis))}", f"add {api} to {VARIABLE}"
            )
    return None
