"""Lines of logs understood, looked for, and what is unusual in them and in counts of calls."""

import json
import math
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from emulators.gateway.metrics import BOUNDS
from emulators.gateway.model.telling import bands, entries
from emulators.gateway.model.telling.anomalies import (
    Anomaly,
    History,
    Minute,
    in_calls,
    in_log,
    quantile,
)
from emulators.gateway.model.telling.entries import LogEntry
from emulators.gateway.model.telling.query import LogQuery
from emulators.gateway.model.telling.texts import pattern_of
from emulators.gateway.service.searching import Logs

TRACE = "0af7651916cd43dd8448eb211c80319c"
AT = "2026-11-28T06:00:00.000Z"
WEEK, DAY = 7 * 24 * 60, 24 * 60
NOW = 100 * WEEK


@pytest.mark.parametrize(
    ("text", "level", "event", "trace"),
    [
        (
            json.dumps({"event": "it broke", "level": "error", "trace": TRACE}),
            "error",
            "it broke",
            TRACE,
        ),
        ('{"level":"WARN","event":"slow"}', "warning", "slow", ""),
        ('{"level":"odd","event":"x"}', "info", "x", ""),
        ('{"event": cut', "info", '{"event": cut', ""),
        ("[1, 2]", "info", "[1, 2]", ""),
        ("Traceback (most recent call last):", "error", "Traceback (most recent call last):", ""),
        ("ValueError: no", "error", "ValueError: no", ""),
        ("[gateway] replica a was ended by SIGKILL", "error", None, ""),
        ("2026 WARNING something", "warning", None, ""),
        ("an error-free day", "info", None, ""),
        ("", "info", "", ""),
    ],
)
def test_a_replica_s_line_is_understood(
    text: str, level: str, event: str | None, trace: str
) -> None:
    entry = entries.of_function("f", f"{AT} f-1 {text}")
    assert entry is not None
    assert (entry.time, entry.instance, entry.level, entry.trace) == (AT, "f-1", level, trace)
    assert entry.event == (text if event is None else event)
    assert entry.text == text


@pytest.mark.parametrize(
    "word", ["warn", "WARNING", "wrn", "err", "Error", "exception", "FATAL", "ftl"]
)
def test_no_line_that_is_bad_enough_is_passed_over_unread(word: str) -> None:
    line = json.dumps({"event": "x", "level": word})
    entry = entries.of_function("f", f"{AT} f-1 {line}")
    assert entry is not None
    assert entry.level in {"warning", "error", "critical"}
    assert LogQuery(level=entry.level).may_be_in(line.encode())
    assert not LogQuery(level=entry.level).may_be_in(b'{"event": "x", "level": "info"}')


@pytest.mark.parametrize("text", ['say "hi" now', "a\\b\tc", 'the "', "say", "IN", "\u00e9t\u00e9"])
def test_no_line_that_has_a_text_is_passed_over_unread(text: str) -> None:
    line = json.dumps({"event": 'he can say "hi" now in a\\b\tc of the " \u00e9t\u00e9', "x": 1})
    entry = entries.of_function("f", f"{AT} f-1 {line}")
    assert entry is not None
    query = LogQuery(text=text)
    assert (query.takes(entry), query.may_be_in(line.encode())) == (True, True)


@pytest.mark.parametrize(
    "line", ['{"a":' + "[" * 60_000, '{"event":"x","timestamp":"0001-01-01T00:00:00+14:00"}']
)
def test_no_line_that_somebody_writes_ends_a_search(line: str) -> None:
    entry = entries.of_function("f", f"{AT} f-1 {line}")
    assert entry is not None
    assert (entry.time, entry.level) == (AT, "info")
    assert [one.text for one in entries.of_part("p", [line, "{}"])] == []


@pytest.mark.parametrize("line", ["", "one", "two words"])
def test_what_is_no_line_of_a_function_is_passed_over(line: str) -> None:
    assert entries.of_function("f", line) is None


def test_parts_lines_have_times_of_their_own_or_that_of_the_one_before() -> None:
    lines = [
        "  left of what was put aside",
        '{"event": "up", "level": "info", "timestamp": "2026-11-28T07:00:00+01:00"}',
        "Traceback (most recent call last):",
        "[77] 2026/11/28 06:00:01.250000 [WRN] slow consumer",
    ]
    found = list(entries.of_part("nats", lines))
    assert [(entry.time, entry.level) for entry in found] == [
        ("2026-11-28T06:00:00.000Z", "info"),
        ("2026-11-28T06:00:00.000Z", "error"),
        ("2026-11-28T06:00:01.250Z", "warning"),
    ]


def test_a_call_is_a_word_of_its_function() -> None:
    told: dict[str, object] = {
        "time": AT,
        "call": "1",
        "function": "f.openfaas-fn",
        "revision": "f-1",
        "method": "GET",
    }
    told |= {"path": "/x", "status": 503, "duration_ms": 1.5, "trace": TRACE, "replica": "f-1-a"}
    entry = entries.of_call("openfaas-fn", json.dumps(told))
    assert entry is not None
    assert (entry.service, entry.level, entry.trace) == ("f", "error", TRACE)
    assert entry.event == "GET /x 503 in 1.5 ms"
    other = json.dumps(told | {"function": "f.other", "status": 200})
    assert (entry := entries.of_call("openfaas-fn", other)) is not None
    assert (entry.service, entry.level) == ("f.other", "info")
    assert entries.of_call("openfaas-fn", "{}") is None


@pytest.mark.parametrize(
    ("event", "pattern"),
    [
        ("job 7 failed after 1.5 s", "job <number> failed after <number> s"),
        ("no model 'titanic' here", "no model <text> here"),
        (f"trace {TRACE} is lost", "trace <id> is lost"),
        ("id 123e4567-e89b-12d3-a456-426614174000", "id <id>"),
        ("cannot write /data/x/7.log", "cannot write <path>"),
        ("a deadbeef", "a deadbeef"),
        ("", ""),
    ],
)
def test_texts_are_alike_but_for_what_differs_each_time(event: str, pattern: str) -> None:
    assert pattern_of(event) == pattern
    assert pattern_of(pattern_of(event)) == pattern


# Bands


def test_a_band_stands_whatever_a_tenth_of_the_past_was_like() -> None:
    past = [10.0] * 18 + [10_000.0] * 2
    assert bands.band(past) == bands.Band(4.0, 10.0, 16.0)


@pytest.mark.parametrize("past", [[], [1.0], [1.0] * 19])
def test_too_little_tells_nothing(past: list[float]) -> None:
    assert bands.band(past) is None


def test_what_never_was_but_nought_has_a_band() -> None:
    past = [0.0] * 30
    assert bands.band(past, bands.count_floor(past)) == bands.Band(-6.0, 0.0, 6.0)


def test_like_is_compared_with_like() -> None:
    """The same time of the week where that is known; else of the day; else the last hours."""

    def by_week(end: int) -> float:
        return float((end // DAY) % 7 == (NOW // DAY) % 7)

    assert set(bands.like(NOW + 600, by_week)) == {1.0}
    assert len(bands.like(NOW + 600, by_week)) == 4 * 13

    def since(first: int) -> Callable[[int], float | None]:
        return lambda end: float(end) if end >= first else None

    assert len(bands.like(NOW, since(NOW - 3 * DAY))) == 2 * 13 + 7
    recent = bands.like(NOW, since(NOW - 120))
    assert (min(recent), max(recent)) == (NOW - 120, NOW - 5)
    assert bands.like(NOW, since(NOW - 60)) == []


@pytest.mark.parametrize(
    ("errors", "calls", "rate", "chance"),
    [
        (0, 10, 0.5, 1.0),
        (1, 1, 0.25, 0.25),
        (2, 2, 0.5, 0.25),
        (1, 2, 0.5, 0.75),
        (5, 10, 1.0, 1.0),
        (1, 5, 0.0, 0.0),
        (11, 10, 0.5, 0.0),
    ],
)
def test_chances_are_the_binomial_s(errors: int, calls: int, rate: float, chance: float) -> None:
    assert bands.chance_of(errors, calls, rate) == pytest.approx(chance)


def test_a_chance_that_is_none_is_not_summed_up_to_the_last_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    summed: list[float] = []

    def exp(power: float) -> float:
        summed.append(power)
        return math.exp(power)

    monkeypatch.setattr(bands, "exp", exp)
    assert bands.chance_of(100_000, 200_000, 0.001) == 0.0
    assert len(summed) < 10


def test_quantiles_lie_within_their_bucket() -> None:
    assert quantile(0.5, [0, 10, 0], (1.0, 2.0)) == 1.5
    assert quantile(0.95, [0, 0, 10], (1.0, 2.0)) == 2.0
    assert quantile(0.5, [4, 0, 0], (1.0, 2.0)) == 0.5


# Calls


def usual_minute(minute: int, draw: random.Random) -> Minute:
    """Busy by day, quiet by night, quieter at weekends; a call in a thousand fails."""
    hour, weekday = minute // 60 % 24, minute // DAY % 7
    rate = (40 if 8 <= hour < 20 else 4) * (0.25 if weekday >= 5 else 1.0)
    calls = sum(draw.random() < rate / 100 for _ in range(100))
    buckets = [0] * (len(BOUNDS) + 1)
    for _ in range(calls):
        buckets[draw.choice((2, 2, 2, 3))] += 1
    return Minute(calls, sum(draw.random() < 0.001 for _ in range(calls)), buckets)


@pytest.fixture(scope="module")
def weeks() -> dict[int, Minute]:
    """Five weeks of minutes, which end at NOW + 1 day: a Monday's midnight comes first."""
    draw = random.Random(7)
    return {at: usual_minute(at, draw) for at in range(NOW - 4 * WEEK - DAY, NOW + DAY)}


def kinds(minutes: dict[int, Minute], end: int) -> set[str]:
    history = History(minutes, set(minutes), BOUNDS)
    return {one.kind for one in in_calls("f", history, end)}


def test_a_usual_day_is_quiet(weeks: dict[int, Minute]) -> None:
    found = [end for end in range(NOW, NOW + DAY, bands.WINDOW) if kinds(weeks, end)]
    assert len(found) <= 3, "of 288 windows, each looked at in three ways"


def changed(weeks: dict[int, Minute], end: int, minute: Minute) -> dict[int, Minute]:
    return weeks | dict.fromkeys(range(end - bands.WINDOW, end), minute)


def buckets(place: int, calls: int) -> list[int]:
    return [calls if at == place else 0 for at in range(len(BOUNDS) + 1)]


NOON = NOW + 12 * 60
NIGHT = NOW + 3 * 60


@pytest.mark.parametrize(
    ("end", "minute", "found"),
    [
        (NOON, Minute(), {"calls"}),
        (NIGHT, Minute(), set()),  # hardly anybody calls at night
        (NOON, Minute(40, 0, buckets(2, 40)), set()),
        (NIGHT, Minute(40, 0, buckets(2, 40)), {"calls"}),  # as many as by day
        (NOON, Minute(40, 0, buckets(7, 40)), {"latency"}),
        (NOON, Minute(40, 4, buckets(2, 40)), {"errors"}),
        (NOON, Minute(400, 0, buckets(2, 400)), {"calls"}),
    ],
)
def test_what_is_off_its_band_is_told(
    weeks: dict[int, Minute], end: int, minute: Minute, found: set[str]
) -> None:
    assert kinds(changed(weeks, end, minute), end) == found


def test_one_odd_week_makes_nothing_usual(weeks: dict[int, Minute]) -> None:
    odd = weeks | {
        at - WEEK: Minute(4000, 0, buckets(2, 4000)) for at in range(NOON - 60, NOON + 60)
    }
    assert kinds(changed(odd, NOON, Minute(400, 0, buckets(2, 400))), NOON) == {"calls"}


def test_minutes_that_nobody_counted_are_no_silence(weeks: dict[int, Minute]) -> None:
    silent = changed(weeks, NOON, Minute())
    counted = set(silent) - {NOON - 2}
    assert in_calls("f", History(silent, counted, BOUNDS), NOON) == []


# Logs


def said(minute: int, level: str, event: str, trace: str = "") -> tuple[int, LogEntry]:
    return minute, LogEntry(AT, "f", level, event, trace, "", event)


def test_an_error_that_was_never_seen_is_new_and_one_that_was_is_not() -> None:
    log = [said(at, "error", f"call {at} was refused") for at in range(0, 100, 10)]
    log += [
        said(98, "error", "call 7 was refused"),
        said(99, "warning", "the lease of 9 is gone", TRACE),
    ]
    log += [said(99, "warning", "the lease of 10 is gone"), said(99, "info", "a new word")]
    assert in_log("f", log, 100) == [
        Anomaly("f", "new_text", 2.0, text="the lease of <number> is gone",
                example="the lease of 9 is gone", trace=TRACE)
    ]  # fmt: skip


def test_a_log_that_begins_has_nothing_new() -> None:
    assert in_log("f", [said(99, "error", "first word")], 100) == []


def test_a_burst_is_more_than_the_log_has_always_had() -> None:
    steady = [said(at, "error", "as ever") for at in range(200)]
    assert in_log("f", steady, 200) == []
    (burst,) = in_log("f", steady + [said(199, "error", "as ever")] * 100, 200)
    assert (burst.kind, burst.value, burst.usual) == ("log_errors", 105.0, 5.0)
    quiet = [said(0, "info", "up")] + [said(199, "error", "as ever")] * 4
    assert [one.kind for one in in_log("f", quiet, 200)] == ["new_text"]


def test_what_comes_after_the_moment_is_not_looked_at() -> None:
    later = [said(0, "info", "up")] + [said(250, "error", "later")] * 100
    assert in_log("f", later, 200) == []


# Looking


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    """Two functions, calls, and a part."""
    own, parts = tmp_path / "own", tmp_path / "parts"
    own.mkdir()
    parts.mkdir()

    def at(second: int) -> str:
        return f"2026-11-28T06:00:{second:02}.000Z"

    (own / "a.log.1").write_text(f"{at(1)} a-1 the oldest\n")
    lines = [
        f'{at(3)} a-1 {{"event": "it broke", "level": "error", "trace": "{TRACE}"}}',
        f"{at(5)} a-2 plain WORD",
    ]
    (own / "a.log").write_text("\n".join(lines) + "\n")
    (own / "b.log").write_text(f"{at(2)} b-1 of b\n{at(6)} b-1 cut")
    call = {"time": at(4), "function": "a.openfaas-fn", "method": "GET", "path": "/", "status": 500}
    (own / "access.log").write_text(json.dumps(call | {"duration_ms": 1, "trace": TRACE}) + "\n")
    part = {"event": "no leaf", "level": "warning", "timestamp": at(7), "trace": TRACE}
    (parts / "firestore.log").write_text(json.dumps(part) + "\n  and more\n")
    return Logs(lambda: {"a": own / "a.log", "b": own / "b.log"}, own, parts)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (LogQuery(), [7, 7, 6, 5, 4, 3, 2, 1]),
        (LogQuery(limit=2), [7, 7]),
        (LogQuery(service="a"), [5, 4, 3, 1]),
        (LogQuery(service="firestore"), [7, 7]),
        (LogQuery(level="warning"), [7, 4, 3]),
        (LogQuery(level="error"), [4, 3]),
        (LogQuery(trace=TRACE), [7, 4, 3]),
        (LogQuery(text="word"), [5]),
        (LogQuery(text="IT BROKE"), [3]),
        (LogQuery(text="GET / 500 in"), [4]),
        (LogQuery(text="ß"), []),
        (LogQuery(since="2026-11-28T06:00:05.000Z"), [7, 7, 6, 5]),
        (LogQuery(until="2026-11-28T06:00:03.000Z"), [2, 1]),
        (LogQuery(service="none"), []),
    ],
)
def test_lines_are_found_the_newest_first(logs: Logs, query: LogQuery, found: list[int]) -> None:
    assert [int(entry.time[17:19]) for entry in logs.search(query)] == found


def test_all_who_log_are_known(logs: Logs) -> None:
    assert logs.services() == ["a", "b", "firestore"]


@pytest.mark.parametrize("length", [1, 100, 262_143, 262_144, 262_145, 600_000])
def test_a_line_over_several_blocks_is_whole(tmp_path: Path, length: int) -> None:
    (tmp_path / "a.log").write_text(f"{AT} a-1 {'x' * length}end\n{AT} a-1 last\n")
    logs = Logs(lambda: {"a": tmp_path / "a.log"}, tmp_path, None)
    last, first = logs.search(LogQuery())
    assert (first.event, last.event) == ("x" * length + "end", "last")
    assert logs.search(LogQuery(text="xend")) == [first]
