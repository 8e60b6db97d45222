"""The routes by which logs are searched, and by which is told what is unusual."""

import asyncio
import re
import time
from datetime import datetime

import msgspec

from emulators.gateway.apis.admin import Admin
from emulators.gateway.errors import Invalid
from emulators.gateway.http.buffered import Answer, Incoming
from emulators.gateway.minutes import SECONDS, Minutes
from emulators.gateway.model.moments import timestamp
from emulators.gateway.model.telling import anomalies
from emulators.gateway.model.telling.anomalies import Anomaly
from emulators.gateway.model.telling.bands import WINDOW
from emulators.gateway.model.telling.entries import LEVELS, level_of
from emulators.gateway.model.telling.query import LogQuery
from emulators.gateway.service.searching import Logs
from emulators.gateway.specs.durations import moment, whole
from emulators.gateway.specs.names import DEFAULT_NAMESPACE

PARAMETERS = ("name", "level", "trace", "text", "since", "until", "limit")
MOST = 1000
_TRACE = re.compile("[0-9a-f]{32}")
_LOOKED_BACK = 24 * 3600.0  # seconds of a log that say which errors are known


class TellingApi:
    """The routes ``/system/logs/search`` and ``/system/logs/anomalies``.

    Args:
        logs: All logs.
        minutes: What each minute's calls came to.
    """

    def __init__(self, logs: Logs, minutes: Minutes) -> None:
        self._logs = logs
        self._minutes = minutes

    def register(self, admin: Admin) -> None:
        """Add its routes."""
        admin.add("GET", "/system/logs/search", self.search)
        admin.add("GET", "/system/logs/anomalies", self.anomalies)

    async def search(self, incoming: Incoming) -> Answer:
        """Return the lines that are looked for, the newest first."""
        query = self._query(incoming.query)
        found = await asyncio.to_thread(self._logs.search, query)
        return Answer(200, msgspec.json.encode({"lines": found}))

    async def anomalies(self, incoming: Incoming) -> Answer:
        """Return what is unusual in the five minutes before a moment: now, if none is named."""
        query = incoming.query
        _check_names(query, ("name", "at"))
        at = _seconds(query["at"]) if query.get("at") else time.time()
        found = await asyncio.to_thread(self._unusual, self._service(query), at)
        end = int(at // SECONDS) * SECONDS
        told = {
            "since": timestamp(end - WINDOW * SECONDS, "milliseconds"),
            "until": timestamp(end, "milliseconds"),
            "anomalies": found,
        }
        return Answer(200, msgspec.json.encode(told))

    def _unusual(self, service: str, at: float) -> list[Anomaly]:
        end = int(at // SECONDS)
        found: list[Anomaly] = []
        for label, history in sorted(self._minutes.histories(at).items()):
            name = label.removesuffix(f".{DEFAULT_NAMESPACE}")
            if service in ("", name):
                found += anomalies.in_calls(name, history, end)
        since = timestamp(at - _LOOKED_BACK, "milliseconds")
        for name in [service] if service else self._logs.services():
            said = ((_minute(entry.time), entry) for entry in self._logs.own(name, since))
            found += anomalies.in_log(name, said, end)
        return found

    def _query(self, given: dict[str, str]) -> LogQuery:
        _check_names(given, PARAMETERS)
        level = level_of(given["level"]) if given.get("level") else ""
        if given.get("level") and not level:
            raise Invalid(f"level={given['level']!r} is none", f"give one of {', '.join(LEVELS)}")
        if given.get("trace") and not _TRACE.fullmatch(given["trace"]):
            raise Invalid(f"trace={given['trace']!r} is none", "32 of 0-9a-f are wanted")
        return LogQuery(
            self._service(given),
            level,
            given.get("trace", ""),
            given.get("text", ""),
            moment(given["since"], "since") if given.get("since") else "",
            moment(given["until"], "until") if given.get("until") else "",
            whole(given.get("limit", "100"), "limit", 1, MOST),
        )

    def _service(self, given: dict[str, str]) -> str:
        name = given.get("name", "")
        known = self._logs.services()
        if name and name not in known:
            raise Invalid(f"nobody called {name!r} logs here", f"give one of {', '.join(known)}")
        return name


def _check_names(given: dict[str, str], known: tuple[str, ...]) -> None:
    for name in given.keys() - set(known):
        raise Invalid(f"{name!r} is no parameter of this", f"give {', '.join(known)}")


def _seconds(text: str) -> float:
    return datetime.fromisoformat(moment(text, "at")).timestamp()


def _minute(time_of_entry: str) -> int:
    return int(datetime.fromisoformat(time_of_entry).timestamp() // SECONDS)
