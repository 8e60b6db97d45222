"""Calls to the function `models`."""

from contextlib import AbstractContextManager
from typing import Any

import httpx

from web.functions.shapes import Model, Page, Version
from web.functions.wire import Params, Wire, path


class Models:
    """The registry: models, their versions and aliases."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def all(self, limit: int = 100) -> list[Model]:
        """Return the models."""
        params: Params = [("limit", limit)]
        return self._wire.call(Page[Model], "GET", "/models", params=params).items

    def get(self, model: str) -> Model:
        """Return one model."""
        return self._wire.call(Model, "GET", path("models", model))

    def versions(self, model: str, limit: int = 200) -> list[Version]:
        """Return the versions of a model."""
        params: Params = [("limit", limit)]
        route = path("models", model, "versions")
        return self._wire.call(Page[Version], "GET", route, params=params).items

    def version(self, model: str, version: int) -> Version:
        """Return one version."""
        return self._wire.call(Version, "GET", path("models", model, "versions", version))

    def file(self, model: str, version: int) -> AbstractContextManager[httpx.Response]:
        """Open the ONNX file of a version."""
        route = path("models", model, "versions", version, "model.onnx")
        return self._wire.open("GET", route)

    def promote(self, model: str, alias: str, version: int) -> None:
        """Let `alias` name `version`."""
        route = path("models", model, "aliases", alias)
        self._wire.call(Any, "PUT", route, json={"version": version})

    def roll_back(self, model: str, alias: str) -> None:
        """Let `alias` name what it named before."""
        self._wire.call(Any, "POST", path("models", model, "aliases", alias, "rollback"))
