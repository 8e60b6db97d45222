"""What each minute's calls came to, kept for five weeks: by that is known what is usual."""

import contextlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from emulators.gateway.metrics import BOUNDS, Metrics
from emulators.gateway.model.telling.anomalies import History, Minute
from emulators.kit.metrics import Histogram

SECONDS = 60
KEPT = timedelta(days=36)
NEEDED = timedelta(days=29)
"""How far back history goes that is compared with."""
_SERVER_ERROR = 500
_NOBODY = ""  # a line that says alone that the minute was counted


class _Line(msgspec.Struct, omit_defaults=True):
    at: int
    function: str = _NOBODY
    calls: int = 0
    errors: int = 0
    buckets: list[int] = []


class Minutes:
    """Writes a line for each function that was called, once a minute, into a file a day.

    Args:
        folder: Where the files are.
        metrics: The counts, which only grow.
    """

    def __init__(self, folder: Path, metrics: Metrics) -> None:
        self._folder = folder
        self._metrics = metrics
        self._minute = 0
        self._before: dict[str, Minute] = {}

    def note(self, now: float) -> None:
        """Write down the minute that is over, if one is; a full disk loses it, never the gateway.

        Args:
            now: Seconds since 1970.
        """
        minute = int(now // SECONDS)
        if minute == self._minute:
            return
        last, self._minute = self._minute, minute
        sums = _sums(self._metrics.seconds.items())
        if last == minute - 1:  # it was counted from its beginning to its end
            with contextlib.suppress(OSError):
                self._write(last, sums)
        self._before = sums

    def _write(self, minute: int, sums: dict[str, Minute]) -> None:
        lines = [_Line(minute)]
        for function, whole in sums.items():
            new = _less(whole, self._before.get(function))
            if new.calls:
                lines.append(_Line(minute, function, new.calls, new.errors, new.buckets))
        path = self._file(_day(minute))
        if not path.exists():
            self._tidy(minute)
        self._folder.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(msgspec.json.Encoder().encode_lines(lines))

    def _tidy(self, minute: int) -> None:
        oldest = self._file(_day(minute) - KEPT).name
        for path in self._folder.glob("minutes-*.jsonl"):
            if path.name < oldest:
                path.unlink()

    def _file(self, day: datetime) -> Path:
        return self._folder / f"minutes-{day:%Y-%m-%d}.jsonl"

    def histories(self, now: float) -> dict[str, History]:
        """Return what is known of each function, by its label."""
        counted: set[int] = set()
        minutes: dict[str, dict[int, Minute]] = {}
        for line in self._lines(_day(int(now // SECONDS)) - NEEDED):
            counted.add(line.at)
            if line.function:
                found = Minute(line.calls, line.errors, line.buckets)
                minutes.setdefault(line.function, {})[line.at] = found
        return {label: History(own, counted, BOUNDS) for label, own in minutes.items()}

    def _lines(self, since: datetime) -> Iterator[_Line]:
        decoder = msgspec.json.Decoder(_Line)
        first = self._file(since).name
        for path in sorted(self._folder.glob("minutes-*.jsonl")):
            if path.name < first:
                continue
            for text in path.read_bytes().split(b"\n"):
                with contextlib.suppress(msgspec.MsgspecError):  # one that a kill cut off
                    yield decoder.decode(text)


def _day(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * SECONDS, UTC)


def _sums(times: Iterable[tuple[tuple[str, int], Histogram]]) -> dict[str, Minute]:
    sums: dict[str, Minute] = {}
    for (function, code), histogram in times:
        count = histogram.count
        errors = count if code >= _SERVER_ERROR else 0
        one = Minute(count, errors, list(histogram.buckets))
        sums[function] = sums.get(function, Minute()).plus(one)
    return sums


def _less(whole: Minute, before: Minute | None) -> Minute:
    if before is None:
        return whole
    old = before.buckets + [0] * (len(whole.buckets) - len(before.buckets))
    buckets = [a - b for a, b in zip(whole.buckets, old, strict=True)]
    return Minute(whole.calls - before.calls, whole.errors - before.errors, buckets)
