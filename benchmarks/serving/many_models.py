"""Many models at random, against one of them, once all are loaded.

`python -m benchmarks.serving.many_models [--models 500] [--seconds 3] [--rounds 5]`

The models are copies of one: documents of the registry under names of their own, so that each is
found, opened and held by itself. They are asked over connections whose number is `--connections`.
"""

import argparse
import contextlib
import datetime as dt
import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.prediction.stack import COLUMNS, MODEL, TARGET, Mayfly, wait_for
from benchmarks.prediction.throughput import BODY
from benchmarks.serving import servers
from benchmarks.serving.function import JSON, serving
from benchmarks.serving.loads import Side, in_turns, load, middle, post, resident_bytes
from benchmarks.serving.servers import Server
from benchmarks.stack import Stack, end_in_order
from functions.kit.adapters.stores import firestore
from functions.kit.contract.models.registration import MODELS, VERSIONS
from functions.prediction.adapters.config import CacheSettings

MOST = 1.3
SMALL = "small"
ALGORITHM = {"algorithm": "logistic_regression"}
LONG_AGO = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
"""When they were changed last: what was changed a minute ago is looked at more often."""
LOADING_SECONDS = 15.0


def train_small(mayfly: Mayfly) -> None:
    """Train what many are made of: a linear model, as most of many are."""
    body = {"dataset": MODEL, "model": SMALL, "target": TARGET, "columns": COLUMNS}
    job = mayfly.call("POST", "training/jobs", json=body | {"candidates": [ALGORITHM]}).json()
    wait_for(mayfly, f"training/jobs/{job['id']}", "succeeded")


def copy(stack: Stack, names: list[str]) -> None:
    """Put the small model into the registry again, by each of the names."""
    os.environ["FIRESTORE_EMULATOR_HOST"] = stack.address("FIRESTORE")
    models = firestore.client().collection(MODELS)
    model = models.document(SMALL)
    described: Mapping[str, Any] = model.get().to_dict()
    version = model.collection(VERSIONS).document("1").get().to_dict()
    for name in names:
        target = models.document(name)
        target.set({**described, "name": name, "uid": name, "updated_at": LONG_AGO})
        target.collection(VERSIONS).document("1").set({**version, "model": name})


def requests(names: list[str], key: str) -> list[bytes]:
    """Return what is asked of each model."""
    headers = {**JSON, "Authorization": f"Bearer {key}"}
    return [post(f"/models/{name}/predict", BODY, headers) for name in names]


@contextlib.contextmanager
def many(number: int) -> Iterator[tuple[Server, list[bytes]]]:
    """Give the function, and what is asked of each of so many models."""
    names = [f"many-{place}" for place in range(number)]
    with serving() as (stack, mayfly, _):
        owner = Mayfly(stack.gateway_url, stack.key, stack.password)
        train_small(owner)
        copy(stack, names)
        with servers.function(stack) as ours:
            yield ours, requests(names, mayfly.key)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", type=int, default=500)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=3.0, help="of load, each side and round")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    end_in_order()
    with many(options.models) as (ours, asked):
        one = Side(ours.address, asked[0], ours.process)
        load(one, options.connections, 1.0)
        before = resident_bytes(ours.process)
        each = Side(ours.address, asked, ours.process)
        loading = load(each, options.connections, LOADING_SECONDS)
        sides = {"one model": one, f"{options.models} models": each}
        found = in_turns(sides, options.connections, options.seconds, options.rounds)
        grown = resident_bytes(ours.process) - before
    print(f"while they load         {loading}")
    for name, measured in found.items():
        print(f"{name:24}{middle(measured)}")
    ratio = middle(found[f"{options.models} models"]).p99 / middle(found["one model"]).p99
    bound = CacheSettings.from_env().memory_bytes
    print(f"p99 of many: {ratio:.2f} x that of one (wanted at most {MOST})")
    print(f"memory: {grown / 2**20:,.0f} MiB more (at most {bound / 2**20:,.0f})")
    sys.exit(ratio > MOST or grown > bound)


if __name__ == "__main__":
    main()
