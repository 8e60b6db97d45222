"""Each function's own API description: it can be made, and says what routes take and give."""

import re

import pytest

from functions.datasets.transport.upload import MEDIA_TYPES
from tests.support import openapi
from tests.support.openapi import NAMES, described

# Routes that make something, and give the same again under one Idempotency-Key.
MAKING = {
    "accounts": {
        "/accounts",
        "/invitations",
        "/keys",
        "/keys/{key}/rotate",
        "/workspaces",
    },
    "datasets": {
        "/datasets",
        "/datasets/{dataset}/records",
        "/datasets/{dataset}/undo",
        "/datasets/{dataset}/restore",
        "/datasets/{dataset}/imports",
        "/datasets/{dataset}/records/bulk",
    },
    "models": {"/models/{model}/functions", "/models/{model}/versions"},
    "monitoring": {"/channels", "/models/{model}/rules"},
    "prediction": {
        "/models/{model}/predict",
        "/models/{model}/versions/{version}/predict",
        "/models/{model}/aliases/{alias}/predict",
        "/models/{model}/batches",
        "/models/{model}/batches/file",
    },
    "reports": {"/reports"},
    "training": {"/jobs", "/jobs/{job_id}/again"},
}
# Routes that a POST or PUT asks for without a body.
BODILESS = re.compile(
    r"(models/{model}|versions/{version})/restore$|/(rules/{rule}|channels/{channel})/test$|/acts/{act}/undo$|/(acknowledge|again|cancel|resume|rollback|load|unload|index|snapshots|sign-in/links|sign-out)$"
)


@pytest.mark.parametrize("name", NAMES)
def test_every_route_says_what_it_takes_and_gives(name: str) -> None:
    paths = described(name)["paths"]
    assert len(paths) >= 4
    for path, operations in paths.items():
        for method, operation in operations.items():
            place = f"{method} {path}"
            successes = {one for one in operation["responses"] if one < "4"}
            assert successes or "501" in operation["responses"], place
            for status in successes - {"204", "304"}:
                assert "content" in operation["responses"][status], f"{status} of {place}"
            takes = method in {"post", "put", "patch"} and not BODILESS.search(path)
            assert ("requestBody" in operation) == takes, place


@pytest.mark.parametrize("name", NAMES)
def test_every_reference_leads_somewhere_by_a_legal_name(name: str) -> None:
    found = described(name)
    known = found["components"]["schemas"]
    named = set(re.findall(r"'#/components/schemas/([^']*)'", str(found)))
    assert "ProblemDocument" in named
    assert named <= set(known)
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", one) for one in known)


def test_an_upload_is_a_file_or_a_form() -> None:
    upload = described("datasets")["paths"]["/datasets"]["post"]["requestBody"]["content"]
    assert set(upload) == {*MEDIA_TYPES, "multipart/form-data", "application/json"}


@pytest.mark.parametrize("name", NAMES)
def test_what_makes_something_takes_an_idempotency_key(name: str) -> None:
    paths = described(name)["paths"]
    taking = {
        path
        for path, operations in paths.items()
        for method in operations
        if "Idempotency-Key" in openapi.operation(name, method.upper(), path).parameters("header")
    }
    assert taking == MAKING[name]
    # Its own description says what the key does there: neither is written without the other.
    told = {path for path in paths if "Idempotency-Key" in str(paths[path])}
    assert told == taking


@pytest.mark.parametrize("name", NAMES)
def test_what_is_of_a_workspace_says_how_one_is_named(name: str) -> None:
    for path, operations in described(name)["paths"].items():
        for method, found in operations.items():
            named = "X-Workspace" in openapi.operation(name, method.upper(), path).parameters(
                "header"
            )
            assert named == ("security" in found), f"{method} {path}"


def test_a_refusal_for_asking_too_often_says_when_to_come_again() -> None:
    wait, quota = {"Retry-After"}, {"RateLimit", "RateLimit-Policy"}
    predict = described("prediction")["paths"]["/models/{model}/predict"]["post"]["responses"]
    assert set(predict["429"]["headers"]) == wait | quota
    assert set(predict["200"]["headers"]) == quota
    signing = described("accounts")["paths"]["/sign-in"]["post"]["responses"]
    assert set(signing["429"]["headers"]) == wait
    assert "headers" not in signing["201"]


# Which status says that a condition of which header was at work.
CONDITIONS = {"412": "If-Match", "304": "If-None-Match"}


@pytest.mark.parametrize("name", NAMES)
def test_a_condition_is_described_where_it_is_answered_and_nowhere_else(name: str) -> None:
    for path, operations in described(name)["paths"].items():
        for method, operation in operations.items():
            said = {one["name"] for one in operation["parameters"] if one.get("in") == "header"}
            answered = {
                header for status, header in CONDITIONS.items() if status in operation["responses"]
            }
            assert said & set(CONDITIONS.values()) == answered, f"{method} {path}"


def test_what_takes_files_says_that_a_body_may_prove_itself() -> None:
    digested = {
        path
        for path, operations in described("datasets")["paths"].items()
        for operation in operations.values()
        if any(one.get("name") == "Content-Digest" for one in operation["parameters"])
    }
    assert digested == {"/datasets", "/datasets/preview", "/datasets/{dataset}/imports"}
