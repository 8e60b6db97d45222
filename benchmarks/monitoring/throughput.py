"""Predictions logged by the thousand a second: are the windows right to the row, and how soon?

    python -m benchmarks.monitoring throughput [--seconds 60] [--rate 5000] [--kills 2]

A stack of its own with a model of Titanic. This program takes the place of `prediction`: it tells
`monitoring` of so many predictions a second, in batches of a second from each of two replicas, as
those do; a batch that is not acknowledged is sent again. Replicas of `monitoring` are killed
meanwhile. It prints how long after its acknowledgement a batch was in the window of its minute,
what the consumer used of a core for each prediction, and its memory; and ends with 1 unless each
minute, the hour and the day have each prediction once.
"""

import argparse
import os
import random
import signal
import statistics
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import msgspec

from benchmarks.faults import victims
from benchmarks.learning.calls import Calls
from benchmarks.stack import ROOT, Stack, end_in_order, own_stack
from functions.kit.adapters.calls import step_tokens
from functions.kit.contract.telemetry.hourly import moment
from functions.kit.contract.telemetry.predictions import BATCH_TYPE, MADE, Event, Output, Prediction

MODEL, TARGET = "titanic", "survived"
REPLICAS = 2
LONGEST_DELAY = 5.0
PAUSE = 0.2
LATEST = 100.0
"""Seconds after the last batch until longer windows, which rest, must be right, too."""
MINUTE = 60_000_000


@dataclass
class Seen:
    """What was sent, and when.

    Attributes:
        acknowledged: when a batch was, and how many predictions of each minute all had by then.
        delays: seconds from then until the windows had as many.
        again: batches that had to be sent again.
    """

    acknowledged: list[tuple[float, Counter[int]]] = field(default_factory=list)
    sent: Counter[int] = field(default_factory=Counter)
    delays: list[float] = field(default_factory=list)
    again: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


def trained(stack: Stack) -> str:
    """Make the model; return its uid."""
    with stack.client() as client:
        calls = Calls(client)
        calls.upload(MODEL, (ROOT / "examples" / "titanic.csv").read_bytes())
        asked = {"dataset": MODEL, "target": TARGET, "model": MODEL}
        candidates = [{"algorithm": "logistic_regression"}]
        calls.until_trained(calls.begin(**asked, candidates=candidates, ensemble=False))
        uid: str = calls.call("GET", f"models/models/{MODEL}")["uid"]
    return uid


def batch(number: int, count: int, uid: str, chance: random.Random) -> tuple[bytes, Counter[int]]:
    """Return a batch of predictions of now, and how many are of which minute.

    They say whose they are, as those of `prediction` do: the first are of the second before this
    one, and without it those count as another model's that are older than the model.
    """
    now = time.time_ns() // 1000
    minutes: Counter[int] = Counter()
    events = []
    for place in range(count):
        at = now - (count - place) * 1_000_000 // count
        minutes[at // MINUTE] += 1
        events.append(event(number * count + place, at, uid, chance))
    return msgspec.json.encode(events), minutes


def event(number: int, at: int, uid: str, chance: random.Random) -> Event:
    """Return the event of a prediction."""
    probability = chance.random()
    told = Prediction(
        workspace="main",
        model=MODEL,
        version=1,
        alias="champion",
        why="alias",
        caller="benchmark",
        account="benchmark",
        elapsed=chance.randrange(500, 5_000),
        inputs={
            "pclass": chance.choice((1, 2, 3)),
            "sex": chance.choice(("male", "female")),
            "age": chance.gauss(30, 14),
            "sibsp": chance.choice((0, 0, 1, 2)),
            "parch": chance.choice((0, 0, 0, 1)),
            "fare": chance.lognormvariate(3, 1),
            "embarked": chance.choice("SSSCQ"),
        },
        output=Output("1" if probability > 0.5 else "0", probability, {"1": probability}),
        uid=uid,
    )
    ident = f"{number:018x}{at // 1_000_000:08x}1-0"
    data = msgspec.Raw(msgspec.json.encode(told))
    return Event(ident, f"/models/{MODEL}/versions/1", MADE, moment(at).isoformat(), data)


def send(stack: Stack, replica: int, uid: str, options: argparse.Namespace, seen: Seen) -> None:
    """Send a batch a second, as a replica of `prediction` does."""
    secret = (stack.home / "step-secret").read_text().strip()
    chance, begun = random.Random(replica), time.monotonic()
    with httpx.Client(base_url=f"{stack.gateway_url}/function/monitoring", timeout=60) as client:
        for second in range(options.seconds):
            time.sleep(max(0.0, begun + second - time.monotonic()))
            number = second * REPLICAS + replica
            body, minutes = batch(number, options.rate // REPLICAS, uid, chance)
            while not told(client, secret, body):
                with seen.lock:
                    seen.again += 1
                time.sleep(PAUSE)
            with seen.lock:
                seen.sent += minutes
                seen.acknowledged.append((time.monotonic(), Counter(seen.sent)))


def told(client: httpx.Client, secret: str, body: bytes) -> bool:
    """Tell of a batch; return whether it was acknowledged."""
    call = step_tokens.Call("POST", "monitoring", "/predictions")
    headers = {
        "Authorization": step_tokens.authorization(secret, "prediction", call),
        "Content-Type": BATCH_TYPE,
    }
    try:
        return client.post("/predictions", content=body, headers=headers).is_success
    except httpx.TransportError:
        return False


def watch(stack: Stack, seen: Seen, over: threading.Event) -> None:
    """Note how long each batch takes to be in its windows."""
    waiting = 0
    with stack.client() as client:
        while not over.wait(PAUSE):
            there = windows(client, "minute")
            now = time.monotonic()
            with seen.lock:
                batches = seen.acknowledged[waiting:]
            for at, minutes in batches:
                if any(there.get(minute, 0) < count for minute, count in minutes.items()):
                    break
                seen.delays.append(now - at)
                waiting += 1


def windows(client: httpx.Client, span: str) -> dict[int, int]:
    """Return the predictions in each window, by its first minute."""
    query: dict[str, str | int] = {"span": span, "last": 60, "version": 1}
    found = client.get(f"monitoring/models/{MODEL}/windows", params=query)
    if not found.is_success:
        return {}
    return {int(one["id"].split("-")[1]): one["rows"] for one in found.json()["windows"]}


@dataclass
class Consumer:
    """What the replicas of `monitoring` use; kills some.

    Attributes:
        used: seconds of a core by process.
        most: bytes of memory, the largest that one had, by second.
        killed: how many were killed.
    """

    used: dict[int, float] = field(default_factory=dict)
    most: list[int] = field(default_factory=list)
    killed: int = 0

    def look(self, gateway: int) -> list[Any]:
        """Note it of those that there are."""
        found = victims.replicas(gateway, "monitoring")
        sizes = []
        for one in found:
            try:
                self.used[one.pid] = cpu_seconds(one.pid)
                sizes.append(resident(one.pid))
            except (OSError, IndexError):
                continue  # it ended just now
        self.most.append(max(sizes, default=0))
        return found


def resident(pid: int) -> int:
    """Return the bytes of memory that a process has."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def cpu_seconds(pid: int) -> float:
    """Return what a process has used of a core."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def attend(stack: Stack, options: argparse.Namespace, over: threading.Event) -> Consumer:
    """Look at the consumer each second; kill it now and then."""
    gateway = victims.part(stack.home, "gateway")
    if gateway is None:
        sys.exit("The gateway has no process.")
    found, begun = Consumer(), time.monotonic()
    while not over.wait(1.0):
        replicas = found.look(gateway.pid)
        due = (found.killed + 1) * options.seconds / (options.kills + 1)
        if replicas and found.killed < options.kills and time.monotonic() - begun > due:
            victim = random.choice(replicas)
            os.kill(victim.pid, signal.SIGKILL)
            found.killed += 1
    return found


def settled(stack: Stack, sent: Counter[int]) -> dict[str, bool]:
    """Return which windows are right to the row, once all are, or it takes too long."""
    whole = sum(sent.values())
    deadline, right = time.monotonic() + LATEST, {"minute": False, "hour": False, "day": False}
    with stack.client() as client:
        while not all(right.values()) and time.monotonic() < deadline:
            time.sleep(PAUSE)
            right["minute"] = windows(client, "minute") == dict(sent)
            for span in ("hour", "day"):
                right[span] = sum(windows(client, span).values()) == whole
        if not all(right.values()):
            print(f"sent {dict(sent)}")
            print(*(f"{span} {windows(client, span)}" for span in right), sep="\n")
    return right


def run(stack: Stack, options: argparse.Namespace) -> bool:
    """Send, watch, and print; return whether all is right."""
    uid = trained(stack)
    seen, over = Seen(), threading.Event()
    with ThreadPoolExecutor() as pool:
        attended = pool.submit(attend, stack, options, over)
        watched = pool.submit(watch, stack, seen, over)
        senders = [pool.submit(send, stack, one, uid, options, seen) for one in range(REPLICAS)]
        try:
            for one in senders:
                one.result()
            right = settled(stack, seen.sent)
        finally:
            over.set()
        watched.result()
        consumer = attended.result()
    return report(options, seen, consumer, right)


def report(
    options: argparse.Namespace, seen: Seen, consumer: Consumer, right: dict[str, bool]
) -> bool:
    """Print the figures; return whether all is right."""
    sent, used = sum(seen.sent.values()), sum(consumer.used.values())
    print(f"predictions     {sent:,} in {options.seconds} s, {seen.again} batches sent again")
    print(f"killed          {consumer.killed} replicas of monitoring")
    print(f"right to the row {', '.join(f'{span}: {one}' for span, one in right.items())}")
    if seen.delays:
        ordered = sorted(seen.delays)
        middle, late = statistics.median(ordered), ordered[int(0.95 * (len(ordered) - 1))]
        print(f"delay           {middle:.2f} s median, {late:.2f} s p95, {ordered[-1]:.2f} s most")
    share = used / options.seconds
    print(f"CPU             {used / sent * 1e6:.0f} us a prediction ({share:.0%} of a core)")
    third = max(1, len(consumer.most) // 3)
    first, last = max(consumer.most[:third]), max(consumer.most[-third:])
    print(f"memory          {first >> 20} MB in the first third, {last >> 20} MB in the last")
    in_time = bool(seen.delays) and (consumer.killed > 0 or max(seen.delays) < LONGEST_DELAY)
    return all(right.values()) and in_time


def main() -> None:
    """Run it."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.monitoring throughput")
    asked.add_argument("--seconds", type=int, default=60)
    asked.add_argument("--rate", type=int, default=5_000, help="predictions a second")
    asked.add_argument("--kills", type=int, default=0, help="of replicas of monitoring")
    options = asked.parse_args()
    end_in_order()
    with own_stack() as stack:
        is_well = run(stack, options)
    sys.exit(not is_well)


if __name__ == "__main__":
    main()
