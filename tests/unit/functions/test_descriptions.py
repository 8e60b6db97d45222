"""Each function's own API description: it can be made, and says what routes take and give."""

import re
from typing import Any
from unittest.mock import Mock

import pytest

from functions.datasets import routes as datasets
from functions.kit import openapi
from functions.kit.access import Access
from functions.kit.api import Api
from functions.models import routes as models
from functions.prediction import routes as prediction
from functions.prediction.protocol import routes as protocol
from functions.training import routes as training

# Routes that a POST or PUT asks for without a body.
BODILESS = re.compile(r"/(cancel|resume|rollback|load|unload|index|snapshots)$")


def _api(name: str) -> Api:
    return Api(name, "", Access(name, "secret", lambda _: None), 100)


def _described(name: str) -> dict[str, Any]:
    api, service = _api(name), Any
    if name == "datasets":
        datasets.add(api, Mock())
    elif name == "models":
        models.add(api, service, service)  # type: ignore[arg-type] # no route is called
    elif name == "training":
        training.add(api, service, service)  # type: ignore[arg-type]
    else:
        prediction.add(api, service, 100)  # type: ignore[arg-type]
        protocol.add(api, service, 100)  # type: ignore[arg-type]
    return openapi.describe(api)


@pytest.mark.parametrize("name", ["datasets", "models", "prediction", "training"])
def test_every_route_says_what_it_takes_and_gives(name: str) -> None:
    for path, operations in _described(name)["paths"].items():
        for method, operation in operations.items():
            place = f"{method} {path}"
            [status] = set(operation["responses"]) - {"default"}
            assert status == "204" or "content" in operation["responses"][status], place
            takes = method in {"post", "put", "patch"} and not BODILESS.search(path)
            assert ("requestBody" in operation) == takes, place


@pytest.mark.parametrize("name", ["datasets", "models", "prediction", "training"])
def test_every_reference_leads_somewhere_by_a_legal_name(name: str) -> None:
    found = _described(name)
    known = found["components"]["schemas"]
    named = set(re.findall(r"'#/components/schemas/([^']*)'", str(found)))
    assert named <= set(known)
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", one) for one in known)
