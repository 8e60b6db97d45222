"""A load generator that keeps its pace whatever the answers take (an open loop).

``python -m benchmarks.gateway.open_loop --to 127.0.0.1:8080 --path /function/x --rate 200`` prints
one line of JSON. Latency counts from the moment a request was due, so that waiting is not hidden.
"""

import argparse
import asyncio
import json
import time
from collections import Counter, defaultdict

import httptools
import uvloop


class Answer:
    """Reads one answer as far as its end."""

    def __init__(self) -> None:
        self.parser = httptools.HttpResponseParser(self)
        self.status = 0

    def on_message_complete(self) -> None:
        """Note that the answer is whole."""
        self.status = self.parser.get_status_code()


class Pace:
    """Sends at a rate over as many kept connections as it takes."""

    def __init__(self, to: str, request: bytes) -> None:
        self._to = to
        self._request = request
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self.statuses: Counter[str] = Counter()
        self.times: dict[int, list[float]] = defaultdict(list)

    async def run(self, rate: float, seconds: float) -> None:
        """Send for some seconds; return when the last answer is there."""
        began, tasks = time.perf_counter(), []
        for number in range(int(rate * seconds)):
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            tasks.append(asyncio.create_task(self._one(due, int(due - began))))
        await asyncio.gather(*tasks)
        for _, writer in self._idle:
            writer.close()

    async def _one(self, due: float, second: int) -> None:
        try:
            status = str(await self._ask())
        except (OSError, EOFError) as error:
            status = type(error).__name__
        self.statuses[status] += 1
        self.times[second].append((time.perf_counter() - due) * 1000)

    async def _ask(self) -> int:
        reader, writer = self._idle.pop() if self._idle else await self._open()
        writer.write(self._request)
        answer = Answer()
        while not answer.status:
            data = await reader.read(65536)
            if not data:
                raise EOFError
            answer.parser.feed_data(data)
        if answer.parser.should_keep_alive():
            self._idle.append((reader, writer))
        else:
            writer.close()
        return answer.status

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._to.startswith("/"):
            return await asyncio.open_unix_connection(self._to)
        host, _, port = self._to.rpartition(":")
        return await asyncio.open_connection(host, int(port))


def at(values: list[float], part: float) -> float:
    """Return the value below which ``part`` of the values lie."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)]


def main() -> None:
    """Read the command line, load, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", required=True, help="host:port, or a unix socket")
    parser.add_argument("--path", default="/")
    parser.add_argument("--rate", type=float, default=200)
    parser.add_argument("--seconds", type=float, default=30)
    given = parser.parse_args()
    pace = Pace(given.to, f"GET {given.path} HTTP/1.1\r\nhost: localhost\r\n\r\n".encode())
    uvloop.run(pace.run(given.rate, given.seconds))
    everything = [value for values in pace.times.values() for value in values]
    settled = [v for s, values in pace.times.items() for v in values if s] or everything
    result = {
        "statuses": pace.statuses,
        "p50": at(everything, 0.5),
        "p95": at(everything, 0.95),
        "p99": at(everything, 0.99),
        "settled": {"p50": at(settled, 0.5), "p99": at(settled, 0.99)},  # without the first second
        "p95_by_second": [round(at(pace.times[s], 0.95), 1) for s in sorted(pace.times)],
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
