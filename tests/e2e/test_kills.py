"""Kill -9 of each process that work depends on, while work of every kind is under way.

All of it goes on at the same time; one process after another is killed at a moment at which it has
just got further. In the end all of it has ended, the counts are exact, and nothing is there twice.
"""

import random
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest

from benchmarks.faults.plan import PARTS
from benchmarks.faults.victims import part, replicas
from infra.local.system.processes import send
from tests.e2e.conftest import run
from tests.support.durable_jobs import (
    LONGEST,
    OF_DATASETS,
    CarefulCaller,
    LaterImport,
    UrlImport,
    Work,
    until,
)
from tests.support.lengths import length
from tests.support.processes import wait_until
from tests.support.sites import open_site

pytestmark = pytest.mark.slow

ROWS = 6_000
VICTIMS = ["datasets", "gateway", "firestore", "training", "nats", "storage", "models"]
ROUNDS = length(1, 5)
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


@pytest.fixture(scope="module")
def site():
    with open_site() as made:
        yield made


@pytest.fixture(scope="module")
def world(site, tmp_path_factory):
    """A stack whose functions may fetch from the site, and a careful caller of it."""
    home = tmp_path_factory.mktemp("own-stack")
    config = home / "data" / "gateway" / "configmaps" / "mayfly"
    config.mkdir(parents=True)
    (config / "MAYFLY_ALLOWED_ADDRESSES").write_text(site.address)
    for stack in run(home):
        with stack.client() as client:
            yield stack, CarefulCaller(client)


def begun(call, site, number):
    """Begin work of every kind, each on a dataset of its own."""
    kinds = {"training": Training} | OF_DATASETS
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

    def moved():
        for work in works:
            was, known[work.name] = known.get(work.name, 0), work.done
            if known[work.name] > was:
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
