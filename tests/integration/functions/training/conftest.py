"""Datasets, training, models and prediction in this process, behind a tiny gateway."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.support.in_memory.platform import Platform, platform_of

FUNCTIONS = ("datasets", "training", "models", "prediction")


@pytest.fixture(scope="session")
def platform(
    emulators: dict[str, str], function_app: Callable[[str], FlaskClient]
) -> Iterator[Platform]:
    with platform_of(FUNCTIONS, function_app) as made:
        yield made


class Api:
    """A tiny client, so that a test reads as a story."""

    def __init__(self, platform: Platform, key: dict[str, str]) -> None:
        self.platform = platform
        self.key = key

    def get(self, function: str, path: str) -> Any:
        answer = self.platform.clients[function].get(path, headers=self.key)
        assert answer.status_code == 200, answer.data
        return answer.json

    def post(self, function: str, path: str, status: int = 202, **options: Any) -> Any:
        headers = self.key | options.pop("headers", {})
        answer = self.platform.clients[function].post(path, headers=headers, **options)
        assert answer.status_code == status, answer.data
        return answer.json

    def load(self, csv: bytes, name: str) -> None:
        """Upload and import."""
        options: dict[str, Any] = {"data": csv, "content_type": "text/csv"}
        self.post("datasets", f"/datasets?name={name}", **options)
        self.platform.deliver_all()
        assert self.get("datasets", f"/datasets/{name}")["state"] == "ready"

    def train(self, dataset: str, target: str, **more: Any) -> Any:
        """Run a job to its end and return it."""
        body = {"dataset": dataset, "target": target, **more}
        job = self.post("training", "/jobs", json=body)
        began = time.perf_counter()
        self.platform.deliver_all()
        ended = self.get("training", f"/jobs/{job['id']}")
        ended["wall"] = time.perf_counter() - began
        return ended


@pytest.fixture
def api(platform: Platform, key: dict[str, str]) -> Iterator[Api]:
    platform.queue.clear()
    yield Api(platform, key)
    platform.queue.clear()
