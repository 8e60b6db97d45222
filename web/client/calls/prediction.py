"""Calls to the function `prediction`."""

from contextlib import AbstractContextManager
from typing import Any

import httpx

from web.client.answer_schemas import Predictions
from web.client.schemas import Signature
from web.client.transport.endpoint import Endpoint, path
from web.client.transport.time_limits import LONG


class Prediction:
    """Predictions by the version that an alias names, or by a given one."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def signature(self, model: str, version: int | None) -> Signature:
        """Return what the model takes; without `version`, the champion's."""
        return self._endpoint.call(Signature, "GET", route(model, version, "signature"))

    def proto(self, model: str, version: int) -> AbstractContextManager[httpx.Response]:
        """Open what protoc compiles for calls of a version."""
        return self._endpoint.open("GET", route(model, version, "schema.proto"), timeout=LONG)

    def openapi(self) -> AbstractContextManager[httpx.Response]:
        """Open the description of what the reader may call, with a path for each model."""
        return self._endpoint.open("GET", "/openapi.json", timeout=LONG)

    def predict(
        self, model: str, version: int | None, record: dict[str, Any], *, explain: bool = False
    ) -> Predictions:
        """Predict for one record; without `version`, by the champion.

        `explain` asks for the reasons, too; a version that cannot give them is a Conflict.
        """
        body = {"records": [record]} | ({"options": {"explain": True}} if explain else {})
        address = route(model, version, "predict")
        return self._endpoint.call(
            Predictions, "POST", address, json=body, timeout=LONG, repeatable=True
        )


def route(model: str, version: int | None, verb: str, alias: str | None = None) -> str:
    """Return the path of `verb` (predict, signature) below the function."""
    chosen: tuple[str | int, ...] = () if alias is None else ("aliases", alias)
    chosen = chosen if version is None else ("versions", version)
    return path("models", model, *chosen, verb)
