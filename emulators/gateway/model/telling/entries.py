"""Lines of logs, understood: who said what when, how bad it is, and of which trace (pure)."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

LEVELS = ("debug", "info", "warning", "error", "critical")
_SAME = {"warn": "warning", "wrn": "warning", "err": "error", "exception": "error"}
_SAME |= {"fatal": "critical", "ftl": "critical", "inf": "info", "dbg": "debug", "trc": "debug"}
_WORD = re.compile(
    r"\[(INF|WRN|ERR|FTL|DBG|TRC)\]|\b(DEBUG|INFO|WARN|WARNING|ERROR|CRITICAL|FATAL)\b"
)
_FAULT = re.compile(r"Traceback \(most recent call last\)|^\w*(?:Error|Exception): | was ended by ")
_NATS = re.compile(r"\[\d+\] (\d{4})/(\d\d)/(\d\d) (\d\d:\d\d:\d\d\.\d+) ")
_SERVER_ERROR = 500
_Object = msgspec.json.Decoder(dict[str, Any])


class LogEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line.

    Attributes:
        time: RFC 3339 in UTC, with milliseconds.
        service: The function or part that said it.
        level: One of LEVELS.
        event: What happened, in its words.
        trace: The trace's id.
        instance: The replica.
        text: The whole line as it was written.
    """

    time: str
    service: str
    level: str
    event: str
    trace: str = ""
    instance: str = ""
    text: str = ""

    @property
    def rank(self) -> int:
        """How bad it is: 0 is least."""
        return LEVELS.index(self.level)


def level_of(word: str) -> str:
    """Return the level that a word stands for, "" where it stands for none."""
    word = word.lower()
    word = _SAME.get(word, word)
    return word if word in LEVELS else ""


def of_function(service: str, line: str) -> LogEntry | None:
    """Read a line of a function's log: ``<time> <replica> <text>``; None where it is none."""
    parts = line.split(" ", 2)
    if len(parts) < 3:
        return None
    time, instance, text = parts
    level, event, trace, _ = _understood(text)
    return LogEntry(time, service, level, event, trace, instance, text)


def of_part(service: str, lines: list[str]) -> Iterator[LogEntry]:
    """Read lines of a part's log, oldest first; one that says no time has that of the one before.

    Lines before the first time are left out: they belong to what is not there any more.
    """
    time = ""
    for line in lines:
        level, event, trace, said = _understood(line)
        time = said or time
        if time and line.strip():
            yield LogEntry(time, service, level, event, trace, "", line)


def of_call(namespace: str, line: str) -> LogEntry | None:
    """Read a line of the access log as a word of the function that was called.

    Args:
        namespace: The one that is not part of a service's name.
        line: The line.
    """
    found = _object(line)
    if found is None or "status" not in found:
        return None
    level = "error" if found["status"] >= _SERVER_ERROR else "info"
    event = f"{found['method']} {found['path']} {found['status']} in {found['duration_ms']} ms"
    service = str(found["function"]).removesuffix(f".{namespace}")
    trace, replica = found.get("trace", ""), found.get("replica", "")
    return LogEntry(found["time"], service, level, event, trace, replica, line)


def _understood(text: str) -> tuple[str, str, str, str]:
    """Return a line's level, event, trace and time; the last two are "" where it has none."""
    found = _object(text)
    if found is not None and "event" in found:
        level = level_of(str(found.get("level", ""))) or "info"
        time = normal_time(str(found.get("timestamp", "")))
        return level, str(found["event"]), str(found.get("trace", "")), time
    if _FAULT.search(text):
        return "error", text, "", ""
    word = _WORD.search(text)
    level = level_of(word[1] or word[2]) if word else "info"
    date = _NATS.match(text)
    time = normal_time(f"{date[1]}-{date[2]}-{date[3]}T{date[4]}Z") if date else ""
    return level, text, "", time


def _object(text: str) -> dict[str, Any] | None:
    if not text.startswith("{"):
        return None
    try:
        return _Object.decode(text)
    except (msgspec.MsgspecError, RecursionError):  # it is nested too deep
        return None


def normal_time(text: str) -> str:
    """Return a time of ISO 8601 as RFC 3339 in UTC with milliseconds; "" where it is none."""
    try:
        moment = datetime.fromisoformat(text)
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):  # none, or in no year that there is
        return ""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
