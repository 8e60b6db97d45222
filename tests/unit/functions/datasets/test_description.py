"""The API description of datasets: every route says what it takes and what it gives."""

import dataclasses
from typing import Any

from functions.datasets.transport import routes
from functions.kit.http.api import Api
from functions.kit.http.requests.auth import Access
from functions.kit.http.routing import openapi


def described() -> dict[str, Any]:
    api = Api("datasets", "Tables.", Access("datasets", "secret", lambda _: None), 100)
    names = (one.name for one in dataclasses.fields(routes.Services))
    parts: Any = dict.fromkeys(names) | {"max_upload_bytes": 1}
    routes.add(api, routes.Services(**parts))
    return openapi.describe(api)


def test_every_answer_but_an_empty_one_is_described() -> None:
    paths = described()["paths"]
    silent = [
        f"{method} {path}"
        for path, methods in paths.items()
        for method, operation in methods.items()
        for status, answer in operation["responses"].items()
        if status not in {"204", "304"} and "content" not in answer
    ]
    assert silent == []
    taken = paths["/datasets"]["post"]["requestBody"]["content"]
    assert {"multipart/form-data", "text/csv", "application/vnd.apache.parquet"} <= set(taken)
