"""Calls to the function `prediction` about batches: predictions for a whole file."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any

import httpx
from msgspec.structs import replace

from web.client.batch_schemas import Batch
from web.client.plain_words import plain
from web.client.schemas import Page
from web.client.transport.endpoint import Endpoint, once, path
from web.client.transport.forms import form_of
from web.client.transport.time_limits import LONG


class Batches:
    """Batches of models."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def page(self, model: str, limit: int, cursor: str | None = None) -> Page[Batch]:
        """Return one page of a model's batches, the newest first."""
        return self._endpoint.page(Batch, path("models", model, "batches"), limit, cursor)

    def get(self, model: str, batch: str) -> Batch:
        """Return one, with why rows were refused in words."""
        found = self._endpoint.call(Batch, "GET", _one(model, batch))
        told = [replace(one, reason=plain(one.reason)) for one in found.refusals]
        return replace(found, refusals=told)

    def start(
        self,
        model: str,
        version: int | None,
        file: Iterable[bytes],
        name: str,
        *,
        join: bool,
        repeat: str,
    ) -> Batch:
        """Stream a file that is predicted for; without `version`, by the champion.

        What it is, the end of its `name` says. With `join` its own columns come out, too. A call
        with the same `repeat` is the same batch.
        """
        content, kind = form_of(file, name)
        chosen = [("version", version)] if version is not None else []
        return self._endpoint.call(
            Batch,
            "POST",
            path("models", model, "batches", "file"),
            params=[*chosen, ("form", "parquet"), ("join", "true" if join else "false")],
            content=content,
            headers=kind | once(repeat),
            timeout=LONG,
        )

    def cancel(self, model: str, batch: str) -> Batch:
        """End one."""
        return self._endpoint.call(Batch, "POST", f"{_one(model, batch)}/cancel", repeatable=True)

    def resume(self, model: str, batch: str) -> Batch:
        """Have one that seems to stand still looked at now."""
        return self._endpoint.call(Batch, "POST", f"{_one(model, batch)}/resume")

    def remove(self, model: str, batch: str) -> None:
        """Remove one that has ended, with what came out of it."""
        self._endpoint.call(Any, "DELETE", _one(model, batch))

    def predictions(
        self, model: str, batch: str, form: str
    ) -> AbstractContextManager[httpx.Response]:
        """Open what came out of one, as `parquet` or `csv`."""
        route, params = f"{_one(model, batch)}/predictions", [("form", form)]
        return self._endpoint.open("GET", route, params=params, timeout=LONG)


def _one(model: str, batch: str) -> str:
    return path("models", model, "batches", batch)
