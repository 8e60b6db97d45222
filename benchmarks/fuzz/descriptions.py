"""What the fuzzer is given of a function's OpenAPI description."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

# What would end the session or the account that asks, or lock it out.
SPARED = frozenset({"sign_out", "change_password", "remove_person", "change_role"})
# An events stream goes on until its job ends: it is asked by tests of its own.
ENDLESS = frozenset({"watch_job"})
# What stands for a function that cannot be called; descriptions have it as `default`.
GATEWAY = ("429", "502", "504")

Description = dict[str, Any]
Ids = Mapping[str, list[str]]


def prepared(description: Description, ids: Ids, *, deletes: bool) -> Description:
    """Return the description of those operations that delete, or of the others.

    Paths name things that are, where a request is to be right. `default`, which would document any
    status, is no more than what the gateway answers.
    """
    found = deepcopy(description)
    for path, operations in found["paths"].items():
        kept = {
            method: _narrowed(operation, ids)
            for method, operation in operations.items()
            if (method == "delete") is deletes and operation["operationId"] not in SPARED | ENDLESS
        }
        found["paths"][path] = kept
    found["paths"] = {path: kept for path, kept in found["paths"].items() if kept}
    found["components"]["parameters"]["Workspace"]["schema"] = {"enum": ids["workspace"]}
    return found


def _narrowed(operation: dict[str, Any], ids: Ids) -> dict[str, Any]:
    operation.pop("security", None)  # each request has a key: ours
    responses = operation["responses"]
    gateways = responses.pop("default")
    for status in GATEWAY:
        responses.setdefault(status, gateways)
    for parameter in operation["parameters"]:
        if parameter.get("in") == "path" and (known := ids.get(parameter["name"])):
            parameter["schema"] = {"enum": known}
    return operation
