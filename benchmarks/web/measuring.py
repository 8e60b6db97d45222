"""How long a page takes, and what it weighs on the wire."""

import re
import statistics
import time
from typing import NamedTuple

import httpx

_ASSET = re.compile(r'<(?:script[^>]* src|link rel="stylesheet" href)="([^"]+)"')
CHARTS = "vega"


class Took(NamedTuple):
    """Milliseconds of some calls: their median, the slowest, and the 95th of a hundred."""

    median: float
    worst: float
    p95: float


def timed(client: httpx.Client, path: str, times: int, warm: int = 2) -> Took:
    """Load a page again and again, on one connection; exit where it is none."""
    found = []
    for number in range(times + warm):
        began = time.perf_counter()
        answer = client.get(path)
        took = (time.perf_counter() - began) * 1000
        if answer.status_code != httpx.codes.OK:
            raise SystemExit(f"{path}: {answer.status_code} {answer.text[:300]}")
        if number >= warm:
            found.append(took)
    ordered = sorted(found)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))]
    return Took(statistics.median(found), ordered[-1], p95)


class Scale:
    """Weighs pages: a page is what comes for itself and for its styles and scripts, without charts.

    Args:
        client: a reader's.
    """

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self._known: dict[str, int] = {}

    def weigh(self, path: str) -> int:
        """Return the bytes of a page as they are sent to a browser that has nothing of it."""
        size, text = self._sent(path)
        assets = {one for one in _ASSET.findall(text) if CHARTS not in one}
        return size + sum(self._asset(one) for one in assets)

    def _asset(self, path: str) -> int:
        if path not in self._known:
            self._known[path] = self._sent(path)[0]
        return self._known[path]

    def _sent(self, path: str) -> tuple[int, str]:
        with self._client.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as answer:
            answer.read()
            return answer.num_bytes_downloaded, answer.text
