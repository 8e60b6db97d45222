"""The Mayfly that is measured: one that runs already, or one of its own."""

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from benchmarks.stack import ROOT, own_stack

TABLE = ROOT / "examples" / "titanic.csv"
TARGET, MODEL = "survived", "titanic"
# One model, whatever the search would find: figures of two revisions are of the same work. It takes
# what the base can give it, each column as it is.
COLUMNS = ["pclass", "sex", "age", "sibsp", "parch", "fare", "embarked"]
ALGORITHM = {"algorithm": "hist_gradient_boosting"}
# The texts are such that the base, which knows no schema, answers the same.
RECORD = {
    "pclass": 1,
    "name": None,
    "sex": "female",
    "age": 29.0,
    "sibsp": 0,
    "parch": 0,
    "ticket": None,
    "fare": 90.0,
    "cabin": None,
    "embarked": "C",
}
LONGEST = 300.0


@dataclass(frozen=True)
class Mayfly:
    """A running Mayfly: its gateway, a key, and the password of the administration."""

    url: str
    key: str
    password: str

    @property
    def address(self) -> str:
        """HOST:PORT of the gateway."""
        return self.url.removeprefix("http://").rstrip("/")

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Call a function: `prediction/models/...`."""
        headers = {"Authorization": f"Bearer {self.key}", **options.pop("headers", {})}
        url = f"{self.url}/function/{path}"
        answer = httpx.request(method, url, headers=headers, timeout=60, **options)
        if not answer.is_success:
            sys.exit(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer

    def system(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Call the gateway's administration."""
        url, auth = f"{self.url}/system/{path}", ("admin", self.password)
        return httpx.request(method, url, auth=auth, timeout=60, **options).raise_for_status()


@contextlib.contextmanager
def running() -> Iterator[Mayfly]:
    """Give the Mayfly that MAYFLY_GATEWAY_URL and MAYFLY_HOME name, else start one.

    Its own has free ports and a home that is deleted in the end.
    """
    url = os.environ.get("MAYFLY_GATEWAY_URL")
    if url is not None:
        yield _reached(url, Path(os.environ.get("MAYFLY_HOME", ROOT / ".mayfly")))
        return
    with own_stack() as stack:
        yield _reached(stack.gateway_url, stack.home)


def _reached(url: str, home: Path) -> Mayfly:
    key = (home / "key").read_text().strip()
    return Mayfly(url, key, (home / "gateway-password").read_text().strip())


def ensure_model(mayfly: Mayfly) -> None:
    """Train a model of the Titanic's passengers where there is none."""
    names = mayfly.call("GET", "prediction/v2/models").json()["models"]
    if MODEL in names:
        return
    headers = {"Content-Type": "text/csv"}
    content = TABLE.read_bytes()
    mayfly.call("POST", f"datasets/datasets?name={MODEL}", content=content, headers=headers)
    wait_for(mayfly, f"datasets/datasets/{MODEL}", "ready")
    body = {"dataset": MODEL, "target": TARGET, "columns": COLUMNS, "candidates": [ALGORITHM]}
    job = mayfly.call("POST", "training/jobs", json=body).json()
    wait_for(mayfly, f"training/jobs/{job['id']}", "succeeded")


def wait_for(mayfly: Mayfly, path: str, wanted: str) -> None:
    """Wait until a dataset or a job is in a state; exit where it is in another for good."""
    deadline = time.monotonic() + LONGEST
    while (state := mayfly.call("GET", path).json()["state"]) != wanted:
        if state in {"failed", "cancelled"} or time.monotonic() > deadline:
            sys.exit(f"{path} is {state}, not {wanted}")
        time.sleep(0.2)


def model_file(mayfly: Mayfly, folder: Path) -> Path:
    """Download the champion's ONNX file into `folder`; the base serves the same."""
    version = mayfly.call("GET", f"models/models/{MODEL}").json()["aliases"]["champion"]
    found = mayfly.call("GET", f"models/models/{MODEL}/versions/{version}/model.onnx")
    file = folder / "model.onnx"
    file.write_bytes(found.content)
    return file
