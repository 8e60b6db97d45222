"""Kill -9 of any one process, in the middle of an import and of a training: nothing is lost."""

import os
import random
import signal
import time

import httpx
import pytest

from benchmarks.faults.victims import replicas

pytestmark = pytest.mark.slow

ROWS = 12_000
PARTS = ["firestore", "storage", "nats", "gateway", "web", "a replica"]
ENDED = {"ready", "failed", "succeeded", "cancelled"}
AGAIN = {502, 503, 504}


def table(seed):
    """A table whose target follows from its numbers, with some noise."""
    draw = random.Random(seed)
    lines = ["age,weight,colour,ill"]
    for _ in range(ROWS):
        age, weight = draw.randint(1, 90), draw.uniform(40, 120)
        ill = age + weight / 2 + draw.gauss(0, 10) > 85
        lines.append(f"{age},{weight:.1f},{draw.choice(['red', 'blue'])},{str(ill).lower()}")
    return "\n".join(lines).encode()


def until(deadline, ask):
    """Repeat `ask` until it gives an answer other than None."""
    end = time.monotonic() + deadline
    while time.monotonic() < end:
        found = ask()
        if found is not None:
            return found
        time.sleep(0.02)
    raise AssertionError(f"nothing came within {deadline} s")


def send(client, method, path, **options):
    """Send until the system answers other than "not now": what a careful caller does."""

    def once():
        try:
            answer = client.request(method, path, **options)
        except httpx.TransportError:
            return None
        return None if answer.status_code in AGAIN else answer

    return until(300, once)


def watch(client, path, enough):
    """Ask for `path` until `enough(document)`; return the document."""

    def once():
        answer = send(client, "GET", path)
        assert answer.status_code == 200, answer.text
        document = answer.json()
        return document if enough(document) else None

    return until(600, once)


def kill(stack, victim, function):
    if victim == "a replica":
        until(60, lambda: killed(replicas(stack.status()["gateway"]["pid"], function)))
    else:
        os.kill(stack.status()[victim]["pid"], signal.SIGKILL)


def killed(processes):
    """Kill the first process; None when there is none, or it is gone by now."""
    try:
        os.kill(processes[0].pid, signal.SIGKILL)
    except (IndexError, ProcessLookupError):
        return None
    return True


def all_ready(stack):
    return True if all(part["ready"] for part in stack.status().values()) else None


@pytest.fixture(scope="module")
def client(own_stack):
    with own_stack.client() as client:
        yield client


@pytest.fixture(scope="module")
def trained_on(client):
    """A data set that is ready, for the trainings."""
    upload(client, "ground", table(0))
    watch(client, "/datasets/datasets/ground", lambda found: found["state"] in ENDED)
    return "ground"


def upload(client, name, content):
    headers = {"Content-Type": "text/csv"}
    answer = send(
        client, "POST", f"/datasets/datasets?name={name}", content=content, headers=headers
    )
    assert answer.status_code in {200, 202}, answer.text


@pytest.mark.parametrize("victim", PARTS)
def test_a_kill_during_an_import_loses_no_row(own_stack, client, victim):
    name = f"import-{PARTS.index(victim)}"
    path = f"/datasets/datasets/{name}"
    upload(client, name, table(name))
    watch(client, path, lambda found: found["rows_done"] > 0)
    kill(own_stack, victim, "datasets")
    ended = watch(client, path, lambda found: found["state"] in ENDED)
    assert (ended["state"], ended["rows"], ended["rows_done"]) == ("ready", ROWS, ROWS)
    exported = send(client, "GET", f"{path}/export.csv").text
    assert len(exported.splitlines()) == ROWS + 1
    until(120, lambda: all_ready(own_stack))


@pytest.mark.parametrize("victim", PARTS)
def test_a_kill_during_a_training_lets_the_job_end(own_stack, client, trained_on, victim):
    body = {"dataset": trained_on, "target": "ill", "model": f"m{PARTS.index(victim)}"}
    started = send(client, "POST", "/training/jobs", json=body)
    assert started.status_code == 202, started.text
    path = f"/training/jobs/{started.json()['id']}"
    watch(client, path, lambda found: found["progress"] > 0.1 or found["state"] in ENDED)
    kill(own_stack, victim, "training")
    ended = watch(client, path, lambda found: found["state"] in ENDED)
    assert ended["state"] == "succeeded", ended["failure"]
    versions = send(client, "GET", f"/models/models/{body['model']}/versions").json()["items"]
    assert [version["job"] for version in versions] == [ended["id"]]
    until(120, lambda: all_ready(own_stack))


def test_what_was_acknowledged_survives_the_kill_of_the_documents(own_stack, client, trained_on):
    path = f"/datasets/datasets/{trained_on}/records"
    row = {"age": 30, "weight": 70.5, "colour": "red", "ill": False}
    kept = []
    for number in range(60):
        if number in {20, 40}:
            kill(own_stack, "firestore", "datasets")
        answer = send(client, "POST", path, json={"values": {**row, "age": number}})
        if answer.status_code == 201:
            kept.append((answer.json()["id"], number))
    assert len(kept) == 60
    for record, age in kept:
        assert send(client, "GET", f"{path}/{record}").json()["values"]["age"] == age
