"""Kill -9 of each process that work depends on, while work of every kind is under way.

All of it goes on at the same time; one process after another is killed at a moment at which it has
just got further. In the end all of it has ended, the counts are exact, and nothing is there twice.
"""

import io
import random
import re
import signal
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import csv, parquet

from benchmarks.faults.plan import PARTS
from benchmarks.faults.victims import part, replicas
from infra.local.system.processes import send
from tests.e2e.conftest import run
from tests.support.callers.visits import reader
from tests.support.lengths import length
from tests.support.processes import wait_until
from tests.support.servers.durable_jobs import (
    LONGEST,
    OF_DATASETS,
    CarefulCaller,
    LaterImport,
    UrlImport,
    Work,
    until,
)
from tests.support.servers.sites import open_site

pytestmark = pytest.mark.slow

ROWS = 15_000
DISTINCT = 50  # rows of a batch
BATCH_ROWS = 2_000_000  # so many that it is under way while several processes die
PARQUET = {"Content-Type": "application/vnd.apache.parquet"}
VICTIMS = [
    "datasets",
    "prediction",
    "gateway",
    "firestore",
    "training",
    "nats",
    "storage",
    "models",
]
ROUNDS = length(1, 5)
CAPS = {"MAYFLY_TRAINING_JOBS": "2", "MAYFLY_TRAINING_WORKSPACE_JOBS": "1"}
WAITING = re.compile(r"Waiting for its turn: number (\d) in the queue")
SEARCH = {
    "target": "ill",
    "algorithms": ["logistic_regression", "extra_trees", "lightgbm"],
    "trials": 7,
    "seconds": 600,
    "folds": 3,
}


class Training(Work):
    """A search by rungs, of which an ensemble is made."""

    function = "training"
    revision = 1

    @property
    def content(self):
        """A table whose target follows from its numbers, with some noise."""
        draw = random.Random(self.name)
        lines = ["age,weight,colour,ill"]
        for _ in range(self.size):
            age, weight = draw.randint(1, 90), draw.uniform(40, 120)
            ill = age + weight / 2 + draw.gauss(0, 10) > 85
            lines.append(f"{age},{weight:.1f},{draw.choice(['red', 'blue'])},{str(ill).lower()}")
        return "\n".join(lines).encode()

    def begin(self):
        """See Work."""
        body = {"dataset": self.name, "model": self.name, **SEARCH}
        headers = {"Idempotency-Key": self.name}
        self.job = self.call("POST", "/training/jobs", json=body, headers=headers).json()["id"]

    def look(self):
        """See Work."""
        found = self.call("GET", f"/training/jobs/{self.job}").json()
        return {name: found[name] for name in ("state", "progress", "failure")}

    def check(self):
        """See Work."""
        ended = self.call("GET", f"/training/jobs/{self.job}").json()
        assert ended["state"] == "succeeded", ended["failure"]
        [first, last] = ended["rungs"]
        assert first["rows"] == 2_000
        whole = [one for one in ended["candidates"] if one["state"] == "succeeded"]
        assert [one["folds_done"] for one in whole] == [3] * last["keep"]
        assert {one["state"] for one in ended["candidates"]} == {"succeeded", "pruned"}
        assert abs(sum(one["weight"] for one in ended["members"]) - 1) < 1e-9
        versions = self.call("GET", f"/models/models/{self.name}/versions").json()["items"]
        assert [version["job"] for version in versions] == [self.job]


class BatchOfRows(Work):
    """Predictions for a file, whose rows are the same few again and again."""

    function = "prediction"

    @property
    def content(self):
        """The table that its model learns from, and whose rows it predicts for."""
        lines = [f"{n % DISTINCT},{'ab'[n % 2]},{n % DISTINCT > 20}" for n in range(4 * DISTINCT)]
        return "\n".join(["size,colour,good", *lines]).encode()

    def prepare(self):
        """Have the model made, too."""
        super().prepare()
        wait_until(super().is_prepared, LONGEST, "the table")
        names = {"dataset": self.name, "target": "good", "model": self.name}
        body = names | {"candidates": [{"algorithm": "logistic_regression"}], "folds": 2}
        self.training = self.call("POST", "/training/jobs", json=body).json()["id"]

    def is_prepared(self):
        """See Work."""
        found = self.call("GET", f"/training/jobs/{self.training}").json()
        assert found["state"] not in {"failed", "cancelled"}, found["failure"]
        return found["state"] == "succeeded"

    def begin(self):
        """See Work."""
        file = io.BytesIO()
        every = csv.read_csv(io.BytesIO(self.content)).drop(["good"])
        parquet.write_table(every.take(np.arange(BATCH_ROWS) % every.num_rows), file)
        path = f"/prediction/models/{self.name}/batches/file"
        headers = PARQUET | {"Idempotency-Key": self.name}
        made = self.call("POST", path, content=file.getvalue(), headers=headers).json()
        self.batch = f"/prediction/models/{self.name}/batches/{made['id']}"

    def look(self):
        """See Work."""
        found = self.call("GET", self.batch).json()
        return {"state": found["state"], "failure": found["failure"], **found["progress"]}

    def check(self):
        """See Work."""
        assert self.look()["state"] == "succeeded", self.look()
        answer = self.call("GET", f"{self.batch}/predictions")
        found = parquet.read_table(io.BytesIO(answer.content))
        assert found["row"].to_pylist() == list(range(1, BATCH_ROWS + 1))
        assert found["problem"].null_count == BATCH_ROWS or set(found["problem"].to_pylist()) == {
            ""
        }
        again = pa.table({"of": np.arange(BATCH_ROWS) % DISTINCT, "label": found["label"]})
        assert again.group_by(["of", "label"]).aggregate([]).num_rows == DISTINCT


@pytest.fixture(scope="module")
def site():
    with open_site() as made:
        yield made


@pytest.fixture(scope="module")
def world(site, tmp_path_factory):
    """A stack whose functions may fetch from the site, and train little; a careful caller of it."""
    home = tmp_path_factory.mktemp("own-stack")
    config = home / "data" / "gateway" / "configmaps" / "mayfly"
    config.mkdir(parents=True)
    for name, value in CAPS.items():
        (config / name).write_text(value)
    for stack in run(home, {"MAYFLY_ALLOWED_ADDRESSES": site.address}):
        with stack.client() as client:
            yield stack, CarefulCaller(client)


def begun(call, site, number):
    """Begin work of every kind, each on a dataset of its own."""
    kinds = {"training": Training, "batch": BatchOfRows} | OF_DATASETS
    works = [kind(call, f"{name}-{number}", ROWS) for name, kind in kinds.items()]
    with ThreadPoolExecutor(len(works)) as pool:
        list(pool.map(lambda work: work.prepare(), works))
    for work in works:
        wait_until(work.is_prepared, LONGEST, f"what {work.name} works on")
        if isinstance(work, UrlImport):
            work.show = site.show
    # Those that are quick to begin, and soon over, are the last.
    quick = [work for work in works if isinstance(work, LaterImport)]
    for some in ([work for work in works if work not in quick], quick):
        with ThreadPoolExecutor(len(works)) as pool:
            list(pool.map(lambda work: work.begin(), some))
    return works


def wait_until_one_gets_on(works, known):
    """Wait until one of them has come further than is known; note how far it has."""

    assert works, "all was over before the next process was killed"

    def moved():
        for work in works:
            was, known[work.name] = known.get(work.name, 0), work.done
            if known[work.name] > was or work.is_over():
                return True
        return False

    wait_until(moved, LONGEST, "that any work gets on")


def kill(stack, call, victim):
    """Kill a part, or all replicas of a function, of which there is one at least."""

    def found():
        if victim in PARTS:
            return [one for one in [part(stack.home, victim)] if one] or None
        gateway = part(stack.home, "gateway")
        call("GET", f"/{victim}/_/health")
        return (gateway and replicas(gateway.pid, victim)) or None

    send(until(found, f"a process of {victim}"), signal.SIGKILL)


def all_ready(stack):
    parts = stack.status()
    return bool(parts) and all(one["ready"] for one in parts.values())


@pytest.mark.parametrize("number", range(ROUNDS))
def test_work_of_every_kind_outlives_each_process(world, site, number):
    stack, call = world
    works = begun(call, site, number)
    victims = VICTIMS if number == 0 else random.Random(number).sample(VICTIMS, len(VICTIMS))
    hit: dict[str, set[str]] = {}  # victim -> the work that was under way
    known: dict[str, float] = {}
    for victim in victims:
        at_work = [one for one in works if not one.is_over()] if hit else works
        its_own = [one for one in at_work if one.function == victim]
        wait_until_one_gets_on((its_own or at_work)[::-1], known)
        kill(stack, call, victim)
        # What is not over now was not so before.
        hit[victim] = {one.name for one in at_work if not one.is_over()}
        wait_until(lambda: all_ready(stack), LONGEST, f"all parts ready after the kill of {victim}")
    assert all(hit.values()), hit
    assert set().union(*hit.values()) == {work.name for work in works}, hit
    for work in works:
        wait_until(work.is_over, LONGEST, f"the end of {work.name}")
        work.check()


def queued(call, name, count):
    """Ask for trainings of a small table, one after the other; return the jobs."""
    forest = {"algorithm": "random_forest", "settings": {"n_estimators": 100}}
    body = {"dataset": name, "target": "ill", "candidates": [forest], "folds": 4}
    for number in range(count):
        yield call("POST", "/training/jobs", json={**body, "seed": number}).json()


def test_two_workspaces_at_their_caps_wait_in_order_whoever_dies(world):
    stack, ours = world
    with stack.newcomer() as client, reader(stack) as pages:
        theirs = CarefulCaller(client)
        for call in (ours, theirs):
            learnt = Training(call, "waited-for", 120)
            learnt.prepare()
            wait_until(learnt.is_prepared, LONGEST, "the table")
        asked = zip(queued(ours, "waited-for", 3), queued(theirs, "waited-for", 3), strict=True)
        jobs = [found for one, other in asked for found in ((ours, one), (theirs, other))]
        assert [job["place"] for _, job in jobs] == [None, None, 1, 2, 3, 4]
        last = next(job["id"] for call, job in jobs[::-1] if call is ours)
        [place] = WAITING.findall(pages.get(f"/jobs/{last}").text)
        assert place in {"1", "2", "3"}
        for victim in ("firestore", "training"):
            kill(stack, ours, victim)

        def found():
            return [call("GET", f"/training/jobs/{job['id']}").json() for call, job in jobs]

        wait_until(lambda: all(job["ended_at"] for job in found()), LONGEST, "the end of all")
        ended = found()
        assert {(job["state"], job["place"]) for job in ended} == {("succeeded", None)}
        for own in (ended[::2], ended[1::2]):  # of one workspace: one at a time, in order
            for before, after in pairwise(own):
                assert before["ended_at"] <= after["started_at"]
