"""Nobody gets another's answer, whatever comes from other clients or from the replica itself."""

import asyncio
import contextlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.integration.gateway.conftest import SERVICE
from tests.integration.gateway.mixed import (
    Tally,
    Target,
    answers,
    beside,
    bodies,
    upgrades,
)
from tests.integration.gateway.mixed_replicas import (
    FUNCTION_ANSWERS,
    NOTES,
    ONE,
    PROGRAM,
    PROGRAM_ANSWERS,
    deploy_function,
    deploy_program,
)
from tests.support.lengths import length
from tests.support.processes import free_port, wait_until

EVENTING = "/apis/eventing.knative.dev/v1/namespaces/default"
NUMBERS = [length(1500, 20_000)]


def attacks(targets: Sequence[Target], paths: Sequence[str]) -> list[tuple[int, bytes]]:
    kinds = (upgrades, bodies, lambda to: answers(to, paths))
    payloads = [(to, payload) for to in targets for kind in kinds for payload in kind(to)]
    return [(to.port, to.opening + payload) for to, payload in payloads]


@pytest.mark.parametrize("calls", NUMBERS)
def test_a_function_s_callers_get_their_own_answers(
    gateway: Any, calls: int, figure: Callable[[str], None]
) -> None:
    targets = deploy_function(gateway, "mixed-function")
    harm = attacks(targets, FUNCTION_ANSWERS)
    tally = asyncio.run(beside(targets, harm, calls))
    figure(f"function: {tally.right} right, {len(tally.wrong)} wrong beside {tally.attacks}")
    assert (tally.wrong, tally.others) == ([], {})
    assert tally.right >= calls
    assert tally.attacks >= len(harm)


@pytest.mark.parametrize("calls", NUMBERS)
def test_a_program_s_callers_get_their_own_answers(
    gateway: Any, calls: int, figure: Callable[[str], None]
) -> None:
    targets = deploy_program(gateway, "mixed-program")
    harm = attacks(targets, PROGRAM_ANSWERS)
    tally = asyncio.run(beside(targets, harm, calls))
    figure(f"program: {tally.right} right, {len(tally.wrong)} wrong beside {tally.attacks}")
    assert (tally.wrong, tally.others) == ([], {})
    assert tally.right >= calls
    assert tally.attacks >= len(harm)


@pytest.mark.parametrize("calls", NUMBERS)
def test_connections_passed_on_as_they_are_keep_to_their_own(
    gateway: Any, calls: int, figure: Callable[[str], None]
) -> None:
    """A listener of an h2c service: whatever protocol it is, a connection has one other end."""
    port, folder = free_port(), gateway.folder / "mixed-h2c"
    folder.mkdir(exist_ok=True)
    (folder / "server.py").write_text(PROGRAM)
    ports = [{"name": "h2c", "containerPort": port}]
    gateway.deploy_ready(
        "mixed-h2c",
        image=str(folder),
        annotations=ONE,
        container={"command": ["python", "server.py"], "ports": ports},
    )
    target = Target(port, "", opening=b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    harm = attacks([target], PROGRAM_ANSWERS)
    tally = asyncio.run(beside([target], harm, calls))
    figure(f"h2c: {tally.right} right, {len(tally.wrong)} wrong beside {tally.attacks}")
    assert (tally.wrong, tally.others) == ([], {})
    assert tally.right >= calls
    assert tally.attacks >= len(harm)


QUEUED = [length(100, 2000)]


@pytest.mark.parametrize("calls", QUEUED)
@pytest.mark.parametrize("kind", ["function", "program"])
def test_queued_calls_keep_their_own_answers(gateway: Any, kind: str, calls: int) -> None:
    """They share connections with direct calls, and with those of attackers."""
    name = f"mixed-queued-{kind}"
    targets = (deploy_function if kind == "function" else deploy_program)(gateway, name)
    paths = FUNCTION_ANSWERS if kind == "function" else PROGRAM_ANSWERS
    ids: dict[str, str] = {}

    async def story() -> Tally:
        sending = asyncio.to_thread(send_queued, gateway, name, calls, ids)
        tally, _ = await asyncio.gather(beside(targets, attacks(targets, paths), calls), sending)
        return tally

    tally = asyncio.run(story())
    assert (tally.wrong, tally.others) == ([], {})
    wrong = [(nonce, got) for nonce, call in ids.items() if (got := result(gateway, call)) != nonce]
    assert wrong == []
    assert len(ids) == calls


def send_queued(gateway: Any, name: str, calls: int, ids: dict[str, str]) -> None:
    with contextlib.closing(gateway.connection()) as connection:
        for number in range(calls):
            nonce = f"{number}-{os.urandom(8).hex()}"
            connection.request("POST", f"/async-function/{name}/echo/{nonce}", nonce)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 202
            ids[nonce] = str(answer.getheader("X-Call-Id"))


def result(gateway: Any, call: str) -> str:
    """What a queued call was answered with."""
    found: dict[str, Any] = {}

    def is_over() -> bool:
        found.update(gateway.ask("GET", f"/async-function/{call}")[1])
        return found["state"] not in ("queued", "running")

    wait_until(is_over, what="the end of a queued call")
    return str(found.get("body") or found)


@pytest.mark.parametrize("calls", QUEUED)
def test_events_get_their_own_replies(gateway: Any, tmp_path: Path, calls: int) -> None:
    """A trigger's function answers with an event, which another function notes."""
    targets = deploy_function(gateway, "mixed-events")
    notes = gateway.write_function("mixed-notes", code=NOTES)
    env = [{"name": "SEEN", "value": str(tmp_path / "seen")}]
    gateway.deploy_ready("mixed-notes", image=str(notes), container={"env": env})
    put(gateway, "Broker", "mixed", {})
    for kind, to in (("ask", "mixed-events"), ("reply", "mixed-notes")):
        subscriber: Any = {"ref": {**SERVICE, "name": to}, "uri": "/reply"}
        chosen = {"attributes": {"type": kind}}
        spec = {"broker": "mixed", "filter": chosen, "subscriber": subscriber}
        put(gateway, "Trigger", f"mixed-{kind}", spec)

    async def story() -> Tally:
        sending = asyncio.to_thread(send_events, gateway, calls)
        tally, _ = await asyncio.gather(
            beside(targets, attacks(targets, FUNCTION_ANSWERS), calls), sending
        )
        return tally

    tally = asyncio.run(story())
    assert (tally.wrong, tally.others) == ([], {})

    def seen() -> list[list[str]]:
        file = tmp_path / "seen"
        return [line.split() for line in file.read_text().splitlines()] if file.exists() else []

    wait_until(lambda: len(seen()) >= calls, 60, what="every reply")
    assert [pair for pair in seen() if pair[0] != f"reply-to-{pair[1]}"] == []
    assert {pair[1] for pair in seen()} == set(events(calls))


def events(calls: int) -> list[str]:
    """Ids of a run's own: the gateway knows for an hour what it has seen."""
    return [f"event-{calls}-{number}" for number in range(calls)]


def put(gateway: Any, kind: str, name: str, spec: Any) -> None:
    item: dict[str, Any] = {"apiVersion": "eventing.knative.dev/v1", "kind": kind}
    item |= {"metadata": {"name": name}, "spec": spec}
    assert gateway.apply(f"{EVENTING}/{kind.lower()}s", item)[0] in (200, 201)


def send_events(gateway: Any, calls: int) -> None:
    with contextlib.closing(gateway.connection()) as connection:
        for event in events(calls):
            headers = {"ce-id": event, "ce-source": "/mixed", "ce-type": "ask"}
            headers |= {"ce-specversion": "1.0", "content-type": "text/plain"}
            connection.request("POST", "/broker/default/mixed", event, headers)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 202


@pytest.mark.parametrize("path", PROGRAM_ANSWERS)
def test_each_fault_of_a_program_alone_reaches_nobody_else(gateway: Any, path: str) -> None:
    targets = deploy_program(gateway, "mixed-one" + path.replace("/", "-"))
    faulty = [(to.port, raw) for to in targets for raw in answers(to, [path])]
    tally = asyncio.run(beside(targets, faulty, 300))
    assert (tally.wrong, tally.others) == ([], {})
