"""Calls to the function `models`."""

from contextlib import AbstractContextManager
from typing import Any

import httpx

from web.client.registry_schemas import Change, Compared, TrafficShown
from web.client.schemas import Model, Page, Version
from web.client.transport.endpoint import Endpoint, Look, if_match, path
from web.client.transport.time_limits import LONG


class Models:
    """The registry: models, their versions and aliases."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def page(self, limit: int, cursor: str | None = None, look: Look = ()) -> Page[Model]:
        """Return one page of the models, by name."""
        return self._endpoint.page(Model, "/models", limit, cursor, *look)

    def get(self, model: str) -> Model:
        """Return one model."""
        return self._endpoint.call(Model, "GET", path("models", model))

    def delete(self, model: str, revision: int) -> None:
        """Delete a model that is still at `revision`, with its versions; else raise Stale."""
        self._endpoint.call(Any, "DELETE", path("models", model), headers=if_match(revision))

    def restore(self, model: str) -> None:
        """Have a model back that was deleted in the last days."""
        self._endpoint.call(Any, "POST", path("models", model, "restore"))

    def versions(self, model: str, limit: int, cursor: str | None = None) -> Page[Version]:
        """Return one page of a model's versions, newest first; without their evaluations."""
        return self._endpoint.page(Version, path("models", model, "versions"), limit, cursor)

    def delete_version(self, model: str, version: int) -> None:
        """Delete a version that no alias names."""
        self._endpoint.call(Any, "DELETE", path("models", model, "versions", version))

    def version(self, model: str, version: int) -> Version:
        """Return one version."""
        return self._endpoint.call(Version, "GET", path("models", model, "versions", version))

    def file(self, model: str, version: int) -> AbstractContextManager[httpx.Response]:
        """Open the ONNX file of a version."""
        route = path("models", model, "versions", version, "model.onnx")
        return self._endpoint.open("GET", route, timeout=LONG)

    def promote(
        self, model: str, revision: int, alias: str, version: int, reason: str = ""
    ) -> Model:
        """Let `alias` name `version`, if the model is still at `revision`; else raise Stale."""
        route = path("models", model, "aliases", alias)
        why = {"reason": reason} if reason else {}
        wanted = {"version": version, **why}
        return self._endpoint.call(Model, "PUT", route, json=wanted, headers=if_match(revision))

    def roll_back(self, model: str, revision: int, alias: str, reason: str = "") -> Model:
        """Let `alias` name what it named before, as `promote`; repeated, it would go further."""
        route = path("models", model, "aliases", alias, "rollback")
        params = [("reason", reason)] if reason else []
        return self._endpoint.call(Model, "POST", route, params=params, headers=if_match(revision))

    def traffic(self, model: str, alias: str) -> TrafficShown:
        """Return how the calls of `alias` are shared out, and what came of it."""
        return self._endpoint.call(
            TrafficShown, "GET", path("models", model, "aliases", alias, "traffic")
        )

    def share_out(self, model: str, revision: int, alias: str, wanted: dict[str, Any]) -> None:
        """Share the calls of `alias` out among versions; `shares` and `shadows` say how.

        Raises Stale where the model is no longer at `revision`.
        """
        route = path("models", model, "aliases", alias, "traffic")
        self._endpoint.call(Any, "PUT", route, json=wanted, headers=if_match(revision))

    def end_traffic(self, model: str, revision: int, alias: str) -> None:
        """Let all calls of `alias` go to the version that it names; raises as `share_out`."""
        route = path("models", model, "aliases", alias, "traffic")
        self._endpoint.call(Any, "DELETE", route, headers=if_match(revision))

    def compare(self, model: str, a: int, b: int) -> Compared:
        """Compare two versions on the same rows."""
        return self._endpoint.call(
            Compared, "GET", path("models", model, "compare"), params=[("a", a), ("b", b)]
        )

    def history(self, model: str, limit: int) -> Page[Change]:
        """Return what happened to a model, newest first."""
        return self._endpoint.page(Change, path("models", model, "history"), limit, None)
