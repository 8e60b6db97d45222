"""Where a route answers a success in more ways than one, each is described, and each happens.

That no status is missing, of whichever route and call, is held by `HeldClient` in every other test
of the functions: it fails on a status that the API description does not name.
"""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.support.openapi import NAMES, described, find_operation

# Each as it comes about in the tests that are named beside it.
SEVERAL = {
    ("accounts", "post", "/sign-up"): {"201", "202"},  # test_stories, test_http
    ("datasets", "post", "/datasets"): {"200", "202"},  # test_uploads
    ("datasets", "post", "/datasets/{dataset}/snapshots"): {"200", "201"},  # test_records
    ("datasets", "patch", "/datasets/{dataset}/records"): {"200", "202"},  # test_changes
    ("datasets", "delete", "/datasets/{dataset}/records"): {"200", "202"},  # test_changes
    ("datasets", "post", "/datasets/{dataset}/undo"): {"200", "202"},  # test_changes
    ("datasets", "post", "/datasets/{dataset}/restore"): {"200", "202"},  # test_changes
    ("models", "post", "/models/{model}/functions"): {"200", "201"},  # test_own_models
    ("models", "post", "/models/{model}/versions"): {"200", "201"},  # test_registry
    ("models", "get", "/models/{model}/versions/{version}/model.onnx"): {"200", "304"},
    **{(name, "get", "/openapi.json"): {"200", "304"} for name in NAMES},  # kit/test_api
    ("prediction", "post", "/models/{model}/predict"): {"200", "202"},  # prediction/test_tasks
    ("prediction", "post", "/models/{model}/versions/{version}/predict"): {"200", "202"},
    ("prediction", "post", "/models/{model}/aliases/{alias}/predict"): {"200", "202"},
}


def successes(operation: dict[str, Any]) -> set[str]:
    return {status for status in operation["responses"] if status < "4"}


def test_routes_with_several_successes_are_these() -> None:
    found = {
        (name, method, path): successes(operation)
        for name in NAMES
        for path, operations in described(name)["paths"].items()
        for method, operation in operations.items()
        if len(successes(operation)) > 1
    }
    assert found == SEVERAL


@pytest.mark.parametrize("name", NAMES)
def test_a_replica_tells_what_the_tests_hold_it_to(
    function_app: Callable[[str], FlaskClient], key: dict[str, str], name: str
) -> None:
    told = function_app(name).get("/openapi.json", headers=key).get_json()["paths"]
    held = described(name)["paths"]
    assert {path: told.get(path) for path in held} == held
    others = told.keys() - held.keys()  # models that other tests have made
    assert all(name == "prediction" and path.startswith("/models/") for path in others)


def test_a_route_is_found_by_its_own_name_first() -> None:
    found = find_operation("prediction", "GET", "/v2/models/stats")
    assert found is not None
    assert found.described["operationId"] == "statistics_of_all"
    assert find_operation("models", "HEAD", "/models/one") is not None
    assert find_operation("models", "PUT", "/models/one") is None


def test_a_status_that_is_not_described_fails_a_test(
    function_app: Callable[[str], FlaskClient], key: dict[str, str]
) -> None:
    client = function_app("models")
    operations = described("models")["paths"]["/models/{model}"]
    hidden = operations["get"]["responses"].pop("404")
    try:
        with pytest.raises(AssertionError, match="never answers 404"):
            client.get("/models/none", headers=key)
    finally:
        operations["get"]["responses"]["404"] = hidden
