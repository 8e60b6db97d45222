"""The steps of the demo. Each may be interrupted by a restart of any part, and goes on."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from infra.local.demo.client import Client, UnansweredError
from infra.local.errors import LocalError

Json = dict[str, Any]
Show = Callable[[Json], None]

LOOK_EVERY = 0.2
LONGEST = 600.0
# What a promotion may take to reach every replica.
PROMOTED = 15.0
# Rows of a list's page: as many as one may have.
PAGE = 1000
ENDED = {"succeeded", "failed", "cancelled"}
# Candidates: a demo shows the way, and need not find the last digit. The seconds, of which it needs
# few, are for a machine that is busy: in those of the smallest budget it would try fewer.
SEARCH = {"trials": 5, "seconds": 60}


def load(client: Client, name: str, file: Path, show: Show) -> Json:
    """Upload a CSV file and wait until its rows are in; `show` gets the dataset as it fills.

    The same content a second time is the same dataset. It goes as a form: OpenFaaS forwards every
    body without its length, and a plain CSV without one is refused.
    """
    form = {"file": (file.name, file.read_bytes(), "text/csv")}
    dataset = client.call("POST", "datasets/datasets", params={"name": name}, files=form)
    path = f"datasets/datasets/{dataset['id']}"
    return _wait(client, path, lambda found: found["state"] != "importing", show, "ready")


def train(client: Client, dataset: str, target: str, show: Show) -> Json:
    """Train candidates and wait for the job's end; `show` gets the job as it goes on."""
    job = _begin_job(client, dataset, target)
    path = f"training/jobs/{job['id']}"
    return _wait(client, path, lambda found: found["state"] in ENDED, show, "succeeded")


def promote(client: Client, model: str, version: int, alias: str = "champion") -> None:
    """Let the alias name this version."""
    client.call("PUT", f"models/models/{model}/aliases/{alias}", json={"version": version})


def rows(client: Client, dataset: str) -> list[Json]:
    """Return the values of all rows of a dataset, page by page."""
    found: list[Json] = []
    query: Json = {"limit": PAGE}
    while True:
        page = client.call("GET", f"datasets/datasets/{dataset}/records", params=query)
        found += [one["values"] for one in page["items"]]
        if page["next"] is None:
            return found
        query["cursor"] = page["next"]


def fitting(client: Client, model: str, records: list[Json]) -> list[Json]:
    """Return the records without the columns that the model does not take."""
    described = client.call("GET", f"prediction/models/{model}/signature")
    used = described["record"]["properties"]
    return [{key: record[key] for key in record if key in used} for record in records]


def predict(client: Client, model: str, version: int, records: list[Json]) -> list[Json]:
    """Return a prediction of the champion for each record, once the champion is `version`.

    Raises:
        LocalError: a promotion does not reach prediction in time.
    """
    path = f"prediction/models/{model}/predict"
    deadline = time.monotonic() + PROMOTED
    while True:
        answer = client.call("POST", path, json={"records": records})
        if answer["version"] == version:
            predictions: list[Json] = answer["predictions"]
            return predictions
        if time.monotonic() > deadline:
            raise LocalError(
                f"Prediction still serves version {answer['version']} of {model}, {PROMOTED:.0f} s "
                f"after version {version} was promoted."
            )
        time.sleep(LOOK_EVERY)


def _begin_job(client: Client, dataset: str, target: str) -> Json:
    """Begin a job. When no answer comes, look whether it began, so that there is only one."""
    known = {job["id"] for job in _jobs(client)}
    deadline = time.monotonic() + LONGEST
    while True:
        try:
            job: Json = client.once(
                "POST",
                "training/jobs",
                json={"dataset": dataset, "target": target, **SEARCH},
            )
        except UnansweredError:
            if time.monotonic() > deadline:
                raise
            for found in _jobs(client):
                if found["id"] not in known and found["dataset"] == dataset:
                    return found
        else:
            return job


def _jobs(client: Client) -> list[Json]:
    jobs: list[Json] = client.call("GET", "training/jobs", params={"limit": 1000})["items"]
    return jobs


def _wait(
    client: Client, path: str, is_over: Callable[[Json], bool], show: Show, wanted: str
) -> Json:
    """Poll a document until it is over.

    Raises:
        LocalError: it ended in another state than `wanted`, or not in time.
    """
    deadline = time.monotonic() + LONGEST
    while True:
        found: Json = client.call("GET", path)
        show(found)
        if is_over(found):
            break
        if time.monotonic() > deadline:
            raise LocalError(f"{path} is still {found['state']} after {LONGEST:.0f} s.")
        time.sleep(LOOK_EVERY)
    if found["state"] != wanted:
        raise LocalError(f"{path} {found['state']}: {found.get('failure') or 'no reason given'}")
    return found
