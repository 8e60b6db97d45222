"""Fills a Mayfly: many tables, one wide, one long; a model of many versions; many trainings.

Tables come by the API. Versions and trainings are copies of one that was really made, written to
the document store: to train 500 would take an hour, and pages cannot tell.
"""

import concurrent.futures
import datetime as dt
import json
import os
import random
import time
from typing import Any
from uuid import uuid4

import httpx
from google.cloud import firestore

from benchmarks.stack import Stack

TABLES, COLUMNS, WIDE_ROWS, LONG_ROWS = 200, 300, 2_000, 100_000
VERSIONS, JOBS = 500, 1_000
WIDE, LONG, MODEL = "wide", "long", "tips"
PROJECT = "mayfly-local"
AT_ONCE = 4
ATTEMPTS = 5
BATCH = 250  # documents in a commit
PATIENCE = 300.0


def seed(stack: Stack) -> str:
    """Fill it; return the id of a training that goes on for ever."""
    with stack.client() as client:
        _tables(client)
        job = _model(client)
    os.environ["FIRESTORE_EMULATOR_HOST"] = stack.address("FIRESTORE")
    store = firestore.Client(project=PROJECT)
    _versions(store)
    return _jobs(store, job)


def _tables(client: httpx.Client) -> None:
    rng = random.Random(0)
    names = [f"c{n:03}" for n in range(COLUMNS)]
    wide = _csv(names, ([f"{rng.random():.4f}" for _ in names] for _ in range(WIDE_ROWS)))
    words = ("north", "south", "east", "west")
    rows = ([n, f"{rng.gauss(50, 9):.2f}", words[n % 4], n % 2] for n in range(LONG_ROWS))
    long = _csv(["number", "value", "place", "sold"], rows)
    few = [(f"table-{n:03}", f"a,b\n{n},x\n{n + 1},y\n") for n in range(TABLES)]
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda one: _upload(client, *one), [(LONG, long), (WIDE, wide), *few]))
    for name in (LONG, WIDE):
        _until(client, f"/datasets/datasets/{name}", "ready")


def _csv(names: Any, rows: Any) -> str:
    return "\n".join([",".join(names), *(",".join(map(str, row)) for row in rows), ""])


def _upload(client: httpx.Client, name: str, text: str) -> None:
    head = {"Content-Type": "text/csv"}
    for _ in range(ATTEMPTS):  # the same content again is the same table
        made = client.post("/datasets/datasets", params={"name": name}, content=text, headers=head)
        if made.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
            break
        time.sleep(1)
    made.raise_for_status()


def _model(client: httpx.Client) -> str:
    """Train a model, really; return the training's id."""
    rows = "".join(f"{n % 9 + 1},{'ab'[n % 2]},{(n % 9 + 1) * 1.5 + n % 2}\n" for n in range(400))
    _upload(client, MODEL, f"guests,day,tip\n{rows}")
    _until(client, f"/datasets/datasets/{MODEL}", "ready")
    asked: dict[str, Any] = {"dataset": MODEL, "target": "tip", "task": "regression"}
    asked |= {"candidates": [{"algorithm": name} for name in ("ridge", "extra_trees")]}
    job = client.post("/training/jobs", json=asked).raise_for_status().json()["id"]
    _until(client, f"/training/jobs/{job}", "succeeded")
    return str(job)


def _until(client: httpx.Client, path: str, state: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while (found := client.get(path).json())["state"] != state:
        if found["state"] in {"failed", "cancelled"} or time.monotonic() > deadline:
            raise SystemExit(f"{path} is {found['state']}: {found.get('failure')}")
        time.sleep(0.1)


def _versions(store: firestore.Client) -> None:
    """Copy version 1 until there are as many as wanted, each a little better or worse."""
    model = store.document(f"models/{MODEL}")
    first = model.collection("versions").document("1").get().to_dict()
    began, rng, writes = first["created_at"], random.Random(0), []
    for number in range(2, VERSIONS + 1):
        metrics = json.loads(first["metrics"]) if isinstance(first["metrics"], str) else {}
        held = metrics.get("holdout") or {}
        metrics["holdout"] = {name: value * rng.uniform(0.9, 1.1) for name, value in held.items()}
        own = {"version": number, "created_at": began + dt.timedelta(seconds=number)}
        text = {"metrics": json.dumps(metrics)} if metrics.get("holdout") else {}
        writes.append(
            (model.collection("versions").document(str(number)), {**first, **own, **text})
        )
    _write(store, writes)
    model.update({"latest": VERSIONS, "updated_at": began + dt.timedelta(seconds=VERSIONS)})


def _jobs(store: firestore.Client, job: str) -> str:
    """Copy a training until there are as many as wanted; one of them goes on for ever."""
    jobs = store.collection("jobs")
    first = jobs.document(job).get().to_dict()
    writes: list[Any] = []
    for number in range(1, JOBS):
        own = {"id": uuid4().hex, "created_at": first["created_at"] - dt.timedelta(minutes=number)}
        writes.append((jobs.document(own["id"]), {**first, **own}))
    # The last of them waits for its turn, in no queue: nothing is due for it, and it never ends.
    lasting = writes[-1][1]
    lasting |= {"state": "queued", "slots": 0, "candidates": 0, "rungs": [], "members": []}
    lasting |= {"version": None, "result": None, "started_at": None, "ended_at": None}
    lasting |= {"created_at": dt.datetime.now(dt.UTC), "evaluation": "null"}
    lasting.pop("progress", None)
    _write(store, writes)
    return str(lasting["id"])


def _write(store: firestore.Client, writes: list[Any]) -> None:
    for begin in range(0, len(writes), BATCH):
        batch = store.batch()
        for place, document in writes[begin : begin + BATCH]:
            batch.set(place, document)
        batch.commit()
