"""The plane over a runtime that starts nothing: revisions, rolls, failures, scaling by hand."""

import asyncio
import os
import threading
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import msgspec
import pytest

from emulators.gateway.errors import GatewayError, Invalid, NotFound
from emulators.gateway.http.problems import problem_of
from emulators.gateway.model.revision import Deployment, Revision, Scaling
from emulators.gateway.proxy.replicas.lease import Lease
from emulators.gateway.runtimes.packages.installing import AT_ONCE
from emulators.gateway.service.configuration.environment import Environment
from emulators.gateway.service.deployments.plane import Plane
from emulators.gateway.service.deployments.scaler import Scaler
from emulators.gateway.service.deployments.store import DeploymentStore
from emulators.gateway.service.logs import LogFile
from emulators.gateway.service.replicas import start_queue
from emulators.gateway.service.replicas.deaths import Deaths, Fate
from emulators.gateway.service.replicas.events import FleetEvents
from emulators.gateway.service.replicas.fleet import Fleet
from emulators.gateway.service.replicas.pool import Replica, RevisionPool
from emulators.gateway.service.runtime import Address, Instance, StartError
from emulators.gateway.specs.images import Source

SLOWEST = 10.0  # seconds
MORE_THAN_THREADS = 33  # that a loop has for all who name none


class FakeInstance:
    def __init__(self, name: str) -> None:
        self.id = name
        self.address = Address(path="/nowhere")
        self.pid = 0
        self.timings: Mapping[str, float] = {}
        self.threads = 0
        self.running: Sequence[float] = ()
        self.exited: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def alive(self, limit: float) -> bool:
        return not self.exited.done()

    async def ending(self) -> str:
        return "was ended by SIGKILL"

    def last_lines(self) -> list[str]:
        return ["last words"]

    async def stop(self, grace: float) -> None:
        if not self.exited.done():
            self.exited.set_result("stopped")

    async def destroy(self) -> None:
        await self.stop(0.0)


class FakeRuntime:
    scales = True

    def __init__(self) -> None:
        self.started: list[FakeInstance] = []
        self.broken: set[str] = set()
        self.kept: set[str] = set()
        self.slow: dict[str, threading.Event] = {}  # images whose code is read until it is set
        self.held: dict[str, asyncio.Event] = {}  # images that start when it is set
        self.beginning: list[str] = []

    async def open(self) -> None:
        """Nothing."""

    async def close(self) -> None:
        """Nothing."""

    def given(self, now: float) -> list[Deployment]:
        return []

    def locate(self, revision: Revision) -> Source | None:
        if revision.image == "unknown":
            raise Invalid("no such image")
        return None

    def take(self, revision: Revision) -> str:
        if revision.image in self.slow:
            self.slow[revision.image].wait(SLOWEST)
        return f"code of {revision.image}"

    def keep(self, digests: set[str]) -> None:
        self.kept = digests

    def log_of(self, revision: Revision) -> LogFile | None:
        return None

    def warmth(self, revision: Revision) -> str:
        return ""

    async def launch(self, revision: Revision, env: Mapping[str, str]) -> FakeInstance:
        self.beginning.append(revision.image)
        if revision.image in self.held:
            await self.held[revision.image].wait()
        if revision.image in self.broken:
            raise StartError(f"{revision.image} is broken")
        self.started.append(FakeInstance(revision.name))
        return self.started[-1]


class World:
    def __init__(self, folder: Path) -> None:
        self.runtime = FakeRuntime()
        environment = Environment(folder, {})
        self.died: list[tuple[str, str]] = []
        deaths = Deaths(self.runtime.log_of, lambda *death: self.died.append(death))
        self.fleet = Fleet(self.runtime, environment, self._probe, 1.0, deaths, FleetEvents())
        self.scaler = Scaler(self.fleet, zero_grace=0.0)
        store = DeploymentStore(folder / "functions")
        self.plane = Plane(self.runtime, self.fleet, self.scaler, store, limit=5)

    async def _probe(self, pool: RevisionPool, instance: Instance) -> None:
        """Always ready."""

    async def deploy(self, image: str, *, minimum: int = 0) -> None:
        revision = Revision("f", "openfaas-fn", 1, image, scaling=Scaling(minimum=minimum))
        await self.plane.deploy(Deployment("f", "openfaas-fn", "knative", {}, 1, [revision], 0.0))
        await self.fleet.settle()

    async def until_held(self, image: str) -> None:
        while image not in self.runtime.beginning:  # noqa: ASYNC110 - starts are tasks of the fleet
            await asyncio.sleep(0.001)
        self.runtime.beginning.clear()

    @property
    def serving(self) -> tuple[str, int]:
        function = self.plane.lookup("f")
        return function.serving.pool.revision.image, function.replicas


def run(story: Callable[[World], Awaitable[None]], folder: Path) -> None:
    asyncio.run(_told(story, folder))


async def _told(story: Callable[[World], Awaitable[None]], folder: Path) -> None:
    await story(World(folder))


def test_a_changed_template_is_rolled_out_when_ready(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.deploy("one")
        assert world.serving == ("one", 1)
        await world.deploy("one")
        assert world.plane.lookup("f").deployment.current.number == 1
        await world.deploy("two")
        assert world.serving == ("two", 1)
        assert world.runtime.started[0].exited.done()

    run(story, tmp_path)


def test_a_broken_revision_never_serves_not_even_after_a_restart(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.deploy("one")
        world.runtime.broken.add("two")
        await world.deploy("two")
        assert world.serving == ("one", 1)
        assert "broken" in world.plane.failure(world.plane.lookup("f"))
        again = World(tmp_path)
        again.runtime.broken.add("two")
        again.plane.restore()
        await again.fleet.settle()
        assert again.serving[0] == "one"
        await again.deploy("three")
        assert again.serving == ("three", 1)
        assert again.plane.lookup("f").deployment.current.number == 3

    run(story, tmp_path)


def test_nothing_is_kept_of_a_refused_deploy(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        with pytest.raises(GatewayError, match="image"):
            await world.deploy("unknown")
        assert world.plane.functions == {}
        assert DeploymentStore(tmp_path / "functions").load() == []

    run(story, tmp_path)


def test_a_first_replica_that_nobody_calls_stays_for_a_window(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.deploy("one")
        function = world.plane.lookup("f")
        window = function.serving.pool.revision.scaling.window
        for seconds, replicas in ((0, 1), (window - 1, 1), (window, 0)):
            world.scaler.tick(function, 1000.0 + seconds)
            assert function.replicas == replicas
        await world.fleet.settle()

    run(story, tmp_path)


def test_what_comes_up_after_a_scale_to_none_goes_again(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        world.runtime.held["one"] = asyncio.Event()
        deploying = asyncio.ensure_future(world.deploy("one"))
        await world.until_held("one")
        world.plane.scale("openfaas-fn", "f", 0)
        world.runtime.held["one"].set()
        await deploying
        assert world.serving == ("one", 0)

    run(story, tmp_path)


def test_scaling_by_hand_holds_and_zero_rests(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.deploy("one", minimum=1)
        function = world.plane.lookup("f")
        world.plane.scale(None, "f", 3)
        await world.fleet.settle()
        now = asyncio.get_running_loop().time()
        world.scaler.tick(function, now)
        await world.fleet.settle()
        assert function.replicas == 3
        world.plane.scale(None, "f", 0)
        world.scaler.tick(function, now + 2)
        await world.fleet.settle()
        assert function.replicas == 0
        with pytest.raises(GatewayError, match="out of range"):
            world.plane.scale(None, "f", 6)

    run(story, tmp_path)


def test_a_tick_before_all_first_replicas_are_there_takes_none_back(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        launch, ready = world.runtime.launch, asyncio.Event()

        async def third_is_late(revision: Revision, env: Mapping[str, str]) -> FakeInstance:
            instance = await launch(revision, env)
            if len(world.runtime.started) == 3:
                await ready.wait()
            return instance

        setattr(world.runtime, "launch", third_is_late)  # noqa: B010 - mypy wants no assignment
        revision = Revision("f", "openfaas-fn", 1, "one", scaling=Scaling(initial=3))
        await world.plane.deploy(Deployment("f", "openfaas-fn", "knative", {}, 1, [revision], 0.0))
        while world.serving[1] < 2:  # noqa: ASYNC110 - replicas come in tasks of the fleet
            await asyncio.sleep(0)
        world.scaler.tick(world.plane.lookup("f"), 0.0)
        ready.set()
        await world.fleet.settle()
        assert world.serving[1] == 3

    run(story, tmp_path)


def test_a_lost_replica_is_replaced_by_the_minimum(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.deploy("one", minimum=2)
        function = world.plane.lookup("f")
        world.runtime.started[0].exited.set_result("killed")
        await asyncio.sleep(0)
        assert function.replicas == 1
        world.scaler.tick(function, 1e9)
        await world.fleet.settle()
        assert function.replicas == 2

    run(story, tmp_path)


def test_failed_starts_are_tried_again_ever_more_rarely(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        world.runtime.broken.add("one")
        await world.deploy("one", minimum=1)
        function = world.plane.lookup("f")
        state = world.fleet.state(function.serving.pool)
        first = state.try_after
        world.scaler.tick(function, first - 0.5)
        await world.fleet.settle()
        assert state.failures == 1
        world.scaler.tick(function, first + 0.5)
        await world.fleet.settle()
        assert state.failures == 2
        world.runtime.broken.clear()
        world.scaler.tick(function, 1e9)
        await world.fleet.settle()
        assert (function.replicas, state.failure) == (1, "")

    run(story, tmp_path)


def test_a_start_that_fails_in_an_unforeseen_way_is_over_too(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        async def odd(revision: Revision, env: Mapping[str, str]) -> FakeInstance:
            raise ValueError("embedded null byte")

        world.runtime.launch = odd  # type: ignore[method-assign]
        await world.deploy("one")
        function = world.plane.lookup("f")
        state = world.fleet.state(function.serving.pool)
        assert (state.starting, state.failure) == (0, "embedded null byte")

    run(story, tmp_path)


def test_a_new_revision_that_failed_is_tried_again_too(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.deploy("one")
        world.runtime.broken.add("two")
        await world.deploy("two")
        function = world.plane.lookup("f")
        assert function.next is not None
        state = world.fleet.state(function.next.pool)
        world.plane.advance()
        assert (state.starting, state.failures) == (0, 1)  # not before its time
        state.try_after = 0.0
        world.plane.advance()
        world.plane.advance()
        assert state.starting == 1
        await world.fleet.settle()
        assert (state.failures, world.serving) == (2, ("one", 1))
        world.runtime.broken.clear()
        state.try_after = 0.0
        world.plane.advance()
        await world.fleet.settle()
        assert world.serving == ("two", 1)

    run(story, tmp_path)


def test_removed_functions_are_forgotten(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.deploy("one")
        await world.plane.remove("default", "f")
        await world.fleet.settle()
        assert world.runtime.started[0].exited.done()
        with pytest.raises(NotFound) as caught:
            world.plane.lookup("f")
        assert msgspec.json.decode(problem_of(caught.value))["status"] == 404

    run(story, tmp_path)


def test_code_is_kept_as_long_as_a_kept_revision_names_it(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.deploy("one")
        await world.deploy("two")
        assert world.runtime.kept == {"code of one", "code of two"}
        function = world.plane.lookup("f")
        world.plane.remove_revision(function, function.deployment.revisions[0])
        assert world.runtime.kept == {"code of two"}
        again = World(tmp_path)
        again.plane.restore()
        assert again.runtime.kept == {"code of two"}
        await again.plane.remove(None, "f")
        assert again.runtime.kept == set()

    run(story, tmp_path)


def test_changes_of_one_function_come_in_order_and_hold_up_no_other(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.deploy("one")
        gate = world.runtime.slow["two"] = threading.Event()
        changes = [asyncio.create_task(world.deploy(image)) for image in ("two", "three")]
        changes.append(asyncio.create_task(world.plane.remove(None, "f")))
        changes.append(asyncio.create_task(world.deploy("four")))
        other = Revision("g", "openfaas-fn", 1, "five")
        await world.plane.deploy(Deployment("g", "openfaas-fn", "knative", {}, 1, [other], 0.0))
        assert world.serving == ("one", 1)
        assert world.plane.lookup("g").deployment.current.fingerprint == "code of five"
        gate.set()
        await asyncio.gather(*changes)
        await world.fleet.settle()
        assert [instance.id for instance in world.runtime.started] == [
            "f-00001", "g-00001", "f-00002", "f-00003", "f-00001",
        ]  # fmt: skip
        assert world.serving == ("four", 1)
        assert world.runtime.kept == {"code of four", "code of five"}

    run(story, tmp_path)


def test_deploys_that_take_long_hold_up_no_other_work_in_threads(tmp_path: Path) -> None:
    """Packages may take minutes to install; logs are followed in threads meanwhile."""

    async def story(world: World) -> None:
        gate = world.runtime.slow["slow"] = threading.Event()
        deploys = []
        for name in (f"f{number}" for number in range(MORE_THAN_THREADS)):
            revision = Revision(name, "openfaas-fn", 1, "slow")
            wanted = Deployment(name, "openfaas-fn", "knative", {}, 1, [revision], 0.0)
            deploys.append(asyncio.create_task(world.plane.deploy(wanted)))
        await asyncio.sleep(0)
        await asyncio.to_thread(gate.set)
        await asyncio.gather(*deploys)

    began = time.monotonic()
    run(story, tmp_path)
    assert time.monotonic() - began < SLOWEST


def test_deploys_without_packages_wait_for_no_installs(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        gate = world.runtime.slow["slow"] = threading.Event()
        deploys = []
        for name in (f"f{number}" for number in range(2 * AT_ONCE)):
            revision = Revision(name, "openfaas-fn", 1, "slow")
            wanted = Deployment(name, "openfaas-fn", "knative", {}, 1, [revision], 0.0)
            deploys.append(asyncio.create_task(world.plane.deploy(wanted)))
        await asyncio.sleep(0)
        await asyncio.wait_for(world.deploy("quick"), SLOWEST / 2)
        assert not any(one.done() for one in deploys)
        gate.set()
        await asyncio.gather(*deploys)

    run(story, tmp_path)


def test_nothing_is_tidied_away_while_code_is_being_read(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.deploy("one")
        gate = world.runtime.slow["two"] = threading.Event()
        slow = asyncio.create_task(world.deploy("two"))
        await asyncio.sleep(0)
        other = Revision("g", "openfaas-fn", 1, "three")
        await world.plane.deploy(Deployment("g", "openfaas-fn", "knative", {}, 1, [other], 0.0))
        assert world.runtime.kept == {"code of one"}
        gate.set()
        await slow
        assert world.runtime.kept == {"code of one", "code of two", "code of three"}

    run(story, tmp_path)


def test_code_stays_while_a_deployment_cannot_be_read(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.deploy("one")
        (tmp_path / "functions" / "openfaas-fn" / "g.json").write_text("{")
        again = World(tmp_path)
        again.runtime.kept = {"as before"}
        again.plane.restore()
        assert again.runtime.kept == {"as before"}

    run(story, tmp_path)


class Caller:
    """Has a lease on a replica of whichever revision its function has."""

    def __init__(self, world: World) -> None:
        self._lease = Lease(world.plane.lookup("f"))
        self.got = ""

    def call(self) -> None:
        self._lease.acquire(self)

    def assign(self, replica: Replica) -> None:
        self.got = replica.pool.revision.image

    def reject(self, error: GatewayError) -> None:
        self.got = error.message

    def reroute(self) -> None:
        self.call()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(SLOWEST):
        while not condition():  # noqa: ASYNC110 - starts are tasks of the fleet
            await asyncio.sleep(0.001)


def called(world: World) -> Caller:
    caller = Caller(world)
    caller.call()
    return caller


def test_calls_wait_for_a_fix_and_are_told_its_own_error(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        world.runtime.broken = {"one"}
        await world.deploy("one")
        gate = world.runtime.held["two"] = asyncio.Event()
        deploy = asyncio.create_task(world.deploy("two"))
        await world.until_held("two")
        before = called(world)
        assert before.got == ""
        gate.set()
        await deploy
        assert before.got == "two"

        again = World(tmp_path / "again")
        again.runtime.broken = {"one", "two"}
        await again.deploy("one")
        gate = again.runtime.held["two"] = asyncio.Event()
        deploy = asyncio.create_task(again.deploy("two"))
        await again.until_held("two")
        waiting = called(again)
        gate.set()
        await deploy
        assert waiting.got == "function 'f' does not start: two is broken"
        later = called(again)
        await again.fleet.settle()
        assert later.got == "function 'f' does not start: two is broken"

    run(story, tmp_path)


def test_a_fix_that_calls_wait_for_starts_before_what_nobody_waits_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start_queue, "_TURN_SECONDS", 600.0)

    async def story(world: World) -> None:
        world.runtime.broken = {"one"}
        await world.deploy("one")
        gate = world.runtime.held["slow"] = asyncio.Event()
        for number in range(2 * (os.cpu_count() or 1) + 1):
            name = f"other-{number}"
            other = Revision(name, "openfaas-fn", 1, "slow")
            await world.plane.deploy(
                Deployment(name, "openfaas-fn", "knative", {}, 1, [other], 0.0)
            )
        fix = asyncio.create_task(world.deploy("two"))
        await until(lambda: world.plane.lookup("f").next is not None)
        waiting = called(world)
        await until(lambda: waiting.got != "")
        assert waiting.got == "two"
        gate.set()
        await fix

    run(story, tmp_path)


def test_a_failed_update_refuses_nobody_who_waits_for_what_serves(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.deploy("one")
        world.plane.scale(None, "f", 0)
        await world.fleet.settle()
        gate = world.runtime.held["one"] = asyncio.Event()
        waiting = called(world)
        await world.until_held("one")
        world.runtime.broken.add("two")
        revision = Revision("f", "openfaas-fn", 1, "two")
        await world.plane.deploy(Deployment("f", "openfaas-fn", "knative", {}, 1, [revision], 0.0))
        function = world.plane.lookup("f")
        while not world.plane.failure(function):  # noqa: ASYNC110 - it fails in a task of the fleet
            await asyncio.sleep(0)
        assert waiting.got == ""
        gate.set()
        await world.fleet.settle()
        assert waiting.got == "one"

    run(story, tmp_path)


def test_the_same_file_deployed_again_is_tried_again_at_once(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        world.runtime.broken = {"one"}
        await world.deploy("one")
        function = world.plane.lookup("f")
        assert world.plane.failure(function) == "one is broken"
        world.runtime.broken = set()  # what it lacked is there by now
        await world.deploy("one")
        assert (world.serving, world.plane.failure(function)) == (("one", 1), "")
        assert function.deployment.current.number == 1

    run(story, tmp_path)


def test_a_replica_that_dies_is_counted_unless_it_was_asked_to_go(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.deploy("one", minimum=2)
        function = world.plane.lookup("f")
        world.runtime.started[0].exited.set_result("killed")
        await asyncio.sleep(0)
        await world.fleet.settle()
        assert world.died == [("f.openfaas-fn", "SIGKILL")]
        world.plane.scale(None, "f", 0)
        await world.fleet.settle()
        assert (len(world.died), function.replicas) == (1, 0)

    run(story, tmp_path)


def test_a_condemned_replica_finishes_what_it_holds_and_takes_no_more(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.deploy("one", minimum=1)
        pool = world.plane.lookup("f").serving.pool
        replica = pool.replicas[0]
        assert called(world).got == "one"
        world.fleet.condemn(replica, Fate("overtime", "was late"), at_once=False)
        await world.fleet.settle()
        assert (pool.replicas, world.runtime.started[0].exited.done()) == ([], False)
        pool.release(replica)
        await world.fleet.settle()
        assert world.runtime.started[0].exited.done()
        assert world.died == [("f.openfaas-fn", "overtime")]

    run(story, tmp_path)
